import Graph

extension MaxPool: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard node.outputs.dropFirst().allSatisfy({ $0 == nil }) else { return false }
    return try plan.lowerPooling(node, .max) { (shape) throws(GraphError) in try geometry(input: shape) }
  }
}

extension AveragePool: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    try plan.lowerPooling(node, .average(countsPadding: countsPadding)) { (shape) throws(GraphError) in try geometry(input: shape) }
  }
}

extension GlobalAveragePool: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0] else { return false }
    return try plan.lowerChannelMean(x, y, name: node.name)
  }
}

extension PlanBuilder {
  fileprivate mutating func lowerPooling(
    _ node: Node, _ kind: PoolingStep.Kind, geometry: ([Int]) throws(GraphError) -> PoolingGeometry
  ) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try isFloat(x), case let shape = try type(x).shape, (3...5).contains(shape.count) else {
      return false
    }
    let g: PoolingGeometry
    do throws(GraphError) { g = try geometry(shape) } catch { throw EngineError(error, in: node.name) }
    let view = try blocked(x)
    var result = BlockedShape(batch: g.batch, channels: g.channels, size: Axes(g.output, filler: 1), rank: g.output.count, width: view.shape.width)
    result.blocks = view.shape.blocks
    let output = newBlocked(result)
    emit(
      PoolingStep(
        name: node.name, kind: kind, input: view, output: output, kernel: Axes(g.kernel, filler: 1), strides: Axes(g.strides, filler: 1),
        dilations: Axes(g.dilations, filler: 1), before: Axes(g.padsBegin, filler: 0), after: Axes(g.padsEnd, filler: 0)))
    define(y, .blocked(output))
    return true
  }

  /// The mean of every channel over space, from statistics that its producer may have taken in passing.
  mutating func lowerChannelMean(_ x: ValueID, _ y: ValueID, name: String) throws(EngineError) -> Bool {
    guard try isFloat(x), (3...5).contains(try type(x).shape.count) else { return false }
    let view = try blocked(x), output = newPlain(floats: view.shape.batch * view.shape.channels)
    emit(ChannelMeanStep(name: name, moments: moments(of: view, name: name), shape: view.shape, output: output))
    define(y, .plain(output))
    return true
  }
}
