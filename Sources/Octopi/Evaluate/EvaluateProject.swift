import Kernels
import Synchronization

/// Which picks of which project are judged, and how.
public struct EvaluateRequest: Sendable, Hashable {
  /// The project's configuration, as typed.
  public let configuration: String
  public let truthUser: String
  /// nil: any.
  public var truthSession: String?
  public var predictionUser = "octopi"
  public var predictionSession: String? = "1"
  /// nil: all of the project.
  public var runs: [String]?
  /// nil: all particles.
  public var objects: [String]?
  public var distanceThresholdScale = 0.8
  public var beta = 4

  public init(configuration: String, truthUser: String) {
    self.configuration = configuration
    self.truthUser = truthUser
  }
}

/// Judges the picks of a project's runs against its true picks: `octopi evaluate`.
///
///     let job = try EvaluateProject(request)
///     let scores = try job.evaluate(on: pool)
///     let files = try job.write(scores.evaluation, to: "scores", outputs)
public struct EvaluateProject: Sendable {
  public let query: EvaluationQuery
  public let objects: EvaluatedObjects
  public let runs: [Run]
  /// What a person should know about the project.
  public let warnings: [Warning]
  private let evaluator: Evaluator

  /// Opens the project; no picks are read.
  public init(_ request: EvaluateRequest) throws {
    let project = try Project(file: request.configuration)
    query = EvaluationQuery(
      configuration: request.configuration, truthUser: request.truthUser, truthSession: request.truthSession,
      predictionUser: request.predictionUser, predictionSession: request.predictionSession, runs: request.runs)
    let particles = try project.configuration.particles.map { object throws(EvaluateError) in
      try EvaluatedObject(name: object.name, radius: object.radius, weight: object.weight)
    }
    objects = try EvaluatedObjects(available: particles, requested: request.objects)
    evaluator = try Evaluator(
      objects: objects.selected, distanceThresholdScale: request.distanceThresholdScale, beta: request.beta)
    runs = try request.runs.map { names throws(CopickError) in try project.runs(named: names) } ?? project.runs()
    if runs.isEmpty { throw CopickError.noRuns(project: request.configuration) }
    warnings = project.warnings
  }

  /// Scores, and what a person should know about the picks that they rest on.
  public struct Scores: Sendable {
    public let evaluation: Evaluation
    public let warnings: [Warning]
    /// Picks that were asked for and are not there: run, object, what there is.
    public let missing: [String]
  }

  /// Reads and compares all picks.
  public func evaluate(on pool: ThreadPool) throws -> Scores {
    let remarks = RemarkBook()
    let runOfName = Dictionary(runs.map { ($0.name, $0) }) { first, _ in first }
    let evaluation = try evaluator.evaluate(runs: runs.map(\.name), pool: pool) { name, object in
      guard let run = runOfName[name] else { return PicksPair(truth: [], prediction: []) }
      let truth = try centres(of: object, in: run, user: query.truthUser, session: query.truthSession, remarks)
      let prediction = try centres(of: object, in: run, user: query.predictionUser, session: query.predictionSession, remarks)
      return PicksPair(truth: truth, prediction: prediction)
    }
    let found = remarks.all
    return Scores(evaluation: evaluation, warnings: found.warnings(query), missing: found.missing.sorted(by: precedesByCodePoints))
  }

  /// Writes `average_metrics.yaml`, then `metrics.json`, as octopi does; older ones are replaced. Returns their paths in this order.
  public func write(_ evaluation: Evaluation, to folder: String, _ outputs: Outputs) throws(OutputError) -> [String] {
    let paths = EvaluateProject.paths(in: folder)
    for (path, text) in zip(paths, [evaluation.averageMetricsYAML(query), evaluation.metricsJSON(query)]) {
      try outputs.write(Array(text.utf8), to: path, existing: .replace)
    }
    return paths
  }

  /// What `write` writes.
  public static func paths(in folder: String) -> [String] { ["average_metrics.yaml", "metrics.json"].map(OutputPath(folder).child) }

  /// The centres of the first file of picks that matches; none without a file.
  private func centres(
    of object: String, in run: Run, user: String, session: String?, _ book: RemarkBook
  ) throws -> [ParticleCentre] {
    let listing = try run.picks(of: object, user: user, session: session)
    let sessions = Set(listing.entries.map(\.session)).sorted(by: precedesByCodePoints)
    let others = listing.entries.isEmpty ? try run.picks().entries.filter { isSameText($0.object, object) } : []
    book.add { remarks in
      remarks.notes.formUnion(listing.warnings)
      guard let first = listing.entries.first else {
        let wanted = "\(object):\(user)" + (session.map { "/\($0)" } ?? ""), there = others.map { "\($0.user)/\($0.session)" }
        remarks.owners.formUnion(others.map { "\($0.user)/\($0.session)" })
        remarks.missing.append("run '\(run.name)' has no picks \(wanted); it has: " + (there.isEmpty ? "none" : there.joined(separator: ", ")))
        return
      }
      remarks.found.insert(user)
      if sessions.count > 1 { remarks.several.append((user, first.session, sessions)) }
    }
    return try listing.entries.first?.centres() ?? []
  }
}

/// What comes up while several threads look for picks.
private final class RemarkBook: Sendable {
  private let remarks = Mutex(Remarks())
  var all: Remarks { remarks.withLock { $0 } }
  func add(_ body: (inout Remarks) -> Void) { remarks.withLock { body(&$0) } }
}

private struct Remarks {
  var notes: Set<Warning> = []
  var missing: [String] = []
  /// Whose picks there are instead of those that were asked for: USER/SESSION.
  var owners: Set<String> = []
  /// Users with any picks.
  var found: Set<String> = []
  /// User, session that was taken, sessions that there are.
  var several: [(user: String, taken: String, all: [String])] = []

  /// One warning per kind, not one per run and object.
  func warnings(_ query: EvaluationQuery) -> [Warning] {
    var warnings = notes.sorted { precedesByCodePoints($0.message, $1.message) }
    for user in [query.truthUser, query.predictionUser] {
      let mine = several.filter { isSameText($0.user, user) }
      guard let first = mine.first else { continue }
      let places = mine.count == 1 ? "" : ", in \(mine.count) places"
      let option = isSameText(user, query.truthUser) ? "--ground-truth-session-id" : "--predict-session-id"
      warnings.append(
        Warning(
          "picks of '\(user)' have several sessions (\(first.all.joined(separator: ", "))); '\(first.taken)' was taken\(places)",
          remedy: "say which: \(option) \(first.taken)"))
    }
    for (user, session) in [(query.truthUser, query.truthSession), (query.predictionUser, query.predictionSession)]
    where !found.contains(user) {
      warnings.append(
        Warning("no run has picks of '\(user)'" + (session.map { " with session '\($0)'" } ?? ""), remedy: suggestion(for: user, session)))
    }
    return warnings
  }

  private func suggestion(for user: String, _ session: String?) -> String? {
    let owners = owners.sorted(by: precedesByCodePoints)
    if owners.isEmpty { return nil }
    let closest = closestNames(to: user + (session.map { "/\($0)" } ?? ""), in: owners).first
    return "there are: \(CopickError.list(owners))" + (closest.map { ". Did you mean \($0)?" } ?? "")
  }
}
