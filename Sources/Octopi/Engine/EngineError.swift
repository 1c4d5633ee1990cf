/// What can go wrong between a graph and its result.
public enum EngineError: Error, Sendable, Hashable {
  /// The network cannot run on an input of this shape, or contradicts itself.
  case invalid(place: String, reason: String)
  /// Legal, but neither a kernel nor the reference evaluation covers it.
  case unsupported(place: String, reason: String)
  /// The plan needs more memory than it may use.
  case memory(neededBytes: Int, allowedBytes: Int)
}
