import Graph

// Operators that only move numbers, on row-major activations.

extension Reshape: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerAlias(node) }
}

extension Flatten: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerAlias(node) }
}

extension Squeeze: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerAlias(node) }
}

extension Unsqueeze: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerAlias(node) }
}

extension Cast: Lowerable {
  /// Between floats of up to 32 bits nothing changes: arithmetic is in float32.
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x), try plan.isFloat(y), let place = plan.place(x) else { return false }
    if plan.useCount(x) == 1, case .blocked = place {
      plan.define(y, place)
      return true
    }
    return try plan.lowerAlias(node)
  }
}

extension Transpose: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x) else { return false }
    let shape = try plan.type(x).shape, strides = StridedMap.rowMajor(shape)
    let order: [Int]
    do throws(GraphError) { order = try self.order(rank: shape.count) } catch { throw EngineError(error, in: node.name) }
    try plan.lowerCopy(x, y, kind: "transpose", name: node.name, inputStrides: order.map { strides[$0] })
    return true
  }
}

extension Expand: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x) else { return false }
    let own = try plan.type(x).shape, shape = try plan.type(y).shape, strides = StridedMap.rowMajor(own)
    let aligned = [Int](repeating: 0, count: shape.count - own.count) + own.indices.map { own[$0] == 1 ? 0 : strides[$0] }
    try plan.lowerCopy(x, y, kind: "expand", name: node.name, inputStrides: aligned)
    return true
  }
}

extension Slice: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x) else { return false }
    let shape = try plan.type(x).shape, strides = StridedMap.rowMajor(shape), operands = try plan.operands(node)
    let parts: [Part]
    do throws(GraphError) { parts = try self.parts(of: shape, operands) } catch { throw EngineError(error, in: node.name) }
    try plan.lowerCopy(
      x, y, kind: "slice", name: node.name, inputStrides: parts.indices.map { strides[$0] * parts[$0].step },
      inputOffset: parts.indices.reduce(0) { $0 + strides[$1] * parts[$1].start })
    return true
  }
}

extension Split: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], try plan.isFloat(x) else { return false }
    let shape = try plan.type(x).shape, strides = StridedMap.rowMajor(shape), axis = axis < 0 ? axis + shape.count : axis
    var start = 0
    for y in node.outputs {
      guard let y else { return false }
      try plan.lowerCopy(x, y, kind: "split", name: node.name, inputStrides: strides, inputOffset: start * strides[axis])
      start += try plan.type(y).shape[axis]
    }
    return true
  }
}

extension Tile: Lowerable {
  /// Each axis becomes two, the repeat before the length, and the repeat has stride 0.
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x) else { return false }
    let shape = try plan.type(x).shape, operands = try plan.operands(node), repeats: [Int]
    do throws(GraphError) { repeats = try self.repeats(operands, rank: shape.count) } catch { throw EngineError(error, in: node.name) }
    try plan.lowerCopy(
      x, y, kind: "tile", name: node.name, shape: zip(repeats, shape).flatMap { [$0, $1] },
      inputStrides: StridedMap.rowMajor(shape).flatMap { [0, $0] })
    return true
  }
}

extension Pad: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x) else { return false }
    let shape = try plan.type(x).shape, type = try plan.type(y), operands = try plan.operands(node)
    let pads: (begin: [Int], end: [Int])
    do throws(GraphError) { pads = try self.pads(operands, rank: shape.count) } catch { throw EngineError(error, in: node.name) }
    guard mode == .constant else {
      guard type.shape.allSatisfy({ $0 <= Self.longestAxis }) else { return false }
      try lowerAxes(node, x, y, pads.begin, into: &plan)
      return true
    }
    if node.inputs.count > 2, let value = node.inputs[2], plan.graph[value].constant == nil { return false }
    guard let value = value(operands.map { $0?.constant }, element: type.element).floats?.first else { return false }
    // Negative pads crop: what is left of the input, and where it goes.
    let start = pads.begin.map { max(0, -$0) }, offset = pads.begin.map { max(0, $0) }
    let kept = shape.indices.map { max(0, shape[$0] - start[$0] - max(0, -pads.end[$0])) }
    let input = try plan.plain(x), output = plan.newPlain(floats: type.count)
    let inputStrides = StridedMap.rowMajor(shape), outputStrides = StridedMap.rowMajor(type.shape)
    if (pads.begin + pads.end).contains(where: { $0 > 0 }) {
      plan.emit(FillStep(name: node.name, output: output, count: type.count, value: value))
    }
    if kept.allSatisfy({ $0 > 0 }) {
      plan.emit(
        StridedCopyStep(
          name: node.name, kind: "pad", input: input, output: output,
          map: StridedMap(
            shape: kept, inputStrides: inputStrides, outputStrides: outputStrides, inputOffset: zip(start, inputStrides).reduce(0) { $0 + $1.0 * $1.1 },
            outputOffset: zip(offset, outputStrides).reduce(0) { $0 + $1.0 * $1.1 })))
    }
    plan.define(y, .plain(output))
    return true
  }

  /// A list of sources is as long as the axis.
  private static let longestAxis = 1 << 20

  /// What is outside repeats or mirrors what is inside: one gather for each axis that changes.
  private func lowerAxes(_ node: Node, _ x: ValueID, _ y: ValueID, _ begin: [Int], into plan: inout PlanBuilder) throws(EngineError) {
    var shape = try plan.type(x).shape, buffer = try plan.plain(x)
    let target = try plan.type(y).shape
    let changing = shape.indices.filter { begin[$0] != 0 || shape[$0] != target[$0] }
    guard !changing.isEmpty else { return try plan.alias(x, y) }
    for axis in changing {
      let sources = sources(length: shape[axis], begin: begin[axis], count: target[axis]).map { $0 ?? -1 }
      let outer = shape[..<axis].reduce(1, *), inner = shape[(axis + 1)...].reduce(1, *), output = plan.newPlain(floats: outer * target[axis] * inner)
      plan.emit(GatherStep(name: node.name, kind: "pad", input: buffer, output: output, outer: outer, inner: inner, length: shape[axis], indices: sources))
      shape[axis] = target[axis]
      buffer = output
    }
    plan.define(y, .plain(buffer))
  }
}

