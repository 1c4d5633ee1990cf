import Graph
import Kernels

extension InstanceNormalization: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let g = node.inputs[1], let b = node.inputs[2], let y = node.outputs[0],
      let gamma = plan.graph[g].constant?.floats, let beta = plan.graph[b].constant?.floats, (3...5).contains(try plan.type(x).shape.count)
    else { return false }
    let view = try plan.blocked(x)
    let coefficients = plan.newPlain(floats: view.shape.batch * view.shape.blocks.count * Coefficients.rows * view.shape.width)
    plan.emit(
      CoefficientsStep(
        name: node.name, moments: plan.moments(of: view, name: node.name), shape: view.shape, gamma: view.shape.perBlock(gamma),
        beta: view.shape.perBlock(beta), epsilon: epsilon, slope: nil, output: coefficients))
    plan.define(y, .normalized(Normalized(raw: view, coefficients: coefficients, ownsRaw: plan.isLastUse(x) && !plan.isJoined(view), hasZeroScale: gamma.contains(0))))
    return true
  }
}

extension GroupNormalization: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let g = node.inputs[1], let b = node.inputs[2], let y = node.outputs[0],
      let gamma = plan.graph[g].constant?.floats, let beta = plan.graph[b].constant?.floats, (3...5).contains(try plan.type(x).shape.count)
    else { return false }
    let view = try plan.blocked(x), channels = view.shape.channels
    func perChannel(_ values: [Float]) -> [Float] { scalesChannels ? values : (0..<channels).map { values[$0 * groups / channels] } }
    let coefficients = plan.newPlain(floats: view.shape.batch * view.shape.blocks.count * Coefficients.rows * view.shape.width)
    plan.emit(
      GroupCoefficientsStep(
        name: node.name, moments: plan.moments(of: view, name: node.name), shape: view.shape, groups: groups, gamma: perChannel(gamma),
        beta: perChannel(beta), epsilon: epsilon, output: coefficients))
    plan.define(
      y, .normalized(Normalized(raw: view, coefficients: coefficients, ownsRaw: plan.isLastUse(x) && !plan.isJoined(view), hasZeroScale: gamma.contains(0))))
    return true
  }
}

extension BatchNormalization: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard !isPerVoxel, let x = node.inputs[0], let y = node.outputs[0], (3...5).contains(try plan.type(x).shape.count), node.inputs.count == 5 else {
      return false
    }
    var parameters: [[Float]] = []
    for input in node.inputs[1...] {
      guard let input, let values = plan.graph[input].constant?.floats else { return false }
      parameters.append(values)
    }
    let view = try plan.blocked(x)
    let scale = (0..<view.shape.channels).map { Float(Double(parameters[0][$0]) / (Double(parameters[3][$0]) + Double(epsilon)).squareRoot()) }
    plan.define(y, .normalized(plan.affine(view, scale: scale, shift: parameters[1], mean: parameters[2], name: node.name, ownsRaw: plan.isLastUse(x) && !plan.isJoined(view))))
    return true
  }
}

extension LayerNormalization: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let s = node.inputs[1], let y = node.outputs[0], node.outputs.dropFirst().allSatisfy({ $0 == nil }),
      try plan.isFloat(x), let scale = plan.graph[s].constant?.floats
    else { return false }
    let shape = try plan.type(x).shape, extents: (rows: Int, length: Int)
    do throws(GraphError) { extents = try group.extents(of: shape) } catch { throw EngineError(error, in: node.name) }
    var shift: FloatStorage?
    if node.inputs.count > 2, let b = node.inputs[2] {
      guard let values = plan.graph[b].constant?.floats, values.count == extents.length else { return false }
      shift = FloatStorage(values)
    }
    guard scale.count == extents.length else { return false }
    let norm = RowNorm(length: extents.length, scale: FloatStorage(scale), shift: shift, epsilon: epsilon)
    if case .rows(let source)? = plan.place(x), let normalized = source.normalized(by: norm) {
      try plan.defineRows(y, normalized)
    } else {
      try plan.defineRows(y, RowSource(try plan.plain(x), norm: norm))
    }
    return true
  }
}

