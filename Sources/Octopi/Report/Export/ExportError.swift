/// What keeps results from being exported.
public enum ExportError: Error, Sendable, Hashable {
  /// A lowest score was asked for, and the picks tell of none.
  case noScores(picks: String)
  /// Tomograms of one run have several sizes, and nobody said which counts.
  case severalSizes(run: String, [String])
  /// One file of coordinates holds one object of one run.
  case severalLists(path: String, lists: Int)
  /// One MRC file holds the labels of one run.
  case severalRuns(path: String, [String])
  /// A label that MRC files have no number for.
  case labelTooHigh(path: String, String)
  /// No picks are left.
  case nothing(picks: String)
}

extension ExportError: Failure {
  public var kind: FailureKind {
    switch self {
    case .noScores, .severalSizes, .severalLists, .severalRuns: .usage
    case .labelTooHigh: .unsupported
    case .nothing: .missing
    }
  }

  public var message: String {
    switch self {
    case .noScores(let picks): "--min-score: picks of '\(picks)' have no scores: all are 1"
    case .severalSizes(let run, _): "run '\(run)' has tomograms of several sizes"
    case .severalLists(let path, let lists): "'\(path)': a .coords file holds one object of one run, here are \(lists)"
    case .severalRuns(let path, let runs): "'\(path)': an MRC file holds the labels of one run, here are \(runs.count)"
    case .labelTooHigh(let path, let label): "'\(path)' has a label \(label), MRC files hold labels from 0 to \(MRCLabelFile.highestLabel)"
    case .nothing(let picks): "nothing to export: the chosen files of '\(picks)' hold no picks"
    }
  }

  public var remedy: String? {
    switch self {
    case .noScores: "leave out --min-score: picks made from labels alone score 1"
    case .severalSizes(_, let uris): "say which counts: --tomo-uri " + uris.joined(separator: ", or ")
    case .severalLists: "give a folder as --output, or choose with --run-ids and --pick-objects"
    case .severalRuns(_, let runs): "give a folder as --output, or choose with --run-ids: " + CopickError.list(runs)
    case .labelTooHigh: "number the labels anew"
    case .nothing: "choose other objects, runs or a lower --min-score"
    }
  }
}
