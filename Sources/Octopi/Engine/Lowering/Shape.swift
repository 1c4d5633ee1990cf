import Graph

extension Concat: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let y = node.outputs[0], try plan.isFloat(y) else { return false }
    let shape = try plan.type(y).shape, isChannels = (3...5).contains(shape.count) && (axis == 1 || axis == 1 - shape.count)
    guard isChannels, node.inputs.contains(where: { $0.map { plan.isBlocked($0) } ?? false }) else { return try plan.joinPlain(node, axis: axis) }
    var parts: [BlockedView] = []
    for id in node.inputs {
      guard let id else { return false }
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

  /// Row-major parts, each copied to its place.
  fileprivate mutating func joinPlain(_ node: Node, axis: Int) throws(EngineError) -> Bool {
    guard let y = node.outputs[0] else { return false }
    let type = try type(y), axis = axis < 0 ? axis + type.shape.count : axis, strides = StridedMap.rowMajor(type.shape)
    let output = newPlain(floats: type.count)
    var start = 0
    for id in node.inputs {
      guard let id else { return false }
      let shape = try self.type(id).shape
      if !shape.contains(0) {
        emit(
          StridedCopyStep(
            name: node.name, kind: "join", input: try plain(id), output: output,
            map: StridedMap(
              shape: shape, inputStrides: StridedMap.rowMajor(shape), outputStrides: strides, outputOffset: start * strides[axis])))
      }
      start += shape[axis]
    }
    define(y, .plain(output))
    return true
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
