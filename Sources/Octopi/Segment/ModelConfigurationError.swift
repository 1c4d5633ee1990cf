/// What is wrong with a model's configuration.
public enum ModelConfigurationError: Error, Sendable, Hashable {
  /// The file is not YAML, or no mapping.
  case notYAML(file: String, line: Int?, problem: String)
  /// `key` is not there; `example` is what could stand there.
  case missing(file: String, key: String, example: String)
  /// `key` has a value that it cannot have.
  case invalid(file: String, line: Int?, key: String, problem: String, allowed: String)
  /// Two models of an ensemble that cannot be averaged.
  case ensemble(file: String, key: String, value: String, lastFile: String, lastValue: String)
  /// Lists of different lengths.
  case listLengths(models: Int, configurations: Int)
  /// A model whose file carries no configuration, and none was given; a text to begin with.
  case none(model: String, template: String)
  /// A model that is not the one of its configuration.
  case channels(model: String, channels: Int, file: String, classes: Int)
}

extension ModelConfigurationError: Failure {
  public var kind: FailureKind {
    switch self {
    case .listLengths: .usage
    case .none: .missing
    default: .damaged
    }
  }

  public var message: String {
    switch self {
    case .notYAML(let file, let line, let problem): "\(place(file, line)) is not a model configuration: \(problem)"
    case .missing(let file, let key, _): "model configuration '\(file)' has no '\(key)'"
    case .invalid(let file, let line, let key, let problem, _): "\(place(file, line)): '\(key)' \(problem)"
    case .ensemble(let file, let key, let value, let lastFile, let lastValue):
      "models of an ensemble differ: '\(key)' is \(value) in '\(file)' and \(lastValue) in '\(lastFile)'"
    case .listLengths(let models, let configurations):
      models > 1
        ? "Number of model weights and model configs must match for ensemble prediction: \(models) and \(configurations)"
        : "Number of model configs must match number of model weights: \(configurations) and \(models)"
    case .none(let model, _): "there is no configuration for '\(model)': windows, classes and names of objects are not known"
    case .channels(let model, let channels, let file, let classes):
      "model '\(model)' gives \(channels) channels, but 'model.num_classes' in '\(file)' is \(classes)"
    }
  }

  public var remedy: String? {
    switch self {
    case .notYAML: "give the model_config.yaml that octopi wrote beside the model's weights"
    case .missing(_, _, let example): "add it, for instance: \(example)"
    case .invalid(_, _, _, _, let allowed): "allowed: \(allowed)"
    case .ensemble: "average models only that were trained for the same classes in the same way"
    case .listLengths: "give one configuration for all models, or one for each in the same order"
    case .none(_, let template):
      "give --model-config with the model_config.yaml that octopi wrote beside the weights, or complete this and give it:\n" + template
    case .channels: "give the configuration that was written beside this model"
    }
  }

  private func place(_ file: String, _ line: Int?) -> String { "'\(file)'" + (line.map { " line \($0)" } ?? "") }
}
