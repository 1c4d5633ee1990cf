/// `y = scale * (x - mean) / sqrt(variance + epsilon) + bias`, mean and biased variance over the space and the channels of each group
/// (ONNX GroupNormalization 18, 21).
///
/// Inputs X `[N, C, D...]`, scale and bias, one number per channel, or per group in opset 18. Computed in double precision whatever
/// the attribute 'stash_type' says.
public struct GroupNormalization: Operator {
  public let groups: Int
  public let epsilon: Float
  /// Scale and bias have one number per channel; else per group.
  public let scalesChannels: Bool

  public static let declaration = OperatorDeclaration(
    "GroupNormalization", opsets: [18, 21], inputs: 3...3, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    guard let groups = try node.int("num_groups"), groups > 0 else {
      throw .invalid(place: node.node, reason: "attribute 'num_groups' is missing or not positive")
    }
    if node.opset >= 21 { _ = try TrailingAxes.stashType(node) }
    return GroupNormalization(groups: groups, epsilon: try node.float("epsilon") ?? 1e-5, scalesChannels: node.opset >= 21)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(["num_groups": .integer(groups), "epsilon": .float(epsilon)], opset: scalesChannels ? nil : 18)
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    guard x.shape.count >= 2, x.shape[1] % groups == 0 else {
      throw .shape(place: "", reason: "the channels of X \(x.shape) do not divide into \(groups) groups")
    }
    for (index, name) in [(1, "scale"), (2, "bias")] {
      try checkPerChannel(try inputs.required(index, name).type, name, channels: scalesChannels ? x.shape[1] : groups)
    }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), values = x.doubles
    let scale = (try inputs.required(1, "scale") as Tensor).doubles, bias = (try inputs.required(2, "bias") as Tensor).doubles
    let channels = x.shape[1], voxels = x.shape[2...].reduce(1, *), length = channels / groups * voxels
    let moments = (0..<(x.shape[0] * groups)).map { Moments(values[$0 * length..<($0 + 1) * length]) }
    let y = values.indices.map { at in
      let moments = moments[at / length], parameter = scalesChannels ? at / voxels % channels : at / length % groups
      return (values[at] - moments.mean) / (moments.variance + Double(epsilon)).squareRoot() * scale[parameter] + bias[parameter]
    }
    return [Tensor(x.type, rounding: y)]
  }
}
