extension Graph {
  /// The graph with multiplications and additions of constants per channel, and batch normalisations, absorbed into the parameters of the
  /// convolution or normalisation before them.
  public func withAbsorbedAffineOperations() -> Graph {
    var graph = self
    while true {  // each round absorbs one operation behind each
      let next = graph.rewritten { node, pattern, graph in
        guard let affine = Affine(node, pattern) else { return nil }
        return affine.absorbed(by: pattern, node, &graph)
      }
      if next.nodes.count == graph.nodes.count { return graph }
      graph = next
    }
  }
}

/// `factor * x + offset` with constants that broadcast to x.
private struct Affine {
  let x: ValueID
  let factor: Tensor?
  let offset: Tensor?

  init?(_ node: Node, _ pattern: Pattern) {
    let output = node.outputs.first ?? nil
    switch node.operation {
    case is Mul, is Add:
      guard let (constant, x) = pattern.eitherWay(node, pattern.constant) else { return nil }
      self.init(x, node.operation is Mul ? constant : nil, node.operation is Add ? constant : nil)
    case is Sub, is Div:
      guard let x = node.inputs.optional(0), let constant = pattern.constant(node.inputs.optional(1)), constant.element.isFloatingPoint else {
        return nil
      }
      let inverse = Tensor(constant.type.asDouble, .doubles(constant.doubles.map { node.operation is Div ? 1 / $0 : -$0 }))
      self.init(x, node.operation is Div ? inverse : nil, node.operation is Sub ? inverse : nil)
    case let normalisation as BatchNormalization:
      guard let x = node.inputs.optional(0), let shape = pattern.shape(x), shape.count > 2, !normalisation.isPerVoxel else { return nil }
      let parameters = node.inputs.dropFirst().compactMap { pattern.constant($0)?.doubles }
      guard parameters.count == 4 else { return nil }
      let factors = zip(parameters[0], parameters[3]).map { $0 / ($1 + Double(normalisation.epsilon)).squareRoot() }
      let offsets = factors.indices.map { parameters[1][$0] - parameters[2][$0] * factors[$0] }
      let type = TensorType(.float64, [factors.count] + [Int](repeating: 1, count: shape.count - 2))
      self.init(x, Tensor(type, .doubles(factors)), Tensor(type, .doubles(offsets)))
    default: return nil
    }
    guard pattern.shape(x) == pattern.shape(output), pattern.element(x)?.isFloatingPoint == true else { return nil }
  }

  private init(_ x: ValueID, _ factor: Tensor?, _ offset: Tensor?) {
    (self.x, self.factor, self.offset) = (x, factor, offset)
  }

  /// The node that made `x` with other parameters, so that it makes the affine function of it; nil where nothing can absorb it.
  func absorbed(by pattern: Pattern, _ node: Node, _ graph: inout Graph) -> [Node]? {
    guard let shape = pattern.shape(x) else { return nil }
    if let (operation, source) = pattern.onlySource(of: x, as: Conv.self) {
      guard let (factors, offsets) = perChannel(shape) else { return nil }
      return convolution(operation, source, node, pattern, &graph, factors, offsets) { index, count, _ in index / (count / shape[1]) }
    }
    if let (operation, source) = pattern.onlySource(of: x, as: ConvTranspose.self) {
      guard let (factors, offsets) = perChannel(shape) else { return nil }
      // Weights are [Cin, Cout / groups, k...]; the group of an input channel tells to which outputs its weights belong.
      return convolution(operation, source, node, pattern, &graph, factors, offsets) { index, count, weights in
        let perInput = count / weights[0], taps = perInput / weights[1], input = index / perInput
        return input / (weights[0] / operation.groups) * weights[1] + index % perInput / taps
      }
    }
    for source in [pattern.onlySource(of: x, as: InstanceNormalization.self)?.node, pattern.onlySource(of: x, as: GroupNormalization.self)?.node] {
      guard let source else { continue }
      if let group = source.operation as? GroupNormalization, !group.scalesChannels { return nil }
      guard let (factors, offsets) = perChannel(shape) else { return nil }
      return normalization(source, node, pattern, &graph, factors, offsets)
    }
    if let (operation, source) = pattern.onlySource(of: x, as: LayerNormalization.self) {
      return layer(operation, source, node, pattern, &graph, shape)
    }
    return nil
  }

  /// One factor and offset a channel, axis 1.
  private func perChannel(_ shape: [Int]) -> (factors: [Double], offsets: [Double])? {
    guard shape.count >= 2, let factors = Self.perChannel(factor, shape, standard: 1), let offsets = Self.perChannel(offset, shape, standard: 0)
    else { return nil }
    return (factors, offsets)
  }

