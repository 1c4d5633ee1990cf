/// `y = scale[c] * (x - mean) / sqrt(variance + epsilon) + bias[c]`, mean and biased variance over the space of each item and channel
/// (ONNX InstanceNormalization 1, 6, 22).
///
/// Inputs X `[N, C, D...]`, scale and bias `[C]`. One voxel gives the bias.
public struct InstanceNormalization: Operator {
  public let epsilon: Float

  public static let declaration = OperatorDeclaration(
    "InstanceNormalization", opsets: [1, 6, 22], inputs: 3...3, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    if node.opset == 1 { node.ignore("consumed_inputs") }
    return InstanceNormalization(epsilon: try node.float("epsilon") ?? 1e-5)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["epsilon": .float(epsilon)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    guard x.shape.count >= 2 else { throw .invalid(place: "", reason: "input of shape \(x.shape) has no axes N and C") }
    try checkPerChannel(try inputs.required(1, "scale").type, "scale", channels: x.shape[1])
    try checkPerChannel(try inputs.required(2, "B").type, "B", channels: x.shape[1])
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input"), values = x.doubles
    let scale = (try inputs.required(1, "scale") as Tensor).doubles, bias = (try inputs.required(2, "B") as Tensor).doubles
    let channels = x.shape[1], voxels = x.shape[2...].reduce(1, *)
    var y: [Double] = []
    y.reserveCapacity(values.count)
    for row in 0..<(x.shape[0] * channels) {
      let slice = values[row * voxels..<(row + 1) * voxels], moments = Moments(slice)
      let factor = scale[row % channels] / (moments.variance + Double(epsilon)).squareRoot()
      y += slice.map { ($0 - moments.mean) * factor + bias[row % channels] }
    }
    return [Tensor(x.type, rounding: y)]
  }
}
