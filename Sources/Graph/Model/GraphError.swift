/// What can be wrong with a model, its operators or the shapes given to it. Each case names the place; `remedy` says what to do.
public enum GraphError: Error, Sendable, Hashable {
  /// The graph contradicts itself or the ONNX specification.
  case invalid(place: String, reason: String)
  /// Legal, but not something this program can do.
  case unsupported(place: String, reason: String)
  /// The network refuses an input of this shape.
  case shape(place: String, reason: String)

  /// Where in the model: a node, an input, an operator.
  public var place: String {
    switch self {
    case .invalid(let place, _), .unsupported(let place, _), .shape(let place, _): place
    }
  }

  public var reason: String {
    switch self {
    case .invalid(_, let reason), .unsupported(_, let reason), .shape(_, let reason): reason
    }
  }

  /// One line for a person, without a full stop.
  public var message: String { place.isEmpty ? reason : "\(place): \(reason)" }

  /// What to do about it.
  public var remedy: String? {
    switch self {
    case .invalid: "the model file is damaged or was written wrongly; export it again and check it with onnx.checker"
    case .unsupported: "export the model with other settings (a newer opset, no custom operators), or report the model"
    case .shape: "choose a window size that the network accepts; 'octopi info MODEL' shows its inputs"
    }
  }

  /// The same error, told from a node's point of view: `outer` goes before the place.
  public func at(_ outer: String) -> GraphError {
    let joined = place.isEmpty || outer.contains(place) ? outer : "\(outer): \(place)"
    return switch self {
    case .invalid(_, let reason): .invalid(place: joined, reason: reason)
    case .unsupported(_, let reason): .unsupported(place: joined, reason: reason)
    case .shape(_, let reason): .shape(place: joined, reason: reason)
    }
  }
}
