import Graph

extension Concat: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let y = node.outputs[0], case let shape = try plan.type(y).shape, (3...5).contains(shape.count), axis == 1 || axis == 1 - shape.count else { return false }
    var parts: [BlockedView] = []
    for id in node.inputs {
      guard let id, plan.graph[id].constant == nil, try plan.type(id).element != .float64, try plan.type(id).element.isFloatingPoint else { return false }
      parts.append(try plan.blocked(id))
    }
    guard let joined = BlockedShape(tensor: shape) else { return false }
    let whole = parts.allSatisfy { $0.shape.width == joined.width } ? plan.join(parts, as: joined, name: node.name) : plan.gather(parts, as: joined, name: node.name)
    plan.define(y, .blocked(whole))
    return true
  }
}

extension PlanBuilder {
  /// Parts of whole blocks lie in the joined activation from the start; one that lies elsewhere already is copied.
  fileprivate mutating func join(_ parts: [BlockedView], as shape: BlockedShape, name: String) -> BlockedView {
    var joined = shape
    joined.blocks = parts.flatMap(\.shape.blocks)
    let whole = newBlocked(joined)
    var block = 0
    for part in parts {
      if !join(part, into: whole, firstBlock: block) { _ = join(copied(part, name: name), into: whole, firstBlock: block) }
      block += part.shape.blocks.count
    }
    return whole
  }

  /// Parts that are narrower than a block are moved together.
  fileprivate mutating func gather(_ parts: [BlockedView], as shape: BlockedShape, name: String) -> BlockedView {
    let whole = newBlocked(shape)
    var channel = 0
    for part in parts {
      emit(CopyStep(name: name, input: part, output: whole, firstChannel: channel))
      channel += part.shape.channels
    }
    return whole
  }
}
