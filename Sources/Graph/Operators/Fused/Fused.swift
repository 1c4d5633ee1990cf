/// Operators that ONNX does not have: what passes make of several nodes.
enum Fused {
  static let operators = [StridedAttention.declaration, RegionMask.declaration, RunGather.declaration]

  /// The domain under which files of our own name them.
  static let domain = "octopi"
}
