import Foundation
public import Kernels
import OctopiEngine

/// Which tomograms of which project become label volumes, by which networks, and how.
public struct SegmentRequest: Sendable, Hashable {
  /// A network's file and its configuration, as typed.
  public struct Model: Sendable, Hashable {
    public let weights: String
    public let configuration: String

    public init(weights: String, configuration: String) {
      self.weights = weights
      self.configuration = configuration
    }
  }

  /// The project's configuration, as typed.
  public let configuration: String
  /// Several: their logits are averaged.
  public let models: [Model]
  public let tomogram: TomogramURI
  public let target: SegmentationTarget
  /// nil: all that have the tomogram.
  public var runs: [String]?
  public var overlap = 0.5
  /// Orientations that are averaged, 1...8.
  public var augmentations = 4
  /// Only kept in the log: results do not depend on it.
  public var windowBatch = 4
  public var overrides = ModelConfiguration.Overrides()
  /// Direct convolution only.
  public var isExact = false
  /// Bytes that the process may hold.
  public var memoryLimit: Int?
  public var existing = ExistingResults.refuse

  public init(configuration: String, models: [Model], tomogram: TomogramURI, target: SegmentationTarget) {
    self.configuration = configuration
    self.models = models
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
  /// One run: its tomogram, and where its labels go.
  public struct PlannedRun: Sendable {
    public let run: Run
    public let tomogram: Tomogram
    public let store: String
    /// Labels exist and stay.
    public internal(set) var isKept = false
  }

  public let request: SegmentRequest
  public private(set) var runs: [PlannedRun]
  /// Runs without the tomogram.
  public let skipped: [Selection<Tomogram>.Skipped]
  public private(set) var warnings: [Warning]
  /// Window, classes and labels of the ensemble.
  public let model: ModelConfiguration
  private let configurations: [ModelConfiguration]
  private let project: Project
  private var predictors: [any WindowPredictor] = []
  /// What a person should know of the networks: outputs that are not used.
  public private(set) var notes: [String] = []

  /// Plans the job: nothing is written, no voxel and no network is read.
  public init(_ request: SegmentRequest) throws {
    self.request = request
    project = try Project(file: request.configuration)
    configurations = try request.models.map { try ModelConfiguration(contentsOf: $0.configuration, overrides: request.overrides) }
    guard let ensemble = try ModelConfiguration.ensemble(configurations) else { throw SegmentationError.noModel }
    model = ensemble
    let selection = try project.tomograms(request.tomogram, runs: request.runs)
    skipped = selection.skipped
    let found = selection.found.map(\.entry)
    runs = try zip(project.runs(named: found.map(\.run)), found).map { run, tomogram in
      PlannedRun(run: run, tomogram: tomogram, store: try run.labelStore(request.target, at: request.tomogram.spacing))
    }
    warnings = project.warnings + request.target.warnings + selection.found.flatMap(\.warnings)
  }

  /// Takes the locks of everything that will be written, then decides about results that exist.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public mutating func prepare(_ outputs: Outputs?) throws {
    if let outputs { for planned in runs { try outputs.lock(planned.store) } }
    let kept = try request.existing.kept(runs.map(\.store))
    for index in runs.indices { runs[index].isKept = kept[index] }
    if request.existing != .replace { try project.check(log) }
  }

  /// Reads the networks and compiles them for their window.
  public mutating func loadNetworks(on pool: ThreadPool) throws {
    let isa = try ISA.chosen(environment: ProcessInfo.processInfo.environment)
    let size = model.roi.axes
    predictors = []
    notes = []
    for entry in request.models {
      let network = try NetworkFile(path: entry.weights)
      let session: WindowSession
      do {
        session = try network.windows(
          size: size, classes: network.outputs.count > 1 ? model.classes : nil, kernels: isa.table, pool: pool,
          options: PlanOptions(exact: request.isExact))
      } catch let error as EngineError {
        throw NetworkError(model: entry.weights, configuration: entry.configuration, error)
      }
      try model.check(model: entry.weights, channels: session.classes)
      if !session.ignoredOutputs.isEmpty {
        notes.append("'\(entry.weights)': output '\(session.output)' is used, not \(session.ignoredOutputs.map { "'\($0)'" }.joined(separator: ", "))")
      }
      predictors.append(NetworkPredictor(session))
    }
  }