extension Gather: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let i = node.inputs[1], let y = node.outputs[0], try plan.isFloat(x), let list = plan.graph[i].constant?.integers else {
      return false
    }
    let shape = try plan.type(x).shape, axis = axis < 0 ? axis + shape.count : axis, length = shape[axis]
    let indices = list.map { Int($0 < 0 ? $0 + Int64(length) : $0) }
    guard indices.allSatisfy({ (0..<length).contains($0) }) else { return false }
    let input = try plan.plain(x), output = plan.newPlain(floats: try plan.type(y).count)
    plan.emit(
      GatherStep(
        name: node.name, input: input, output: output, outer: shape[..<axis].reduce(1, *), inner: shape[(axis + 1)...].reduce(1, *), length: length,
        indices: indices))
    plan.define(y, .plain(output))
    return true
  }
}

extension RunGather: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let map = node.inputs[1], let y = node.outputs[0], try plan.isFloat(x) else { return false }
    let runs: [Int], type = try plan.type(x)
    do throws(GraphError) { runs = try self.runs(plan.graph[map].constant, of: type) } catch { throw EngineError(error, in: node.name) }
    let list = RunList(runs, length: length)
    if plan.gatherInLinear(list, count: runs.count, x, y) { return true }
    if case .rows(let source)? = plan.place(x), let gathered = source.gathered(by: list) {
      try plan.defineRows(y, gathered)
    } else {
      try plan.defineRows(y, RowSource(try plan.plain(x), gather: list))
    }
    return true
  }
}

extension DepthToSpace: Lowerable {
  /// As reshape, transpose, reshape: `[n, b, b, c, h, w]` or `[n, c, b, b, h, w]` with the two b behind h and w.
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x), case let s = try plan.type(x).shape, s.count == 4 else { return false }
    let b = blockSize, c = s[1] / (b * b)
    let split = blocksFirst ? [s[0], b, b, c, s[2], s[3]] : [s[0], c, b, b, s[2], s[3]]
    let order = blocksFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3], strides = StridedMap.rowMajor(split)
    try plan.lowerCopy(x, y, kind: "depth to space", name: node.name, shape: order.map { split[$0] }, inputStrides: order.map { strides[$0] })
    return true
  }
}

extension PlanBuilder {
  /// What the operator's own rules want to know of its inputs.
  func operands(_ node: Node) throws(EngineError) -> [Operand?] {
    var operands: [Operand?] = []
    for id in node.inputs {
      if let id { operands.append(Operand(try type(id), constant: graph[id].constant)) } else { operands.append(nil) }
    }
    return operands
  }

  /// The same row-major numbers under another shape.
  mutating func lowerAlias(_ node: Node) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try isFloat(x) else { return false }
    try alias(x, y)
    return true
  }

  /// A copy with other strides of the input; `shape` is the result's own where it is not given.
  mutating func lowerCopy(
    _ x: ValueID, _ y: ValueID, kind: String, name: String, shape: [Int]? = nil, inputStrides: [Int], inputOffset: Int = 0
  ) throws(EngineError) {
    let type = try type(y), shape = shape ?? type.shape, input = try plain(x), output = newPlain(floats: type.count)
    if type.count > 0 {
      emit(
        StridedCopyStep(
          name: name, kind: kind, input: input, output: output,
          map: StridedMap(shape: shape, inputStrides: inputStrides, outputStrides: StridedMap.rowMajor(shape), inputOffset: inputOffset)))
    }
    define(y, .plain(output))
  }
}
