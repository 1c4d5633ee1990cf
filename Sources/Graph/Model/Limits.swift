/// Bounds that keep arithmetic on what a file says from overflowing: sums of a few, and products of two, stay within `Int`.
public enum Limits {
  /// Integers that stand for sizes, axes, pads and strides.
  public static let integer = -(1 << 31)...(1 << 31)
  /// Length of one axis.
  public static let dimension = 0...(1 << 31)
  /// Elements of one tensor.
  public static let count = 1 << 40
  /// Axes of one tensor.
  public static let rank = 64
}

extension TensorType {
  /// This type if its shape is within the limits. Every inferred type passes here before anyone multiplies its dimensions.
  public func checked() throws(GraphError) -> TensorType {
    // An empty axis must not hide what the others multiply to: operators form products of some of them.
    guard shape.count <= Limits.rank, shape.allSatisfy(Limits.dimension.contains),
      TensorType(element, shape.map { max($0, 1) }).count <= Limits.count
    else {
      throw .invalid(place: "", reason: "a tensor of shape \(shape.prefix(8)) is absurd")
    }
    return self
  }
}
