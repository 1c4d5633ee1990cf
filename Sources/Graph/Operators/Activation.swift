/// Element by element functions with no second input.
enum Activation {
  static let operators = [LeakyRelu.declaration]
}

/// `y = x < 0 ? alpha * x : x` (ONNX LeakyRelu 1, 6, 16).
public struct LeakyRelu: Operator {
  /// Slope below zero; ONNX's default is 0.01.
  public let alpha: Float

  public static let declaration = OperatorDeclaration(
    "LeakyRelu", opsets: [1, 6, 16], elements: [.float32, .float16, .float64]
  ) { (node) throws(GraphError) in LeakyRelu(alpha: try node.float("alpha") ?? 0.01) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [try inputs.required(0, "X").type] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    return [Tensor(x.type, rounding: x.doubles.map { $0 < 0 ? Double(alpha) * $0 : $0 })]
  }
}
