public import Kernels

/// Which tomograms of which project become label volumes, by which networks, and how.
public struct SegmentRequest: Sendable, Hashable {
  /// A network's file and its configuration, as typed; nil where the file carries it.
  public struct Model: Sendable, Hashable {
    public let weights: String
    public let configuration: String?

    public init(weights: String, configuration: String?) {
      self.weights = weights
      self.configuration = configuration
    }
  }

  /// The project's configuration, as typed.
  public let configuration: String
  public let tomogram: TomogramURI
  public let target: SegmentationTarget
  /// nil: all that have the tomogram.
  public var runs: [String]?
  public var options: SegmentOptions
  /// Also write class probabilities, as features of the tomogram.
  public var probabilities = false

  public init(configuration: String, models: [Model], tomogram: TomogramURI, target: SegmentationTarget) {
    self.configuration = configuration
    options = SegmentOptions(models: models)
    self.tomogram = tomogram
    self.target = target
  }
}

/// Segments the tomograms of a project: `octopi segment`.
///
///     var job = try SegmentProject(request)
///     try job.prepare(outputs)                             // locks; refuses what exists
///     try job.loadNetworks(on: pool)
///     let summary = try job.run(on: pool, outputs) { event in ... }
public struct SegmentProject {
  /// One run: its tomogram, and where its results go.
  public struct PlannedRun: Sendable {
    public let run: Run
    public let tomogram: Tomogram
    public let results: SegmentResults
    /// Results exist and stay.
    public internal(set) var isKept = false

    /// The labels.
    public var store: String { results.labels }
  }

  public let request: SegmentRequest
  public private(set) var runs: [PlannedRun]
  /// Runs without the tomogram.
  public let skipped: [Selection<Tomogram>.Skipped]
  public private(set) var warnings: [Warning]
  public private(set) var networks: NetworkEnsemble
  let project: Project

  /// Plans the job: nothing is written, no voxel and no network is read.
  public init(_ request: SegmentRequest) throws {
    self.request = request
    project = try Project(file: request.configuration)
    networks = try NetworkEnsemble(request.options)
    try networks.checkRescaling()
    let selection = try project.tomograms(request.tomogram, runs: request.runs)
    skipped = selection.skipped
    let found = selection.found.map(\.entry)
    runs = try zip(project.runs(named: found.map(\.run)), found).map { run, tomogram in
      var results = SegmentResults(labels: try run.labelStore(request.target, at: request.tomogram.spacing))
      if request.probabilities { results.probabilities = run.probabilityStore(request.target, of: tomogram) }
      return PlannedRun(run: run, tomogram: tomogram, results: results)
    }
    // What is left from before would not belong to labels that are replaced.
    var stale: [Warning] = []
    if !request.probabilities, request.options.existing == .replace {
      for (planned, tomogram) in zip(runs, found) {
        let path = planned.run.probabilityStore(request.target, of: tomogram)
        if try Outputs.isThere(path) { stale.append(.staleProbabilities(path)) }
      }
    }
    let spacingWarning = networks.spacingWarning("'\(request.tomogram)'", request.tomogram.spacing)
    warnings = project.warnings + request.target.warnings + selection.found.flatMap(\.warnings) + [spacingWarning].compactMap(\.self) + stale
  }

  /// Voxels of a run's tomogram.
  public func shape(_ planned: PlannedRun) throws -> VolumeShape { try image(planned).shape }

