/// What keeps picks from being written for another program.
public enum StarError: Error, Sendable, Hashable {
  case input(InputError)
  case syntax(file: String, line: Int, problem: String)
  /// A file that is no `tomograms.star`: no block has all these columns.
  case noColumns(file: String, [String])
  case notPositive(file: String, line: Int, column: String, value: String)
  /// The file of tomograms does not have a run.
  case noTomogram(run: String, file: String, names: [String])
  /// STAR files cannot have the name of this run in a cell.
  case nameIsNoCell(run: String)
  /// The flavour needs the pixel size of the tilt series.
  case noPixelSize(flavour: StarFlavour)
  /// The flavour has no use for an option.
  case noUse(option: String, flavour: StarFlavour)
  /// The size of a run's tomogram is needed and was not given.
  case noSize(run: String)
}

extension StarError: Failure {
  public var kind: FailureKind {
    switch self {
    case .input(let error): error.kind
    case .syntax, .noColumns, .notPositive, .nameIsNoCell: .damaged
    case .noTomogram, .noSize: .missing
    case .noPixelSize, .noUse: .usage
    }
  }

  public var message: String {
    switch self {
    case .input(let error): error.message
    case .syntax(let file, let line, let problem): "'\(file)' is no STAR file: line \(line): \(problem)"
    case .noColumns(let file, let columns): "'\(file)' lists no tomograms: no block has " + columns.map { "_\($0)" }.joined(separator: ", ")
    case .notPositive(let file, let line, let column, let value): "'\(file)': line \(line): _\(column) is '\(value)', not a number above 0"
    case .noTomogram(let run, let file, _): "'\(file)' has no tomogram '\(run)'"
    case .nameIsNoCell(let run): "run '\(run)' has a name that STAR files cannot have"
    case .noPixelSize(let flavour): "flavour '\(flavour.rawValue)' has coordinates in pixels of the tilt series, whose size is not known"
    case .noUse(let option, let flavour): "flavour '\(flavour.rawValue)' has no use for \(option)"
    case .noSize(let run): "the size of the tomogram of run '\(run)' is not known"
    }
  }

  public var remedy: String? {
    switch self {
    case .input(let error): return error.remedy
    case .syntax, .noColumns: return "give RELION's tomograms.star, or the pixel size with --tilt-series-pixel-size"
    case .notPositive: return "mend the file, or give the pixel size with --tilt-series-pixel-size"
    case .noTomogram(let run, _, let names):
      let closest = closestNames(to: run, in: names).map { "'\($0)'" }
      let question = closest.isEmpty ? "" : "did you mean \(closest.joined(separator: ", "))? "
      return question + "_rlnTomoName must be the name of the run. It has: \(names.isEmpty ? "none" : CopickError.list(names))"
    case .nameIsNoCell:
      return "no blanks, '#', quotes, and no '_' or 'data_' at the beginning: rename its folder, leave it out with --run-ids, or use --format csv"
    case .noUse: return "leave it out, or choose another --star-flavour: " + StarFlavour.allCases.map(\.rawValue).joined(separator: ", ")
    case .noSize: return "name a tomogram that the run has with --tomo-uri, or give --tomograms-star"
    case .noPixelSize: return "give --tilt-series-pixel-size A (unbinned, in angstrom) or --tomograms-star tomograms.star"
    }
  }
}
