/// `y = scale[c] * (x - mean[c]) / sqrt(variance[c] + epsilon) + bias[c]` with stored statistics (ONNX BatchNormalization 1, 6, 7, 9, 14, 15).
///
/// Inputs X `[N, C, D...]` or `[N]`, then scale, bias, mean and variance, each `[C]`. Training, which would compute the statistics, is refused.
public struct BatchNormalization: Operator {
  public let epsilon: Float

  public static let declaration = OperatorDeclaration(
    "BatchNormalization", opsets: [1, 6, 7, 9, 14, 15], inputs: 5...5, outputs: 1...5, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    node.ignore("momentum")
    if node.opset == 1 { node.ignore("consumed_inputs") }
    let trains: Bool =
      if node.opset >= 14 { try node.bool("training_mode") ?? false }
      else if node.opset < 7 { try !(node.bool("is_test") ?? false) }
      else { false }
    guard !trains, node.outputCount == 1 else {
      throw .unsupported(place: node.node, reason: "BatchNormalization in training mode; export the model after model.eval()")
    }
    if node.opset < 9, try node.bool("spatial") == false {
      throw .unsupported(place: node.node, reason: "BatchNormalization with statistics per voxel (attribute 'spatial' is 0)")
    }
    return BatchNormalization(epsilon: try node.float("epsilon") ?? 1e-5)
  }

  private static let parameters = ["scale", "B", "mean", "var"]

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    guard let channels = x.shape.count > 1 ? x.shape[1] : x.shape.first.map({ _ in 1 }) else {
      throw .invalid(place: "", reason: "input 'X' is a scalar")
    }
    for (index, name) in Self.parameters.enumerated() {
      try checkPerChannel(try inputs.required(index + 1, name).type, name, channels: channels)
    }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let scale = (try inputs.required(1, "scale") as Tensor).doubles, bias = (try inputs.required(2, "B") as Tensor).doubles
    let mean = (try inputs.required(3, "mean") as Tensor).doubles, variance = (try inputs.required(4, "var") as Tensor).doubles
    let factors = zip(scale, variance).map { $0 / ($1 + Double(epsilon)).squareRoot() }
    let voxels = max(1, x.shape.dropFirst(2).reduce(1, *)), channels = x.shape.count > 1 ? x.shape[1] : 1
    let y = x.doubles.enumerated().map { at, value in
      let c = at / voxels % channels
      return (value - mean[c]) * factors[c] + bias[c]
    }
    return [Tensor(x.type, rounding: y)]
  }
}