  /// Takes the locks of everything that will be written, then decides about results that exist.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public mutating func prepare(_ outputs: Outputs?) throws {
    if let outputs { for path in runs.flatMap(\.results.paths) { try outputs.lock(path) } }
    let kept = try SegmentResults.kept(runs.map(\.results), request.options.existing)
    for index in runs.indices { runs[index].isKept = kept[index] }
    if request.options.existing != .replace { try project.check(log) }
  }

  /// Reads the networks and compiles them for their window.
  public mutating func loadNetworks(on pool: ThreadPool) throws {
    var loaded = networks
    try loaded.load(on: pool) { networks in
      runs.allSatisfy { planned in planned.isKept || SegmentationPlan.fits { try plan(planned, networks, on: pool) } }
    }
    networks = loaded
  }

  /// Windows of one run, over all orientations and networks, and the memory that it takes.
  public func plan(_ planned: PlannedRun, on pool: ThreadPool? = nil) throws -> SegmentationPlan { try plan(planned, networks, on: pool) }

  private func plan(_ planned: PlannedRun, _ networks: NetworkEnsemble, on pool: ThreadPool?) throws -> SegmentationPlan {
    try networks.plan(TomogramSource(image(planned), pool: pool), spacing: request.tomogram.spacing, planned.results, on: pool)
  }

  /// How fast the job's parts are here, measured on a small share of the first run that can be read; nil where none can.
  public func pace(on pool: ThreadPool) -> SegmentationPace? {
    // A tomogram that cannot be read fails when its turn comes, and the others go on.
    runs.lazy.filter { !$0.isKept }.compactMap { planned in
      try? networks.pace(TomogramSource(image(planned), pool: pool), spacing: request.tomogram.spacing, planned.results, on: pool)
    }.first
  }

  /// What became of one run.
  public struct RunResult: Sendable {
    public let run: String
    public let path: String
    /// Nil where labels existed and stayed.
    public let segmentation: SegmentationResult?
    public let seconds: Double
  }

  /// Segments and writes all runs, one after the other. One unit of work is a window.
  public func run(on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void) throws -> JobSummary<RunResult> {
    var isLogged = false
    // Once there are labels to tell of, and before they have their name: no labels without a log, no log without labels.
    func writeLog() throws {
      if !isLogged { try project.write(log, existing: request.options.existing.forOutputs, to: outputs) }
      isLogged = true
    }
    if runs.contains(where: \.isKept) { try writeLog() }
    return try JobSummary(runs, name: \.run.name, events: events) { planned in
      if planned.isKept { return RunResult(run: planned.run.name, path: planned.store, segmentation: nil, seconds: 0) }
      let start = ContinuousClock.now
      let result = try segment(planned, pool, outputs, events, whenComputed: writeLog)
      return RunResult(
        run: planned.run.name, path: planned.store, segmentation: result, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
  }

  private func segment(
    _ planned: PlannedRun, _ pool: ThreadPool, _ outputs: Outputs, _ events: (JobEvent) -> Void, whenComputed: () throws -> Void
  ) throws -> SegmentationResult {
    let image = try image(planned)
    for warning in image.warnings { events(.warning(warning)) }
    return try networks.segment(
      TomogramSource(image, pool: pool), spacing: request.tomogram.spacing, to: planned.results, on: pool, outputs, events,
      whenComputed: whenComputed)
  }

  func image(_ planned: PlannedRun) throws(ZarrError) -> ImageGroup {
    try ImageGroup(planned.tomogram.path, .tomogram, expected: request.tomogram.spacing)
  }

  private var log: SegmentLog {
    let options = request.options
    var files: [String] = []
    // A configuration that the network's file carries is in that file.
    for file in options.models.map({ $0.configuration ?? $0.weights }) where !files.contains(file) { files.append(file) }
    return SegmentLog(
      configuration: request.configuration, tomogram: request.tomogram, labels: networks.configurations[0].labels, modelConfigurations: files,
      weights: options.models.map(\.weights), windowBatch: options.windowBatch, overlap: options.overlap, augmentations: options.augmentations,
      target: request.target)
  }
}

extension Warning {
  fileprivate static func staleProbabilities(_ path: String) -> Warning {
    Warning(
      "'\(path)' has probabilities of labels that are replaced",
      remedy: "--probabilities replaces them too; else delete them, so that 'octopi localize' does not take them for those of the new labels")
  }
}
