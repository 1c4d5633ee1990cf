/// An operator of any number of tensors that broadcast against each other, taken two at a time.
protocol Variadic: Forwarding, Hashable {
  func apply(_ a: Double, _ b: Double) -> Double
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I
  /// What is done with the last result for `count` inputs.
  func finish(_ value: Double, count: Int) -> Double
}

extension Variadic {
  func finish(_ value: Double, count: Int) -> Double { value }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    var shapes: [[Int]] = []
    let first = try inputs.required(0, "data_0").type
    for index in inputs.indices {
      let type = try inputs.required(index, "data_\(index)").type
      guard type.element == first.element else { throw .invalid(place: "", reason: "the inputs are of different types") }
      shapes.append(type.shape)
    }
    return [TensorType(first.element, try broadcastShape(shapes))]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let strides = rowMajorStrides(type.shape)
    func walk(_ other: Tensor) -> StrideWalk { StrideWalk(type.shape, strides: [strides, broadcastStrides(other.shape, to: type.shape)]) }
    let tensors = inputs.compactMap { $0 }
    if type.element.isFloatingPoint {
      var total = tensors[0].broadcast(to: type.shape).doubles
      for other in tensors.dropFirst() { total = combine(total, other.doubles, along: walk(other)) { apply($0, $1) } }
      return [Tensor(type, rounding: total.map { finish($0, count: tensors.count) })]
    }
    var total = tensors[0].broadcast(to: type.shape).integers ?? []
    for other in tensors.dropFirst() {
      total = combine(total, other.integers ?? [], along: walk(other)) {
        type.element == .uint64 ? Int64(bitPattern: apply(UInt64(bitPattern: $0), UInt64(bitPattern: $1))) : apply($0, $1)
      }
    }
    return [Tensor(type, wrapping: total)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { inputs.count == 1 ? 0 : nil }
}

/// The largest of the inputs; NaN where one is (ONNX Max 1, 6, 8, 12, 13).
public struct Max: Variadic {
  public static let declaration = OperatorDeclaration.plain(
    "Max", opsets: [1, 6, 8, 12, 13], inputs: 1...OperatorDeclaration.many, elements: ElementType.numeric
  ) { Max() }

  func apply(_ a: Double, _ b: Double) -> Double { a.isNaN || a >= b ? a : b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { max(a, b) }
}

/// The smallest of the inputs; NaN where one is (ONNX Min 1, 6, 8, 12, 13).
public struct Min: Variadic {
  public static let declaration = OperatorDeclaration.plain(
    "Min", opsets: [1, 6, 8, 12, 13], inputs: 1...OperatorDeclaration.many, elements: ElementType.numeric
  ) { Min() }

  func apply(_ a: Double, _ b: Double) -> Double { a.isNaN || a <= b ? a : b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { min(a, b) }
}

/// The sum of the inputs, from the first to the last (ONNX Sum 1, 6, 8, 13).
public struct Sum: Variadic {
  public static let declaration = OperatorDeclaration.plain("Sum", opsets: [1, 6, 8, 13], inputs: 1...OperatorDeclaration.many) { Sum() }

  func apply(_ a: Double, _ b: Double) -> Double { a + b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }
}

/// The mean of the inputs (ONNX Mean 1, 6, 8, 13).
public struct Mean: Variadic {
  public static let declaration = OperatorDeclaration.plain("Mean", opsets: [1, 6, 8, 13], inputs: 1...OperatorDeclaration.many) { Mean() }

  func apply(_ a: Double, _ b: Double) -> Double { a + b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }
  func finish(_ value: Double, count: Int) -> Double { value / Double(count) }
}
