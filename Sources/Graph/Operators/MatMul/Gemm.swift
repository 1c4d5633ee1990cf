/// `Y = alpha * A' * B' + beta * C`, where A' and B' are A and B, transposed or not, and C broadcasts to the result
/// (ONNX Gemm 1, 6, 7, 9, 11, 13).
public struct Gemm: Operator {
  public let alpha: Float
  public let beta: Float
  public let transposesA: Bool
  public let transposesB: Bool
  /// C must have the result's shape: the definition before opset 7 without its attribute 'broadcast'.
  public let refusesBroadcast: Bool

  public static let declaration = OperatorDeclaration(
    "Gemm", opsets: [1, 6, 7, 9, 11, 13], inputs: 2...3, elements: ElementType.floatingPoint + [.int32, .int64, .uint32, .uint64]
  ) { (node) throws(GraphError) in
    Gemm(
      alpha: try node.float("alpha") ?? 1, beta: try node.float("beta") ?? 1, transposesA: try node.bool("transA") ?? false,
      transposesB: try node.bool("transB") ?? false, refusesBroadcast: node.opset < 7 ? try !(node.bool("broadcast") ?? false) : false)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(
      ["alpha": .float(alpha), "beta": .float(beta), "transA": .flag(transposesA), "transB": .flag(transposesB)], opset: refusesBroadcast ? 6 : nil)
  }

  /// Sizes of the product of A' and B'.
  public func geometry(a: [Int], b: [Int]) throws(GraphError) -> MatMulGeometry {
    guard a.count == 2, b.count == 2 else { throw .invalid(place: "", reason: "operands \(a) and \(b) are not matrices") }
    return try MatMul().geometry(a: transposesA ? a.reversed() : a, b: transposesB ? b.reversed() : b)
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let a = try inputs.required(0, "A").type, b = try inputs.required(1, "B").type, c = inputs.optional(2)?.type
    guard a.element == b.element else {
      throw .invalid(place: "", reason: "operands are \(a.element.onnxName) and \(b.element.onnxName); both must be of one type")
    }
    let shape = try geometry(a: a.shape, b: b.shape).outputShape
    if let c {
      try checkBroadcast(c, "C", element: a.element, to: shape)
      guard !refusesBroadcast || c.shape == shape else {
        throw .shape(place: "", reason: "input 'C' of shape \(c.shape) is not of the result's shape \(shape)")
      }
    }
    if !a.element.isFloatingPoint, alpha != 1 || beta != 1 {
      throw .unsupported(place: "", reason: "Gemm of integers with alpha \(alpha) and beta \(beta)")
    }
    return [TensorType(a.element, shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let a: Tensor = try inputs.required(0, "A"), b: Tensor = try inputs.required(1, "B"), c: Tensor? = inputs.optional(2)
    let g = try geometry(a: a.shape, b: b.shape), type = TensorType(a.element, g.outputShape)
    let left = transposesA ? transposed(a) : a, right = transposesB ? transposed(b) : b
    let addend = c?.broadcast(to: g.outputShape)
    if let left = left.integers, let right = right.integers {
      let product = multiply(g, left, right, zero: 0) { $0 &+ $1 &* $2 }
      return [Tensor(type, wrapping: addend?.integers.map { zip(product, $0).map { $0 &+ $1 } } ?? product)]
    }
    let product = multiply(g, left.doubles, right.doubles, zero: 0) { $0 + $1 * $2 }.map { Double(alpha) * $0 }
    return [Tensor(type, rounding: addend.map { zip(product, $0.doubles).map { $0 + Double(beta) * $1 } } ?? product)]
  }

  private func transposed(_ matrix: Tensor) -> Tensor { matrix.strided(matrix.shape.reversed(), strides: [1, matrix.shape[1]]) }
}
