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
  private(set) var predictors: [any WindowPredictor] = []

  /// Reads the configurations; no network yet.
  init(_ options: SegmentOptions) throws {
    self.options = options
    configurations = try options.models.map { try ModelConfiguration.of($0, overrides: options.overrides) }
    guard let ensemble = try ModelConfiguration.ensemble(configurations) else { throw SegmentationError.noModel }
    model = ensemble
  }

  /// Reads the networks and compiles them for their window.
  ///
  /// - fits: whether all tomograms fit the memory beside these networks. If not, the networks keep no weights that they can make for every
  ///   window: less memory, more time, the same bits.
  mutating func load(on pool: ThreadPool, fits: (NetworkEnsemble) -> Bool) throws {
    try compile(NetworkOptions(exact: options.isExact), on: pool)
    if !fits(self) { try compile(NetworkOptions(exact: options.isExact, derivedBytes: 0), on: pool) }
    // Networks were taken apart to make plans; the room is for the volume now.
    MemoryBudget.returnFreed()
  }

  private mutating func compile(_ networkOptions: NetworkOptions, on pool: ThreadPool) throws {
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
          options: networkOptions)
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

  /// For each network with steps that have no kernel, which share of the time of all windows so far they took.
  public var slowSteps: [String] {
    zip(options.models, predictors).compactMap { model, predictor in
      (predictor as? NetworkPredictor)?.slowSteps.map { "'\(model.weights)': \($0); 'octopi info \(model.weights) --plan' shows them" }
    }
  }
}

/// A network that cannot be run on the window of its configuration.
public struct NetworkError: Failure {
  public let model: String
  /// Nil where the network's file carries it, or where there is none.
  public let configuration: String?
  public let error: EngineError

  init(model: String, configuration: String?, _ error: EngineError) {
    self.model = model
    self.configuration = configuration
    self.error = error
  }

  public var kind: FailureKind { error.kind }
  public var message: String { "'\(model)': \(error.message)" }
  public var remedy: String? {
    if case .graph(.shape) = error {
      let place = configuration.map { "dim_in (or roi) in '\($0)'" } ?? "window"
      return "choose another \(place); 'octopi info \(model)' shows what the network takes"
    }
    return error.remedy
  }
}
