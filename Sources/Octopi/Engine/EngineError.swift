public import Graph

/// What can go wrong between a graph and its result.
public enum EngineError: Error, Sendable, Hashable {
  /// The network contradicts itself, is not supported, or refuses its input.
  case graph(GraphError)
  /// The model has no output that a window's labels could come from; `outputs` describes those it has.
  case noLogits(outputs: [String], wanted: String)
  /// Several outputs look alike.
  case ambiguousLogits(outputs: [String], wanted: String)
  /// The model does not take one window of one channel.
  case inputs([String])
  /// The system refuses memory.
  case outOfMemory(bytes: Int)

  static func invalid(place: String, reason: String) -> EngineError { .graph(.invalid(place: place, reason: reason)) }
  static func unsupported(place: String, reason: String) -> EngineError { .graph(.unsupported(place: place, reason: reason)) }

  public var message: String {
    switch self {
    case .graph(let error): error.message
    case .noLogits(let outputs, let wanted): "the model has no output of shape \(wanted); it has \(outputs.joined(separator: ", "))"
    case .ambiguousLogits(let outputs, let wanted): "the model has several outputs of shape \(wanted): \(outputs.joined(separator: ", "))"
    case .outOfMemory(let bytes): "the system refuses \(bytes >> 20) MiB of memory"
    case .inputs(let inputs): "the model takes \(inputs.isEmpty ? "no input" : inputs.joined(separator: ", ")), not one window of one channel"
    }
  }

  public var remedy: String? {
    switch self {
    case .graph(let error): error.remedy
    case .noLogits: "num_classes and the window of the model configuration must agree with the model"
    case .ambiguousLogits: "export the model with one of them only"
    case .outOfMemory: "end other programs, or raise the limit of this one"
    case .inputs: "a network for tomograms has one input N, 1, Z, Y, X"
    }
  }
}
