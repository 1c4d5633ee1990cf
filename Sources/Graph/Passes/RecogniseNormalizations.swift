extension Graph {
  /// The graph with normalisations that exporters write as arithmetic put together again: means, differences, squares and roots become
  /// LayerNormalization or InstanceNormalization; those between two changes of shape become GroupNormalization.
  public func withRecognisedNormalizations() -> Graph {
    rewritten { node, pattern, graph in
      guard node.operation is Div || node.operation is Mul else { return nil }
      return NormalizationMatch(pattern, node)?.replacement(node, &graph)
    }.rewritten { node, pattern, graph in
      if let operation = node.operation as? GroupNormalization { return operation.withScalePerChannel(node, pattern, &graph) }
      return GroupMatch(pattern, node)?.replacement(node, &graph)
    }
  }
}

/// `(x - mean) / sqrt(mean of (x - mean)^2 + epsilon)`, all means over the same axes.
private struct NormalizationMatch {
  let x: ValueID
  let type: TensorType
  let axes: [Int]
  let epsilon: Double

  init?(_ pattern: Pattern, _ node: Node) {
    guard let (difference, deviation) = Self.quotient(pattern, node), let (_, subtraction) = pattern.source(of: difference, as: Sub.self),
      let x = subtraction.inputs.optional(0), let (mean, axes) = Self.mean(pattern, subtraction.inputs.optional(1)), mean == x,
      let (_, root) = pattern.source(of: deviation, as: Sqrt.self), let inner = root.inputs.optional(0),
      let (variance, epsilon) = pattern.shifted(inner), let (square, squareAxes) = Self.mean(pattern, variance), squareAxes == axes,
      Self.isSquare(pattern, square, of: difference), let type = pattern.graph[x].type
    else { return nil }
    self.x = x
    self.type = type
    self.axes = axes
    self.epsilon = epsilon
  }

  /// Numerator and denominator: `a / b`, or `a * (1 / b)`.
  private static func quotient(_ pattern: Pattern, _ node: Node) -> (ValueID, ValueID)? {
    if node.operation is Div, let a = node.inputs.optional(0), let b = node.inputs.optional(1) { return (a, b) }
    return pattern.eitherWay(node) { pattern.source(of: $0, as: Reciprocal.self)?.node.inputs.optional(0) }.map { ($0.other, $0.found) }
  }

  /// The value whose mean over some axes, which stay with length one, is `id`.
  private static func mean(_ pattern: Pattern, _ id: ValueID?) -> (ValueID, [Int])? {
    guard let (reduction, node) = pattern.source(of: id, as: ReduceMean.self), let x = node.inputs.optional(0),
      pattern.shape(x)?.count == pattern.shape(id)?.count
    else { return nil }
    let operands = pattern.operands(of: node)
    guard let axes = try? reduction.axes.axes(of: operands) else { return nil }  // types were inferred: it cannot throw
    return (x, axes)
  }

  private static func isSquare(_ pattern: Pattern, _ id: ValueID, of x: ValueID) -> Bool {
    if let (_, node) = pattern.source(of: id, as: Mul.self) { return node.inputs == [x, x] }
    guard let (_, node) = pattern.source(of: id, as: Pow.self) else { return false }
    return node.inputs.optional(0) == x && pattern.scalar(node.inputs.optional(1)) == 2
  }

  func replacement(_ node: Node, _ graph: inout Graph) -> [Node]? {
    let shape = type.shape
    guard let first = axes.first, first > 0, axes == Array(first..<shape.count) else { return nil }
    // Over all space of channels-first data it is an instance normalisation; a single trailing axis is a layer's features.
    if first == 2, shape.count > 3 {
      let ones = graph.add(constant: Tensor(TensorType(type.element, [shape[1]]), rounding: [Double](repeating: 1, count: shape[1])), name: "scale")
      let zeros = graph.add(constant: Tensor(TensorType(type.element, [shape[1]]), rounding: [Double](repeating: 0, count: shape[1])), name: "bias")
      return [node.replaced(by: InstanceNormalization(epsilon: Float(epsilon)), [x, ones, zeros])]
    }
    let scaleType = TensorType(type.element, Array(shape[first...]))
    let ones = graph.add(constant: Tensor(scaleType, rounding: [Double](repeating: 1, count: scaleType.count)), name: "scale")
    let operation = LayerNormalization(group: TrailingAxes(from: first - shape.count), epsilon: Float(epsilon), outputCount: 1)
    return [node.replaced(by: operation, [x, ones, nil])]
  }
}

