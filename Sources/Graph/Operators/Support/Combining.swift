/// `function` of the elements of two operands that move along `walk`, in the walk's order.
@inline(__always)
func combine<A, B, C>(_ a: [A], _ b: [B], along walk: StrideWalk, _ function: (A, B) -> C) -> [C] {
  var result: [C] = []
  result.reserveCapacity(max(a.count, b.count))
  let length = walk.rowLength, strideA = walk.rowStrides[0], strideB = walk.rowStrides[1]
  walk.forEachRow { offsets in
    var i = offsets[0], j = offsets[1]
    for _ in 0..<length {
      result.append(function(a[i], b[j]))
      i += strideA
      j += strideB
    }
  }
  return result
}

extension Int64 {
  /// The integer part of `value` as a C cast gives it on common hardware: what does not fit, and NaN, become the smallest integer.
  init(exactlyOrSmallest value: Double) {
    self = value > -0x1p63 && value < 0x1p63 ? Int64(value) : .min
  }
}

/// How the second operand of an old binary operator meets the first; from opset 7 on it is NumPy's broadcasting.
struct OldBroadcast: Sendable, Hashable {
  /// Axis of the first operand with which the second one's first axis is aligned; nil aligns them at the right.
  let axis: Int?

  /// Nil for opsets that broadcast as NumPy does.
  init?(_ node: AttributeReader) throws(GraphError) {
    guard node.opset < 7 else { return nil }
    node.ignore("consumed_inputs")
    axis = try node.int("broadcast") ?? 0 == 0 ? nil : try node.int("axis")
    node.ignore("axis")
  }

  /// What `init(_:)` reads.
  var definition: OperatorDefinition {
    OperatorDefinition(axis.map { ["broadcast": .flag(true), "axis": .integer($0)] } ?? [:], opset: 6)
  }

  /// The shape in which NumPy's broadcasting does the same.
  func shape(of second: [Int], against first: [Int]) throws(GraphError) -> [Int] {
    guard let axis else { return second }
    let trailing = first.count - (try normalizedAxis(axis, rank: first.count)) - second.count
    guard trailing >= 0 else { throw .shape(place: "", reason: "shape \(second) does not fit \(first) from axis \(axis) on") }
    return second + [Int](repeating: 1, count: trailing)
  }
}

extension OldBroadcasting {
  public var definition: OperatorDefinition { oldBroadcast?.definition ?? OperatorDefinition() }
}