  /// Windows of one run, over all orientations and networks, and the memory that it takes.
  public func plan(_ planned: PlannedRun) throws -> SegmentationPlan {
    let image = try ImageGroup(planned.tomogram.path, .tomogram, expected: request.tomogram.spacing)
    return try SegmentationPlan(TomogramSource(image), NetworkFacts(predictors), settings, labels: chunk)
  }

  /// Seconds that one window takes with all networks, measured on an empty one, the second time.
  public mutating func secondsPerWindow() throws -> Double {
    var seconds = 0.0
    for _ in 0..<2 {
      let start = ContinuousClock.now
      for index in predictors.indices { try predictors[index].predict(count: 1, fill: { _, _, _ in }, take: { _, _, _, _ in }) }
      seconds = (ContinuousClock.now - start) / .seconds(1)
    }
    return seconds / Double(max(1, predictors.count))
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
    try project.write(log, existing: request.existing == .replace ? .replace : .refuse, to: outputs)
    return try JobSummary(runs, name: \.run.name, events: events) { planned in
      if planned.isKept { return RunResult(run: planned.run.name, path: planned.store, segmentation: nil, seconds: 0) }
      let start = ContinuousClock.now
      let result = try segment(planned, pool, outputs, events)
      return RunResult(
        run: planned.run.name, path: planned.store, segmentation: result, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
  }

  private func segment(_ planned: PlannedRun, _ pool: ThreadPool, _ outputs: Outputs, _ events: (JobEvent) -> Void) throws -> SegmentationResult {
    let image = try ImageGroup(planned.tomogram.path, .tomogram, expected: request.tomogram.spacing)
    for warning in image.warnings { events(.warning(warning)) }
    let source = TomogramSource(image, pool: pool)
    let kernels = try ISA.chosen(environment: ProcessInfo.processInfo.environment).table
    var job = try SegmentationJob(source: source, predictors: predictors, settings: settings, kernels: kernels, pool: pool, labels: chunk)
    let folder = try outputs.folder(at: planned.store, existing: request.existing.forOutputs)
    var labels = try LabelStore(shape: image.shape, spacing: request.tomogram.spacing, to: folder, on: pool)
    var done = 0
    let result = try job.run(labels: &labels) { progress in
      events(.done(units: progress.windows - done))
      done = progress.windows
    }
    try labels.finish()
    try folder.commit()
    outputs.unlock(planned.store)
    return result
  }

  /// Chunks of label volumes.
  private var chunk: VolumeShape { VolumeShape(z: 256, y: 256, x: 256) }

  private var settings: SegmentationSettings {
    var settings = SegmentationSettings()
    settings.overlap = request.overlap
    settings.augmentations = Array(Augmentation.all.prefix(request.augmentations))
    settings.normalization = model.normalization
    settings.head = model.head
    settings.memoryLimit = request.memoryLimit
    settings.otherBytes = 64 << 20
    return settings
  }

  private var log: SegmentLog {
    var files: [String] = []
    for entry in request.models where !files.contains(entry.configuration) { files.append(entry.configuration) }
    return SegmentLog(
      configuration: request.configuration, tomogram: request.tomogram, labels: configurations[0].labels, modelConfigurations: files,
      weights: request.models.map(\.weights), windowBatch: request.windowBatch, overlap: request.overlap, augmentations: request.augmentations,
      target: request.target)
  }
}

/// A network that cannot be run on the window of its configuration.
public struct NetworkError: Failure {
  public let model: String
  public let configuration: String
  public let error: EngineError

  init(model: String, configuration: String, _ error: EngineError) {
    self.model = model
    self.configuration = configuration
    self.error = error
  }

  public var kind: FailureKind { error.kind }
  public var message: String { "'\(model)': \(error.message)" }
  public var remedy: String? {
    if case .graph(.shape) = error { return "choose another dim_in (or roi) in '\(configuration)'; 'octopi info \(model)' shows what the network takes" }
    return error.remedy
  }
}