extension Softmax: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerSoftmax(node, group, isLogarithm: false) }
}

extension LogSoftmax: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerSoftmax(node, group, isLogarithm: true) }
}

extension PlanBuilder {
  fileprivate mutating func lowerSoftmax(_ node: Node, _ group: SoftmaxGroup, isLogarithm: Bool) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try isFloat(x) else { return false }
    let shape = try type(x).shape, extents: (outer: Int, length: Int, inner: Int)
    do throws(GraphError) { extents = try group.extents(of: shape) } catch { throw EngineError(error, in: node.name) }
    let input = try plain(x), output = newPlain(floats: try type(x).count)
    emit(
      SoftmaxStep(
        name: node.name, input: input, output: output, outer: extents.outer, length: extents.length, inner: extents.inner, isLogarithm: isLogarithm))
    define(y, .plain(output))
    return true
  }

  /// First moments of an activation: taken by the convolution that produces it where that can be, else by a step of its own.
  mutating func moments(of view: BlockedView, name: String) -> MomentParts {
    let blocks = view.shape.blocks.count
    func make(_ counts: [Int], in plan: inout PlanBuilder) -> MomentParts {
      let floats = MomentParts.floats(width: view.shape.width, batch: view.shape.batch, parts: counts.count, blocks: blocks)
      return MomentParts(buffer: plan.newPlain(floats: floats), width: view.shape.width, blocks: blocks, counts: counts)
    }
    if let producer = producer(of: view.buffer) as? any TiledConvolution, let tail = producer.tail(of: view.buffer) {
      if let taken = tail.moments { return taken }
      let moments = make(producer.voxelsPerTask, in: &self)
      updateTail(view.buffer) { tail, _ in tail.moments = moments }
      return moments
    }
    let moments = make([Int](repeating: view.shape.size.y * view.shape.size.x, count: view.shape.size.z), in: &self)
    emit(MomentsStep(name: name, input: view, moments: moments))
    return moments
  }

  /// A pending affine function per channel with constant coefficients.
  mutating func affine(_ view: BlockedView, scale: [Float], shift: [Float], mean: [Float] = [0], name: String, ownsRaw: Bool) -> Normalized {
    let shape = view.shape
    let buffer = newPlain(floats: shape.batch * shape.blocks.count * Coefficients.rows * shape.width)
    let s = shape.perBlock(scale), t = shape.perBlock(shift), m = shape.perBlock(mean)
    let w = shape.width, rows = Coefficients.rows
    let storage = FloatStorage(count: shape.blocks.count * rows * w) { target in
      for b in shape.blocks.indices {
        for lane in 0..<w {
          target[b * rows * w + lane] = s.pointer[b * w + lane]
          target[b * rows * w + w + lane] = t.pointer[b * w + lane]
          target[b * rows * w + 2 * w + lane] = 1
          target[b * rows * w + 3 * w + lane] = m.pointer[b * w + lane]
        }
      }
    }
    emit(ConstantCoefficientsStep(name: name, shape: shape, coefficients: storage, output: buffer))
    return Normalized(raw: view, coefficients: buffer, ownsRaw: ownsRaw, hasZeroScale: scale.contains(0))
  }
}

extension BlockedShape {
  /// One number a channel, or one for all, in the order of the blocks, `[block][width]` with zeros in the padding.
  func perBlock(_ values: [Float]) -> FloatStorage {
    let firsts = firstChannels
    return FloatStorage(count: blocks.count * width) { target in
      for b in blocks.indices { for lane in 0..<blocks[b] { target[b * width + lane] = values.count == 1 ? values[0] : values[firsts[b] + lane] } }
    }
  }
}
