import Graph

extension Concat: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let y = node.outputs[0], case let shape = try plan.type(y).shape, (3...5).contains(shape.count), axis == 1 || axis == 1 - shape.count else { return false }
    var parts: [BlockedView] = []
    for id in node.inputs {
      guard let id, plan.graph[id].constant == nil, try plan.type(id).element != .float64, try plan.type(id).element.isFloatingPoint else { return false }
      parts.append(try plan.blocked(id))
    }
    guard var joined = BlockedShape(tensor: shape) else { return false }
    joined.blocks = parts.flatMap(\.shape.blocks)
    let whole = plan.newBlocked(joined)
    var block = 0
    for part in parts {
      if !plan.join(part, into: whole, firstBlock: block) { plan.emit(CopyStep(name: node.name, input: part, output: whole, firstBlock: block)) }
      block += part.shape.blocks.count
    }
    plan.define(y, .blocked(whole))
    return true
  }
}