/// A normalisation of `[N, groups, rest]` between a change of shape from `[N, C, D...]` and one back.
private struct GroupMatch {
  let x: ValueID
  let type: TensorType
  let groups: Int
  let epsilon: Float
  /// One number a group.
  let scale: [Double]
  let bias: [Double]

  init?(_ pattern: Pattern, _ node: Node) {
    guard node.operation is Reshape, let inner = node.inputs.optional(0), let shape = pattern.shape(inner), shape.count == 3,
      let normalised = Self.normalisation(pattern, inner, groups: shape[1]),
      let (_, reshape) = pattern.source(of: normalised.data, as: Reshape.self), let x = reshape.inputs.optional(0),
      let type = pattern.graph[x].type, type.shape == pattern.shape(node.outputs.first ?? nil), type.shape.count >= 2,
      type.shape[0] == shape[0], shape[1] > 0, type.shape[1] % shape[1] == 0
    else { return nil }
    self.x = x
    self.type = type
    groups = shape[1]
    (epsilon, scale, bias) = (normalised.epsilon, normalised.scale, normalised.bias)
  }

  private static func normalisation(
    _ pattern: Pattern, _ id: ValueID, groups: Int
  ) -> (data: ValueID, epsilon: Float, scale: [Double], bias: [Double])? {
    if let (operation, node) = pattern.onlySource(of: id, as: InstanceNormalization.self), let data = node.inputs.optional(0),
      let scale = pattern.constant(node.inputs.optional(1)), let bias = pattern.constant(node.inputs.optional(2))
    {
      return (data, operation.epsilon, scale.doubles, bias.doubles)
    }
    guard let (operation, node) = pattern.onlySource(of: id, as: LayerNormalization.self), let data = node.inputs.optional(0),
      operation.group.axis == -1 || operation.group.axis == 2, node.inputs.optional(2) == nil,
      let scale = pattern.constant(node.inputs.optional(1)), scale.doubles.allSatisfy({ $0 == 1 })
    else { return nil }
    return (data, operation.epsilon, [Double](repeating: 1, count: groups), [Double](repeating: 0, count: groups))
  }

  func replacement(_ node: Node, _ graph: inout Graph) -> [Node]? {
    let channels = type.shape[1], parameterType = TensorType(type.element, [channels])
    func perChannel(_ values: [Double], _ name: String) -> ValueID {
      graph.add(constant: Tensor(parameterType, rounding: (0..<channels).map { values[$0 / (channels / groups)] }), name: name)
    }
    let inputs: [ValueID?] = [x, perChannel(scale, "scale"), perChannel(bias, "bias")]
    let operation: any Operator =
      groups == channels ? InstanceNormalization(epsilon: epsilon) : GroupNormalization(groups: groups, epsilon: epsilon, scalesChannels: true)
    return [node.replaced(by: operation, inputs)]
  }
}

extension GroupNormalization {
  /// The form with one scale and bias a channel, of the one with one a group.
  fileprivate func withScalePerChannel(_ node: Node, _ pattern: Pattern, _ graph: inout Graph) -> [Node]? {
    guard !scalesChannels, let x = node.inputs.optional(0), let channels = pattern.shape(x)?.dropFirst().first,
      let scale = pattern.constant(node.inputs.optional(1)), let bias = pattern.constant(node.inputs.optional(2))
    else { return nil }
    let inputs = [scale, bias].map { parameter in
      graph.add(
        constant: Tensor(
          TensorType(parameter.element, [channels]), rounding: (0..<channels).map { parameter.doubles[$0 / (channels / groups)] }), name: "scale")
    }
    return [node.replaced(by: GroupNormalization(groups: groups, epsilon: epsilon, scalesChannels: true), [x] + inputs)]
  }
}
