/// An operator that computes each element of its result from the same element of its one input, whose type it keeps.
protocol Pointwise: Operator, Hashable {
  /// The function for floating-point types; its result is rounded to the tensor's type.
  func apply(_ x: Double) -> Double
  /// The function for signed integers, wrapped to the tensor's type afterwards, and for `UInt64`. Only for operators that declare such.
  func apply<I: FixedWidthInteger>(_ x: I) -> I
}

extension Pointwise {
  func apply<I: FixedWidthInteger>(_ x: I) -> I { x }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [try inputs.required(0, "X").type] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    switch x.values {
    case .floats(let v): return [Tensor(x.type, rounding: v.map { Float(apply(Double($0))) })]
    case .doubles(let v): return [Tensor(x.type, .doubles(v.map { apply($0) }))]
    case .integers(let v) where x.element == .uint64:
      return [Tensor(x.type, .integers(v.map { Int64(bitPattern: apply(UInt64(bitPattern: $0))) }))]
    case .integers(let v): return [Tensor(x.type, wrapping: v.map { apply($0) })]
    }
  }
}

extension OperatorDeclaration {
  /// A declaration without attributes that matter.
  static func plain(
    _ name: String, opsets: [Int], inputs: ClosedRange<Int> = 1...1, elements: [ElementType] = ElementType.floatingPoint,
    _ make: @escaping @Sendable () -> any Operator
  ) -> OperatorDeclaration {
    OperatorDeclaration(name, opsets: opsets, inputs: inputs, elements: elements) { (node) throws(GraphError) in
      if node.opset < 6 { node.ignore("consumed_inputs") }  // a hint of the first opset
      return make()
    }
  }

  /// A declaration with one float attribute or more.
  static func scaled(
    _ name: String, opsets: [Int], _ make: @escaping @Sendable (AttributeReader) throws(GraphError) -> any Operator
  ) -> OperatorDeclaration {
    OperatorDeclaration(name, opsets: opsets, elements: ElementType.floatingPoint) { (node) throws(GraphError) in
      if node.opset < 6 { node.ignore("consumed_inputs") }
      return try make(node)
    }
  }
}
