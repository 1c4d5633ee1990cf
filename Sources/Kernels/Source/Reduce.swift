extension FloatVector {
  /// `operation` over each group of `width` neighbouring lanes, in all lanes of the group; `width` is 2, 4, 8 or 16, or all lanes if there are fewer.
  @inline(__always)
  static func reduce(_ x: Self, _ width: Int, _ operation: (Self, Self) -> Self) -> Self {
    var x = x
    if lanes > 8 && width > 8 { x = operation(x, swap8(x)) }
    if lanes > 4 && width > 4 { x = operation(x, swap4(x)) }
    if width > 2 { x = operation(x, swap2(x)) }
    return operation(x, swap1(x))
  }

  /// Sum of all lanes, in all lanes.
  @inline(__always) static func sum(_ x: Self) -> Self { reduce(x, lanes) { add($0, $1) } }
}
