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

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    guard let x = inputs[0] else { throw .invalid(place: "LeakyRelu", reason: "input 'X' is missing") }
    return [x.type]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    guard let x = inputs[0], let values = x.floats else { throw .unsupported(place: "LeakyRelu", reason: "the input is not float") }
    return [Tensor(x.type, .floats(values.map { $0 < 0 ? alpha * $0 : $0 }))]
  }
}
