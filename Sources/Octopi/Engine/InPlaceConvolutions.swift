extension Program {
  /// Lets convolutions of one voxel write their results over their inputs, where nobody reads those later.
  ///
  /// Residual units have such a convolution on their other branch: it comes last in the graph, and their whole input would have to wait for
  /// it beside all results of the first branch. So it also moves as far ahead as its operands allow, at best directly behind the last other
  /// reader of the input; from then on only the blocks of its result are taken. Nothing else changes, and no bit. One that would cost memory,
  /// since its result takes the border of the input, stays as it is.
  mutating func computeInPlace() {
    var floats = arenaFloats
    for index in steps.indices {
      guard let step = steps[index] as? DirectConvolutionStep, step.canBeInPlace, let target = place(for: step, at: index) else { continue }
      var changed = self
      changed.buffers[step.output.buffer.index].predecessor = step.input.buffer
      changed.steps.remove(at: index)
      changed.steps.insert(InPlaceConvolutionStep(direct: step), at: target)
      let needed = changed.arenaFloats
      if needed <= floats { (self, floats) = (changed, needed) }
    }
  }

  /// Where a step may stand that overwrites its input; nil if it must not overwrite it.
  private func place(for step: DirectConvolutionStep, at index: Int) -> Int? {
    let x = step.input.buffer, y = step.output.buffer, input = buffers[x.index], output = buffers[y.index]
    guard input.hasOwnMemory, output.hasOwnMemory, case .blocked(let whole) = input.kind, whole == step.input.shape,
      output.before.merged(input.before, max) == input.before, output.after.merged(input.after, max) == input.after
    else { return nil }
    guard !(inputs + outputs).contains(where: { buffers.root(of: $0) == x }), !buffers.contains(where: { $0.predecessor == x }),
      !step.epilogue.reads.contains(where: { buffers.root(of: $0) == x }), steps[(index + 1)...].allSatisfy({ !touches($0, x) }),
      steps[..<index].allSatisfy({ !touches($0, y) })
    else { return nil }
    let reads = Set(step.reads.map { buffers.root(of: $0) }), writes = Set(step.writes.map { buffers.root(of: $0) })
    let last = steps[..<index].lastIndex { other in
      let written = Set(other.writes.map { buffers.root(of: $0) })
      return touches(other, x) || !written.isDisjoint(with: reads.union(writes)) || !writes.isDisjoint(with: other.reads.map { buffers.root(of: $0) })
    }
    return last.map { $0 + 1 }
  }
}

extension DirectConvolutionStep {
  /// Each row of results needs the same row of the input alone and fits its place, and planes are tasks enough.
  fileprivate var canBeInPlace: Bool {
    let x = input.shape, y = output.shape
    return problem.isPointwise && x.width == y.width && x.batch == y.batch && x.size == y.size && y.blocks.count <= x.blocks.count
      && (y.blocks.count <= group || x.batch * x.size.z >= Self.planesEnough && problem.weights.count <= Self.weightsEnough)
  }

  /// All output blocks of a plane are one task: no fewer tasks than this for the sake of memory, and no more weights than a second-level
  /// cache holds beside a row.
  private static var planesEnough: Int { 32 }
  private static var weightsEnough: Int { 1 << 16 }
}

extension ConvolutionProblem {
  /// One tap at the voxel itself, of all channels.
  fileprivate var isPointwise: Bool {
    let none = Axes(repeating: 0), one = Axes(repeating: 1)
    return !transposed && geometry.groups == 1 && kernel == one && strides == one && pads == none && input == output
  }
}
