/// `y = min(max(x, low), high)`, each bound possibly absent (ONNX Clip 1, 6, 11, 12, 13).
public struct Clip: Operator {
  /// Up to opset 6 the bounds are attributes.
  private let attributes: (low: Float?, high: Float?)

  public static let declaration = OperatorDeclaration(
    "Clip", opsets: [1, 6, 11, 12, 13], inputs: 1...3, elements: ElementType.numeric
  ) { (node) throws(GraphError) in
    node.ignore("consumed_inputs")
    return node.opset < 11 ? Clip(attributes: (try node.float("min"), try node.float("max"))) : Clip(attributes: (nil, nil))
  }

  public var definition: OperatorDefinition {
    if attributes.low == nil, attributes.high == nil { return OperatorDefinition() }
    return OperatorDefinition(["min": attributes.low.map(Attribute.float), "max": attributes.high.map(Attribute.float)], opset: 10)
  }

  /// The bounds as far as they are constant; nil where absent, or not known before the network runs.
  public func bounds(_ inputs: [Operand?]) -> (low: Double?, high: Double?) {
    (
      attributes.low.map { Double($0) } ?? inputs.optional(1)?.constant?.scalar,
      attributes.high.map { Double($0) } ?? inputs.optional(2)?.constant?.scalar
    )
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    for index in [1, 2] {
      guard let bound = inputs.optional(index)?.type else { continue }
      guard bound.count == 1, bound.element == x.element else { throw .invalid(place: "", reason: "the bounds must be scalars of the input's type") }
    }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    if let values = x.integers {
      let low = inputs.optional(1)?.integers?.first, high = inputs.optional(2)?.integers?.first
      if x.element == .uint64 {
        let low = low.map { UInt64(bitPattern: $0) } ?? .min, high = high.map { UInt64(bitPattern: $0) } ?? .max
        return [Tensor(x.type, .integers(values.map { Int64(bitPattern: min(max(UInt64(bitPattern: $0), low), high)) }))]
      }
      return [Tensor(x.type, .integers(values.map { min(max($0, low ?? .min), high ?? .max) }))]
    }
    let (low, high) = bounds(inputs.map { $0.map(Operand.init) })
    // Comparisons are false for NaN, which stays.
    return [
      Tensor(
        x.type,
        rounding: x.doubles.map { value in
          let raised = if let low, value < low { low } else { value }
          return if let high, raised > high { high } else { raised }
        })
    ]
  }
}
