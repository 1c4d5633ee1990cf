/// What can be wrong with a model, its operators or the shapes given to it. Each case names the place; `remedy` says what to do.
public enum GraphError: Error, Sendable, Hashable {
  /// The graph contradicts itself or the ONNX specification.
  case invalid(place: String, reason: String)
  /// Legal, but not something this program can do.
  case unsupported(place: String, reason: String)
  /// The network refuses an input of this shape.
  case shape(place: String, reason: String)
}
