import Kernels

/// Which label volumes of which project become whose picks, and how.
public struct LocalizeRequest: Sendable, Hashable {
  /// The project's configuration, as typed.
  public let configuration: String
  public let segmentation: SegmentationTarget
  public let spacing: VoxelSpacing
  public let picks: PicksTarget
  /// nil: all that have the segmentation.
  public var runs: [String]?
  public var method = LocalizeMethod.watershed(filterSize: 10)
  public var minimumRadiusScale = 0.5
  public var maximumRadiusScale = 1.0
  /// Also written into the log for the centre of mass, which has no use for it.
  public var filterSize = 10
  /// nil: all particles.
  public var objects: [String]?
  /// The label of every object; nil: what the log of the segmentation says.
  public var label: Int?
  /// Score picks by the class probabilities that are beside the labels; without them scores are 1, as octopi writes.
  public var usesProbabilities = true
  /// Picks with a lower score are dropped.
  public var minimumScore: Double?
  public var existing = ExistingResults.refuse

  public init(configuration: String, segmentation: SegmentationTarget, spacing: VoxelSpacing, picks: PicksTarget) {
    self.configuration = configuration
    self.segmentation = segmentation
    self.spacing = spacing
    self.picks = picks
  }
}

/// Finds the particles in the label volumes of a project: `octopi localize`.
///
///     let job = try LocalizeProject(request)
///     try job.prepare(outputs)                             // locks; refuses what exists
///     let summary = try job.run(on: pool, outputs) { event in ... }
public struct LocalizeProject: Sendable {
  /// One run: its labels, and the objects to be found in it.
  public struct PlannedRun: Sendable {
    public let run: Run
    public let segmentation: Segmentation
    /// The store of class probabilities that picks are scored by; nil: scores are 1.
    public let probabilities: String?
    /// Objects whose picks are written, and those whose picks exist and stay.
    public internal(set) var objects: [LocalizedObject]
    public internal(set) var kept: [LocalizedObject] = []
  }

  public let request: LocalizeRequest
  public let objects: [LocalizedObject]
  public private(set) var runs: [PlannedRun]
  /// Runs without the segmentation.
  public let skipped: [Selection<Segmentation>.Skipped]
  public let warnings: [Warning]
  private let project: Project

  /// Plans the job: nothing is written, no labels are read.
  public init(_ request: LocalizeRequest) throws {
    self.request = request
    project = try Project(file: request.configuration)
    let selection = try project.localizedObjects(in: request.segmentation, label: request.label, named: request.objects)
    objects = selection.entries
    let segmentations = try project.segmentations(request.segmentation, at: request.spacing, runs: request.runs)
    skipped = segmentations.skipped
    let found = segmentations.found.map(\.entry)
    let tomogram = try request.usesProbabilities ? project.segmentLog(of: request.segmentation)?.content.tomogramType : nil
    runs = try zip(project.runs(named: found.map(\.run)), found).map { run, segmentation in
      let probabilities = try request.usesProbabilities ? run.probabilities(of: segmentation, tomogram: tomogram) : nil
      if request.minimumScore != nil, probabilities == nil { throw LocalizeError.noProbabilities(labels: segmentation.path) }
      return PlannedRun(run: run, segmentation: segmentation, probabilities: probabilities, objects: selection.entries)
    }
    let names = request.segmentation.warnings + request.picks.warnings
    warnings = project.warnings + names + segmentations.found.flatMap(\.warnings) + selection.warnings
  }

  /// Takes the locks of everything that will be written, then decides about results that exist.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public mutating func prepare(_ outputs: Outputs?) throws {
    if let outputs {
      for planned in runs { try outputs.lock(planned.run.picksSet(request.picks)) }
    }
    for index in runs.indices {
      let planned = runs[index]
      let paths = try planned.objects.map { try planned.run.picksPath(of: $0.name, request.picks) }
      let isKept = try request.existing.kept(paths)
      runs[index].objects = zip(planned.objects, isKept).filter { !$1 }.map(\.0)
      runs[index].kept = zip(planned.objects, isKept).filter { $1 }.map(\.0)
    }
  }

  /// What became of one run.
  public struct RunResult: Sendable {
    public let run: String
    public let picks: [ObjectResult]
    public let seconds: Double
  }

  public struct ObjectResult: Sendable {
    public let object: String
    public let count: Int
    /// Picks that scored less than was asked for.
    public let dropped: Int
    /// Nil where nothing is known of scores, or there are no picks.
    public let meanScore: Double?
    public let outcome: PicksOutcome
  }

  /// Finds and writes all picks, run by run. One unit of work is an object of a run.
  public func run(on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void) throws -> JobSummary<RunResult> {
    var isLogged = false
    // Once there are picks to tell of.
    func writeLog() throws {
      if !isLogged { try project.write(log, to: outputs) }
      isLogged = true
    }
    if runs.contains(where: \.objects.isEmpty) { try writeLog() }
    let summary = try JobSummary(runs, name: \.run.name, events: events) { planned in
      let start = ContinuousClock.now
      let picks = try localize(planned, pool, outputs, events, whenComputed: writeLog)
      events(.done(units: objects.count))
      return RunResult(run: planned.run.name, picks: picks, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    return summary
  }

  private func localize(
    _ planned: PlannedRun, _ pool: ThreadPool, _ outputs: Outputs, _ events: (JobEvent) -> Void, whenComputed: () throws -> Void
  ) throws -> [ObjectResult] {
    if planned.objects.isEmpty { return [] }
    let image = try ImageGroup(planned.segmentation.path, .segmentation, expected: request.spacing)
    for warning in image.warnings { events(.warning(warning)) }
    let scoring = try planned.probabilities.map { PickScoring(try ProbabilityImage($0), minimum: request.minimumScore) }
    let found = try Localizer(method: request.method).picks(
      in: image, of: planned.objects, minimumScale: request.minimumRadiusScale, maximumScale: request.maximumRadiusScale,
      spacing: request.spacing, scoring: scoring, on: pool)
    try whenComputed()
    return try zip(planned.objects, found).map { object, picks in
      let outcome = try planned.run.write(picks.points, of: object.name, request.picks, existing: request.existing.forOutputs, to: outputs)
      return ObjectResult(object: object.name, count: picks.points.count, dropped: picks.dropped, meanScore: picks.meanScore, outcome: outcome)
    }
  }

  private var log: LocalizeLog {
    let method = if case .watershed = request.method { "watershed" } else { "com" }
    var log = LocalizeLog(
      configuration: request.configuration, segmentation: request.segmentation, spacing: request.spacing, picks: request.picks, method: method,
      minimumRadiusScale: request.minimumRadiusScale, maximumRadiusScale: request.maximumRadiusScale, filterSize: request.filterSize)
    log.minimumScore = request.minimumScore
    return log
  }
}
