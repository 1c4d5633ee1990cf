extension Graph {
  /// The graph with one form for what ONNX can say in several: every change of shape is a Reshape to a constant shape, none follows
  /// another; operands of old broadcasting rules have the shape that NumPy's rules want; a PRelu with one slope is a LeakyRelu.
  public func withCanonicalForms() -> Graph {
    let unified = rewritten { node, pattern, graph in
      if let operation = node.operation as? any ShapeOnly { return operation.asReshape(node, &graph) }
      if let operation = node.operation as? PRelu { return operation.asLeakyRelu(node, pattern) ?? operation.withModernSlope(node, &graph) }
      if let operation = node.operation as? any OldBroadcasting { return operation.modernised(node, &graph) }
      return nil
    }
    return unified.rewritten { node, pattern, _ in
      guard let x = node.inputs.optional(0) else { return nil }
      if let transpose = node.operation as? Transpose { return transpose.composed(node, x, pattern) }
      guard node.operation is Reshape else { return nil }
      // Only the last of several changes of shape counts.
      var data = x
      while let (_, before) = pattern.source(of: data, as: Reshape.self), let inner = before.inputs.optional(0) { data = inner }
      return data == x ? nil : [node.replaced(by: node.operation, [data, node.inputs.optional(1)])]
    }.withoutIdentities()
  }

  /// The graph without Identity nodes whose result is no output.
  func withoutIdentities() -> Graph {
    var stands: [ValueID: ValueID] = [:]
    let named = Set(outputs)
    var result = self
    result.nodes = nodes.compactMap { node in
      var node = node
      node.inputs = node.inputs.map { $0.map { stands[$0] ?? $0 } }
      guard node.operation is Identity, let x = node.inputs.optional(0), let y = node.outputs.first ?? nil, !named.contains(y) else { return node }
      stands[y] = x
      return nil
    }
    return stands.isEmpty ? self : result.withoutDeadCode()
  }
}

extension ShapeOnly {
  fileprivate func asReshape(_ node: Node, _ graph: inout Graph) -> [Node]? {
    guard let id = node.outputs.first ?? nil, let shape = graph[id].type?.shape, let x = node.inputs.optional(0) else { return nil }
    if let reshape = self as? Reshape, reshape.isCanonical, node.inputs.optional(1).map({ graph[$0].constant == Tensor(shape: shape) }) == true {
      return nil
    }
    let target = graph.add(constant: Tensor(shape: shape), name: graph[id].name + ".shape")
    return [node.replaced(by: Reshape.canonical, [x, target])]
  }
}

extension Transpose {
  /// One permutation for two or more that follow each other; Identity where they undo each other.
  fileprivate func composed(_ node: Node, _ x: ValueID, _ pattern: Pattern) -> [Node]? {
    guard let rank = pattern.shape(x)?.count, var order = try? order(rank: rank) else { return nil }  // types were inferred: it cannot throw
    var data = x
    while let (before, inner) = pattern.source(of: data, as: Transpose.self), let source = inner.inputs.optional(0),
      let earlier = try? before.order(rank: rank)
    {
      order = order.map { earlier[$0] }
      data = source
    }
    if data == x { return nil }
    return order == Array(0..<rank) ? [node.replaced(by: Identity(), [data])] : [node.replaced(by: Transpose(permutation: order), [data])]
  }
}

extension PRelu {
  fileprivate func asLeakyRelu(_ node: Node, _ pattern: Pattern) -> [Node]? {
    guard let x = node.inputs.optional(0), pattern.element(x)?.isFloatingPoint == true, pattern.element(x) != .float64,
      let slope = pattern.scalar(node.inputs.optional(1))
    else { return nil }
    return [node.replaced(by: LeakyRelu(alpha: Float(slope)), [x])]
  }

  fileprivate func withModernSlope(_ node: Node, _ graph: inout Graph) -> [Node]? {
    guard let x = node.inputs.optional(0), let slope = node.inputs.optional(1), let type = graph[x].type, let given = graph[slope].type,
      let shape = try? slopeShape(given.shape, x: type.shape)  // types were inferred: it cannot throw
    else { return nil }
    return shape == given.shape ? nil : graph.reshaping(slope, to: shape) { node.replaced(by: PRelu(), [x, $0]) }
  }
}

/// A binary operator that up to opset 6 aligned its second operand with an axis of the first.
protocol OldBroadcasting: Operator {
  var oldBroadcast: OldBroadcast? { get }
  /// The operator of today.
  var modern: any Operator { get }
}

extension OldBroadcasting {
  fileprivate func modernised(_ node: Node, _ graph: inout Graph) -> [Node]? {
    guard let oldBroadcast, let a = node.inputs.optional(0), let b = node.inputs.optional(1), let first = graph[a].type,
      let second = graph[b].type, let shape = try? oldBroadcast.shape(of: second.shape, against: first.shape)  // types were inferred
    else { return nil }
    return graph.reshaping(b, to: shape) { node.replaced(by: modern, [a, $0]) }
  }
}

extension Graph {
  /// Nodes that use `id` in another shape: of a constant there is a copy, else a Reshape goes before the user.
  fileprivate mutating func reshaping(_ id: ValueID, to shape: [Int], _ user: (ValueID) -> Node) -> [Node] {
    if self[id].type?.shape == shape { return [user(id)] }
    if let constant = self[id].constant { return [user(add(constant: constant.reshaped(shape), name: self[id].name))] }
    let target = add(constant: Tensor(shape: shape), name: self[id].name + ".shape")
    let reshaped = add(Value(name: self[id].name + ".reshaped", type: self[id].type.map { TensorType($0.element, shape) }))
    return [
      Node(name: self[id].name + ".reshape", operation: Reshape.canonical, inputs: [id, target], outputs: [reshaped]), user(reshaped),
    ]
  }
}
