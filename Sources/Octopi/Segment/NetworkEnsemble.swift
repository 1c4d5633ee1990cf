import Foundation
import Kernels
public import OctopiEngine

/// The networks of a job and their configurations: read once, run on any number of tomograms.
public struct NetworkEnsemble {
  public let options: SegmentOptions
  /// One for each network.
  public let configurations: [ModelConfiguration]
  /// Window, classes and labels of the ensemble.
  public let model: ModelConfiguration
  /// What a person should know of the networks: outputs that are not used.
  public private(set) var notes: [String] = []
  private var predictors: [any WindowPredictor] = []

  /// Reads the configurations; no network yet.
  init(_ options: SegmentOptions) throws {
    self.options = options
    configurations = try options.models.map { try ModelConfiguration(contentsOf: $0.configuration, overrides: options.overrides) }
    guard let ensemble = try ModelConfiguration.ensemble(configurations) else { throw SegmentationError.noModel }
    model = ensemble
  }

  /// Reads the networks and compiles them for their window.
  mutating func load(on pool: ThreadPool) throws {
    let isa = try ISA.chosen(environment: ProcessInfo.processInfo.environment)
    let size = model.roi.axes
    predictors = []
    notes = []
    for entry in options.models {
      let network = try NetworkFile(path: entry.weights)
      let session: WindowSession
      do {
        session = try network.windows(
          size: size, classes: network.outputs.count > 1 ? model.classes : nil, kernels: isa.table, pool: pool,
          options: NetworkOptions(exact: options.isExact))
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

  /// Seconds that one window takes with all networks, measured on an empty one, the second time.
  mutating func secondsPerWindow() throws -> Double {
    var seconds = 0.0
    for _ in 0..<2 {
      let start = ContinuousClock.now
      for index in predictors.indices { try predictors[index].predict(count: 1, fill: { _, _, _ in }, take: { _, _, _, _ in }) }
      seconds = (ContinuousClock.now - start) / .seconds(1)
    }
    return seconds / Double(max(1, predictors.count))
  }

  /// Windows of one tomogram, over all orientations and networks, and the memory that it takes.
  func plan(_ source: some VolumeSource, _ results: SegmentResults, on pool: ThreadPool?) throws -> SegmentationPlan {
    try SegmentationPlan(
      source, NetworkFacts(predictors), settings(source.shape, results, pool), labels: LabelStore.chunk(options.zarrVersion),
      probabilities: results.probabilities.map { _ in ProbabilityStore.chunk })
  }

  /// Segments one tomogram and writes its results. One unit of work is a window.
  ///
  /// - whenComputed: called before the results get their names; they do not if it throws.
  func segment(
    _ source: some VolumeSource, spacing: VoxelSpacing, to results: SegmentResults, on pool: ThreadPool, _ outputs: Outputs,
    _ events: (JobEvent) -> Void, whenComputed: () throws -> Void = {}
  ) throws -> SegmentationResult {
    let kernels = try ISA.chosen(environment: ProcessInfo.processInfo.environment).table
    let texts = results.mrc == nil ? [] : try Provenance(options).lines
    var job = try SegmentationJob(
      source: source, predictors: predictors, settings: settings(source.shape, results, pool), kernels: kernels, pool: pool,
      labels: LabelStore.chunk(options.zarrVersion), probabilities: results.probabilities.map { _ in ProbabilityStore.chunk })
    var writer = try ResultWriter(
      results, shape: source.shape, spacing: spacing, model: model, texts: texts, version: options.zarrVersion,
      existing: options.existing == .refuse ? .refuse : .replace, to: outputs, on: pool)
    var probabilities = writer.probabilities, done = 0
    let result = try job.run(labels: &writer, probabilities: &probabilities) { progress in
      events(.done(units: progress.windows - done))
      done = progress.windows
    }
    try whenComputed()
    try writer.commit(voxelsPerLabel: result.voxelsPerLabel)
    return result
  }

  private func settings(_ shape: VolumeShape, _ results: SegmentResults, _ pool: ThreadPool?) -> SegmentationSettings {
    var settings = options.settings(model)
    settings.otherBytes += ResultWriter.scratchBytes(results, shape: shape, version: options.zarrVersion, threads: pool?.threads ?? 1)
    return settings
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
