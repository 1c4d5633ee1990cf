/// What is wrong with a project, or with what is asked of it.
public enum CopickError: Error, Sendable, Hashable {
  case input(InputError)
  case notJSON(file: String, JSONSyntaxError)
  /// A value of a JSON or YAML file: `problem` names it and says what is wrong, `expected` what it should be.
  case invalid(file: String, problem: String, expected: String?)
  case nameNotClean(file: String, what: String, String)
  case labelZero(file: String, object: String)
  case otherType(file: String, String)
  case remoteRoot(file: String, key: String, String)
  case noRoot(key: String, String, currentFolder: String, isFile: Bool)
  case noRuns(project: String)
  case noRun(String, runs: [String])
  case noTomogram(run: String?, TomogramURI, available: [String])
  case severalTomograms(run: String, TomogramURI, matches: [String])
  case noSegmentation(run: String?, SegmentationTarget, VoxelSpacing, available: [String])
  case notLabels(path: String, SegmentationType)
  /// No picks of a user and a session, `USER/SESSION`.
  case noPicks(run: String?, String, available: [String])
  /// None of the names is a particle that can be looked for.
  case noParticle([String], particles: [String])
  /// An object takes part in localisation and lacks what that needs.
  case incomplete(file: String, object: String, what: String)
  /// An argument of a command: `problem` says what is wrong with it.
  case badText(problem: String, example: String)
  /// The name is taken in the static root, where nobody would read ours.
  case staticHas(String, suggestion: String)
  case logDiffers(path: String, what: String)

  /// Reads JSON.
  static func json(_ bytes: [UInt8], file: String) throws(CopickError) -> PythonValue {
    do throws(JSONSyntaxError) { return try PythonJSON.value(bytes) } catch { throw .notJSON(file: file, error) }
  }
}

extension CopickError: Failure {
  public var kind: FailureKind {
    switch self {
    case .input(let error): error.kind
    case .notJSON, .invalid, .nameNotClean, .labelZero, .notLabels, .incomplete: .damaged
    case .otherType, .remoteRoot: .unsupported
    case .noRoot, .noRuns, .noRun, .noTomogram, .noSegmentation, .noPicks, .noParticle: .missing
    case .severalTomograms, .badText: .usage
    case .staticHas, .logDiffers: .cannotCreate
    }
  }

  public var message: String {
    switch self {
    case .input(let error): return error.message
    case .notJSON(let file, let error): return "'\(file)' is not JSON: line \(error.line), column \(error.column): \(error.reason)"
    case .invalid(let file, let problem, _): return "'\(file)': \(problem)"
    case .nameNotClean(let file, let what, let name):
      return "'\(file)': \(what) '\(name)' " + (name.isEmpty ? "is empty" : "has characters that file names of a project cannot have")
    case .labelZero(let file, let object): return "'\(file)': object '\(object)' has label 0, which is the background"
    case .otherType(let file, let type):
      let isKnown = type == "cryoet_data_portal" || type == "mlcroissant"
      return "'\(file)': config_type '\(type)' " + (isKnown ? "needs the network" : "is not known")
    case .remoteRoot(_, let key, let url): return "\(key) '\(url)': only local folders are supported"
    case .noRoot(let key, let path, _, let isFile): return "\(key) '\(path)' " + (isFile ? "is not a folder" : "does not exist")
    case .noRuns(let project): return "project '\(project)' has no runs"
    case .noRun(let name, _): return "project has no run '\(name)'"
    case .noTomogram(let run, let uri, _):
      return (run.map { "run '\($0)' has no" } ?? "no run has a") + " tomogram '\(uri.type)' at \(uri.spacing)"
    case .severalTomograms(let run, let uri, _): return "run '\(run)' has several tomograms '\(uri.type)' at \(uri.spacing)"
    case .noSegmentation(let run, let target, let spacing, _):
      return (run.map { "run '\($0)' has no" } ?? "no run has a") + " segmentation \(target) at \(spacing)"
    case .noPicks(let run, let picks, _): return (run.map { "run '\($0)' has no" } ?? "no run has") + " picks of '\(picks)'"
    case .notLabels(let path, let type): return "'\(path)' is of the type '\(type.rawValue)', which has no labels of objects"
    case .noParticle(let names, _): return "no particle " + names.map { "'\($0)'" }.joined(separator: ", ")
    case .incomplete(let file, let object, let what): return "'\(file)': object '\(object)' has no \(what)"
    case .badText(let problem, _): return problem
    case .staticHas(let path, _): return "'\(path)' is in the read-only part of the project"
    case .logDiffers(let path, let what): return "'\(path)' was written with other \(what)"
    }
  }

