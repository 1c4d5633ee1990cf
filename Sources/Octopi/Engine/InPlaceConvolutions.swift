extension Program {
  /// Lets convolutions write their results over activations that nobody reads later: what they add to their sums, or, those of one voxel,
  /// their input.
  ///
  /// Residual units have a convolution of one voxel on their other branch: it comes last in the graph, and their whole input would have to
  /// wait for it beside all results of the first branch. So it also moves as far ahead as its operands allow, at best directly behind the last
  /// other reader of the input; from then on only the blocks of its result are taken. Nothing else changes, and no bit. Where it would cost
  /// memory, since the result takes the border of what it replaces, all stays as it is.
  mutating func computeInPlace() {
    var floats = arenaFloats
    func keep(_ changed: Program, _ program: inout Program) -> Bool {
      let needed = changed.arenaFloats
      if needed <= floats { (program, floats) = (changed, needed) }
      return needed <= floats
    }
    for index in steps.indices {
      if let changed = overwritingInput(at: index), keep(changed, &self) { continue }
      if let changed = overwritingSummand(at: index) { _ = keep(changed, &self) }
    }
  }

  /// With the result of a convolution of one voxel over its input, as early as can be.
  private func overwritingInput(at index: Int) -> Program? {
    guard let step = steps[index] as? DirectConvolutionStep, step.takesRows, mayReplace(step.input, by: step.output.buffer, at: index) else { return nil }
    let x = step.input.buffer, reads = roots(step.reads), writes = roots(step.writes)
    let last = steps[..<index].lastIndex { other in
      let read = roots(other.reads), written = roots(other.writes)
      return read.contains(x) || !written.isDisjoint(with: reads.union(writes)) || !writes.isDisjoint(with: read)
    }
    guard let last else { return nil }
    var changed = self
    changed.buffers[step.output.buffer.index].predecessor = x
    changed.steps.remove(at: index)
    changed.steps.insert(RowConvolutionStep(direct: step, normalize: nil), at: last + 1)
    return changed
  }

  /// With the result of a convolution over what its epilogue adds, voxel by voxel.
  private func overwritingSummand(at index: Int) -> Program? {
    guard let step = steps[index] as? any TiledConvolution else { return nil }
    var changed = self
    for y in step.writes {
      guard let summand = step.tail(of: y)?.epilogue.residual, changed.mayReplace(summand, by: y, at: index) else { continue }
      changed.buffers[y.index].predecessor = summand.buffer
    }
    return buffers.indices.contains { changed.buffers[$0].predecessor != buffers[$0].predecessor } ? changed : nil
  }

  /// The whole activation `x` is of no use behind the step, which reads it once; `y`, which the step writes, fits its place and belongs to
  /// nothing else.
  private func mayReplace(_ x: BlockedView, by y: BufferID, at index: Int) -> Bool {
    let input = buffers[x.buffer.index], output = buffers[y.index], home = buffers[buffers.home(of: x.buffer).id.index]
    guard input.parent == nil, output.hasOwnMemory, case .blocked(let whole) = input.kind, whole == x.shape, case .blocked(let result) = output.kind,
      result.width == whole.width, result.batch == whole.batch, result.size == whole.size, result.blocks.count <= whole.blocks.count,
      output.before.merged(home.before, max) == home.before, output.after.merged(home.after, max) == home.after
    else { return false }
    return !roots(inputs + outputs).contains(x.buffer) && !buffers.contains { $0.predecessor == x.buffer }
      && steps[index].reads.count { buffers.root(of: $0) == x.buffer } == 1 && !roots(steps[index].writes).contains(x.buffer)
      && steps[(index + 1)...].allSatisfy { !touches($0, x.buffer) }
      && steps[..<index].allSatisfy { !touches($0, y) }
  }

  private func roots(_ ids: [BufferID]) -> Set<BufferID> { Set(ids.map { buffers.root(of: $0) }) }
}

extension DirectConvolutionStep {
  /// Each row of results needs the same row of the input alone, and planes are tasks enough.
  var takesRows: Bool {
    let blocks = output.shape.blocks.count, planes = output.shape.batch * output.shape.size.z
    return problem.isPointwise && (blocks <= group || planes >= Self.planesEnough && problem.weights.count <= Self.weightsEnough)
  }

  /// All output blocks of a plane are one task: no fewer tasks than this for the sake of memory, and no more weights than a second-level
  /// cache holds beside a row.
  private static var planesEnough: Int { 32 }
  private static var weightsEnough: Int { 1 << 16 }
}

extension ConvolutionProblem {
  /// One tap at the voxel itself, of all channels.
  var isPointwise: Bool {
    let none = Axes(repeating: 0), one = Axes(repeating: 1)
    return !transposed && geometry.groups == 1 && kernel == one && strides == one && pads == none && input == output
  }
}
