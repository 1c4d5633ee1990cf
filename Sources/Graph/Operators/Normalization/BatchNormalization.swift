/// `y = scale[c] * (x - mean[c]) / sqrt(variance[c] + epsilon) + bias[c]` with stored statistics (ONNX BatchNormalization 1, 6, 7, 9, 14, 15).
///
/// Inputs X `[N, C, D...]` or `[N]`, then scale, bias, mean and variance, each `[C]`. Training is `TrainingBatchNormalization`; before opset 14 it
/// is refused.
public struct BatchNormalization: Operator {
  public let epsilon: Float
  /// Parameters are given per channel and voxel, `[C, D...]`: the attribute 'spatial' of opsets before 9, where it is 0.
  public let isPerVoxel: Bool

  public static let declaration = OperatorDeclaration(
    "BatchNormalization", opsets: [1, 6, 7, 9, 14, 15], inputs: 5...5, outputs: 1...5, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    let momentum = try node.float("momentum") ?? 0.9
    if node.opset == 1 { node.ignore("consumed_inputs") }
    let trains: Bool =
      if node.opset >= 14 { try node.bool("training_mode") ?? false }
      else if node.opset < 7 { try !(node.bool("is_test") ?? false) }
      else { false }
    if trains, node.opset >= 14, node.outputCount <= 3 {
      return TrainingBatchNormalization(epsilon: try node.float("epsilon") ?? 1e-5, momentum: momentum, outputCount: node.outputCount)
    }
    guard !trains, node.outputCount == 1 else {
      throw .unsupported(place: node.node, reason: "BatchNormalization in training mode; export the model after model.eval()")
    }
    return BatchNormalization(
      epsilon: try node.float("epsilon") ?? 1e-5, isPerVoxel: node.opset < 9 ? try node.bool("spatial") == false : false)
  }

  public var definition: OperatorDefinition {
    isPerVoxel
      ? OperatorDefinition(["epsilon": .float(epsilon), "spatial": .flag(false)], opset: 8) : OperatorDefinition(["epsilon": .float(epsilon)])
  }

  private static let parameters = ["scale", "B", "mean", "var"]

  /// Shape of each parameter.
  private func parameterShape(_ shape: [Int]) throws(GraphError) -> [Int] {
    guard !shape.isEmpty else { throw .invalid(place: "", reason: "input 'X' is a scalar") }
    if shape.count == 1 { return [1] }
    return isPerVoxel ? Array(shape[1...]) : [shape[1]]
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    let wanted = try parameterShape(x.shape)
    for (index, name) in Self.parameters.enumerated() {
      let type = try inputs.required(index + 1, name).type, shape = type.shape
      try checkFloating(type, name)
      guard shape == wanted else { throw .shape(place: "", reason: "input '\(name)' has the shape \(shape), not \(wanted) as X \(x.shape) needs") }
    }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let scale = (try inputs.required(1, "scale") as Tensor).doubles, bias = (try inputs.required(2, "B") as Tensor).doubles
    let mean = (try inputs.required(3, "mean") as Tensor).doubles, variance = (try inputs.required(4, "var") as Tensor).doubles
    let factors = zip(scale, variance).map { $0 / ($1 + Double(epsilon)).squareRoot() }
    let voxels = isPerVoxel ? 1 : x.shape.dropFirst(2).reduce(1, *)
    let y = x.doubles.enumerated().map { at, value in
      let parameter = at / voxels % factors.count
      return (value - mean[parameter]) * factors[parameter] + bias[parameter]
    }
    return [Tensor(x.type, rounding: y)]
  }
}

/// Batch normalisation by the statistics of its own input (ONNX BatchNormalization 14, 15 with `training_mode`): Y, and where asked for the
/// stored statistics, moved towards those of the input: `stored * momentum + own * (1 - momentum)`.
///
/// Inputs as for `BatchNormalization`; mean and biased variance of a channel are over all images and voxels.
public struct TrainingBatchNormalization: Operator {
  public let epsilon: Float
  public let momentum: Float
  /// Y, then the moved mean, then the moved variance.
  public let outputCount: Int

  public static let declaration = BatchNormalization.declaration

  public var definition: OperatorDefinition {
    OperatorDefinition(["epsilon": .float(epsilon), "momentum": .float(momentum), "training_mode": .flag(true)])
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let types = try BatchNormalization(epsilon: epsilon, isPerVoxel: false).outputs(of: inputs)
    let statistics = [try inputs.required(3, "mean").type, try inputs.required(4, "var").type]
    return Array((types + statistics).prefix(outputCount))
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), stored: [Tensor] = [try inputs.required(3, "mean"), try inputs.required(4, "var")]
    let values = x.doubles, channels = stored[0].count, voxels = x.shape.dropFirst(2).reduce(1, *)
    let own = (0..<channels).map { channel in Moments(values.indices.lazy.filter { $0 / voxels % channels == channel }.map { values[$0] }) }
    let statistics = [own.map(\.mean), own.map(\.variance)]
    let type = TensorType(.float64, [channels])
    let y = try BatchNormalization(epsilon: epsilon, isPerVoxel: false).evaluate(Array(inputs.prefix(3)) + statistics.map { Tensor(type, .doubles($0)) })
    let moved = zip(stored, statistics).map { stored, own in
      Tensor(stored.type, rounding: zip(stored.doubles, own).map { $0 * Double(momentum) + $1 * (1 - Double(momentum)) })
    }
    return Array((y + moved).prefix(outputCount))
  }
}
