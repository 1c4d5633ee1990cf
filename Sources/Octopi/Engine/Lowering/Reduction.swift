import Graph

extension ReduceMean: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0] else { return false }
    let rank = try plan.type(x).shape.count
    if plan.isBlocked(x), try plan.reducedAxes(node, axes) == Array(2..<rank) { return try plan.lowerChannelMean(x, y, name: node.name) }
    return try plan.lowerReduction(node, axes, .mean)
  }
}

extension ReduceSum: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerReduction(node, axes, .sum) }
}

extension ReduceL1: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerReduction(node, axes, .sumOfAbsolutes) }
}

extension ReduceL2: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerReduction(node, axes, .rootOfSquares) }
}

extension ReduceSumSquare: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerReduction(node, axes, .sumOfSquares) }
}

extension ReduceMax: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerReduction(node, axes, .max) }
}

extension ReduceMin: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerReduction(node, axes, .min) }
}

extension PlanBuilder {
  func reducedAxes(_ node: Node, _ axes: ReducedAxes) throws(EngineError) -> [Int] {
    let operands = try operands(node)
    do throws(GraphError) { return try axes.axes(of: operands) } catch { throw EngineError(error, in: node.name) }
  }

  /// A reduction over axes that follow each other.
  fileprivate mutating func lowerReduction(_ node: Node, _ axes: ReducedAxes, _ kind: ReduceStep.Kind) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try isFloat(x) else { return false }
    if node.inputs.count > 1, let list = node.inputs[1], graph[list].constant == nil { return false }
    let shape = try type(x).shape, reduced = try reducedAxes(node, axes)
    guard let first = reduced.first, let last = reduced.last, last - first + 1 == reduced.count, !shape.contains(0) else { return false }
    let input = try plain(x), output = newPlain(floats: try type(y).count)
    emit(
      ReduceStep(
        name: node.name, kind: kind, input: input, output: output, outer: shape[..<first].reduce(1, *), length: shape[first...last].reduce(1, *),
        inner: shape[(last + 1)...].reduce(1, *)))
    define(y, .plain(output))
    return true
  }
}