  public var remedy: String? {
    switch self {
    case .input(let error): return error.remedy
    case .notJSON: return "comments and trailing commas are not allowed"
    case .invalid(_, _, let expected): return expected
    case .nameNotClean(_, _, let name): return CleanName.sanitized(name).map { "use '\($0)'" } ?? "use letters, digits and '-'"
    case .labelZero: return "give it a label from 1 on"
    case .otherType(let file, let type):
      return type.lowercased() == "filesystem" ? "write \"config_type\": \"filesystem\"" : CopickError.syncRemedy(from: file)
    case .remoteRoot(let file, _, _): return CopickError.syncRemedy(from: file)
    case .noRoot(_, _, let folder, _): return "relative roots start at the current folder, here '\(folder)'"
    case .noRuns: return "a run is a folder in 'ExperimentRuns' of the static or the overlay root"
    case .noRun(let name, let runs): return CopickError.suggestion(for: name, of: runs)
    case .noTomogram(_, let uri, let available): return uri.suggestion(of: available)
    case .severalTomograms(_, _, let matches): return "they are: \(matches.joined(separator: ", ")). Name one with --tomo-uri"
    case .noSegmentation(_, let target, let spacing, let available): return target.suggestion(of: available, at: spacing)
    case .noPicks(_, let picks, let available):
      if available.isEmpty { return "there are none. Make them with 'octopi localize'" }
      let closest = closestNames(to: picks, in: available).first.map { ". Try --picks \($0)" } ?? ""
      return "there are: \(CopickError.list(available))\(closest)"
    case .notLabels: return "use a binary or a multilabel segmentation"
    case .noParticle(let names, let particles): return CopickError.suggestion(for: names.first ?? "", of: particles)
    case .incomplete(_, let object, _): return "give it one, or leave '\(object)' out with --pick-objects"
    case .badText(_, let example): return "write it like \(example)"
    case .staticHas(_, let suggestion): return "use \(suggestion)"
    case .logDiffers: return "one name for one model: use another --seg-uri, or --overwrite"
    }
  }

  private static func suggestion(for name: String, of names: [String]) -> String {
    if names.isEmpty { return "there are none" }
    let closest = closestNames(to: name, in: names).map { "'\($0)'" }
    return (closest.isEmpty ? "there are: " : "did you mean \(closest.joined(separator: ", "))? There are: ") + list(names)
  }

  /// How a project that is elsewhere comes here (copick 1.31 `copick sync`).
  private static func syncRemedy(from file: String) -> String {
    """
    copy it here: copick sync tomograms -c \(shellWord(file)) --target-config local.json
    (likewise 'copick sync picks' and 'segmentations'; local.json: a configuration with a local overlay_root and the same objects)
    """
  }

  /// Calls what reads files.
  static func reading<Value>(_ body: () throws(InputError) -> Value) throws(CopickError) -> Value {
    do throws(InputError) { return try body() } catch { throw .input(error) }
  }

  /// All names, or the first twenty of many.
  static func list(_ names: [String]) -> String {
    names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " and \(names.count - 20) more" : "")
  }
}