  private static func perChannel(_ tensor: Tensor?, _ shape: [Int], standard: Double) -> [Double]? {
    guard let tensor else { return [Double](repeating: standard, count: shape[1]) }
    if tensor.count == 1 { return [Double](repeating: tensor.doubles[0], count: shape[1]) }
    let aligned = [Int](repeating: 1, count: shape.count - tensor.shape.count) + tensor.shape
    return tensor.count == shape[1] && aligned[1] == shape[1] ? tensor.doubles : nil
  }

  /// `channel(index, count, weightShape)` tells to which output channel a weight belongs.
  private func convolution(
    _ operation: any Operator, _ source: Node, _ node: Node, _ pattern: Pattern, _ graph: inout Graph, _ factors: [Double], _ offsets: [Double],
    channel: (Int, Int, [Int]) -> Int
  ) -> [Node]? {
    guard let weight = pattern.constant(source.inputs.optional(1)) else { return nil }
    let biasID = source.inputs.optional(2), bias = pattern.constant(biasID)
    guard biasID == nil || bias != nil else { return nil }
    var weights = source.inputs.optional(1)
    if factor != nil {
      let scaled = weight.doubles.enumerated().map { $1 * factors[channel($0, weight.count, weight.shape)] }
      weights = graph.add(constant: Tensor(weight.type, rounding: scaled), name: graph.name(of: weights))
    }
    let old = bias?.doubles ?? [Double](repeating: 0, count: factors.count)
    let shifted = zip(zip(old, factors), offsets).map { $0.0 * $0.1 + $1 }
    let newBias = graph.add(constant: Tensor(TensorType(weight.element, [factors.count]), rounding: shifted), name: source.name + ".bias")
    return [node.replaced(by: operation, [source.inputs.optional(0), weights, newBias])]
  }

  private func normalization(
    _ source: Node, _ node: Node, _ pattern: Pattern, _ graph: inout Graph, _ factors: [Double], _ offsets: [Double]
  ) -> [Node]? {
    guard let scale = pattern.constant(source.inputs.optional(1)), let bias = pattern.constant(source.inputs.optional(2)) else { return nil }
    let scales = zip(scale.doubles, factors).map { $0 * $1 }
    let biases = zip(zip(bias.doubles, factors), offsets).map { $0.0 * $0.1 + $1 }
    let newScale = graph.add(constant: Tensor(scale.type, rounding: scales), name: source.name + ".scale")
    let newBias = graph.add(constant: Tensor(bias.type, rounding: biases), name: source.name + ".bias")
    return [node.replaced(by: source.operation, [source.inputs.optional(0), newScale, newBias])]
  }

  /// Parameters of a layer normalisation broadcast over its trailing axes.
  private func layer(
    _ operation: LayerNormalization, _ source: Node, _ node: Node, _ pattern: Pattern, _ graph: inout Graph, _ shape: [Int]
  ) -> [Node]? {
    guard operation.outputCount == 1, let scale = pattern.constant(source.inputs.optional(1)),
      let first = try? normalizedAxis(operation.group.axis, rank: shape.count)  // types were inferred: it cannot throw
    else { return nil }
    let biasID = source.inputs.optional(2), bias = pattern.constant(biasID)
    guard biasID == nil || bias != nil else { return nil }
    let target = Array(shape[first...])
    func expanded(_ tensor: Tensor?, _ standard: Double) -> [Double]? {
      guard let tensor else { return [Double](repeating: standard, count: target.reduce(1, *)) }
      let trimmed = Array(tensor.shape.drop { $0 == 1 })
      guard trimmed.count <= target.count else { return nil }
      return tensor.reshaped(trimmed).broadcast(to: target).doubles
    }
    guard let scales = expanded(scale, 1), let biases = expanded(bias, 0), let factors = expanded(factor, 1), let offsets = expanded(offset, 0) else {
      return nil
    }
    let type = TensorType(scale.element, target)
    let newScale = graph.add(constant: Tensor(type, rounding: zip(scales, factors).map { $0 * $1 }), name: source.name + ".scale")
    let sums = zip(zip(biases, factors), offsets).map { $0.0 * $0.1 + $1 }
    let newBias = graph.add(constant: Tensor(type, rounding: sums), name: source.name + ".bias")
    return [node.replaced(by: operation, [source.inputs.optional(0), newScale, newBias])]
  }
}

extension TensorType {
  fileprivate var asDouble: TensorType { TensorType(.float64, shape) }
}

extension Graph {
  func name(of id: ValueID?) -> String { id.map { self[$0].name } ?? "" }
}
