/// An operator of two tensors that broadcast against each other, and whose result has their type.
protocol Binary: OldBroadcasting, Hashable {
  func apply(_ a: Double, _ b: Double) -> Double
  /// For signed integers, wrapped afterwards, and for `UInt64`.
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I
}

extension Binary {
  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let a = try inputs.required(0, "A").type, b = try inputs.required(1, "B").type
    guard a.element == b.element else { throw .invalid(place: "", reason: "the operands are \(a.element.onnxName) and \(b.element.onnxName)") }
    return [TensorType(a.element, try BroadcastPair(a.shape, b.shape, oldBroadcast).shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let a: Tensor = try inputs.required(0, "A"), b: Tensor = try inputs.required(1, "B")
    let pair = try BroadcastPair(a.shape, b.shape, oldBroadcast)
    let type = TensorType(a.element, pair.shape), walk = pair.walk
    switch (a.values, b.values) {
    case (.floats(let x), .floats(let y)):
      return [Tensor(type, rounding: combine(x, y, along: walk) { Float(apply(Double($0), Double($1))) })]
    case (.integers(let x), .integers(let y)):
      if a.element == .uint64 {
        return [
          Tensor(type, .integers(combine(x, y, along: walk) { Int64(bitPattern: apply(UInt64(bitPattern: $0), UInt64(bitPattern: $1))) }))
        ]
      }
      return [Tensor(type, wrapping: combine(x, y, along: walk) { apply($0, $1) })]
    default:
      return [Tensor(type, rounding: combine(a.doubles, b.doubles, along: walk) { apply($0, $1) })]
    }
  }
}

/// Two shapes, the shape to which they broadcast, and how to walk both.
struct BroadcastPair {
  let shape: [Int]
  private let first: [Int]
  private let second: [Int]

  init(_ first: [Int], _ second: [Int], _ old: OldBroadcast? = nil) throws(GraphError) {
    self.first = first
    if let old { self.second = try old.shape(of: second, against: first) } else { self.second = second }
    shape = try broadcastShape([first, self.second])
  }

  var walk: StrideWalk { StrideWalk(shape, strides: [broadcastStrides(first, to: shape), broadcastStrides(second, to: shape)]) }
}
