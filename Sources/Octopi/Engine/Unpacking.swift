extension Program {
  /// Lets a convolution hand out the output of the plan by itself, part by part, so that it never lies in memory as a whole. False where it
  /// is no output in blocks, or something else writes it or reads it.
  mutating func handOut(_ view: BlockedView) -> Bool {
    guard let producer = steps.lastIndex(where: { touches($0, view.buffer) }), let step = steps[producer] as? WinogradStep,
      step.output == view, let handing = step.unpacking(to: .taken)
    else { return false }
    var changed = self
    changed.outputs.removeAll { $0 == view.buffer }
    guard changed.isOnly(view, from: producer, to: producer) else { return false }
    changed.steps[producer] = handing
    self = changed
    return true
  }

  /// Lets a convolution write its result row-major by itself where nobody else reads it in blocks.
  mutating func unpackInConvolutions() {
    for index in steps.indices.reversed() {
      guard let unpack = steps[index] as? UnpackStep, let producer = steps[..<index].lastIndex(where: { touches($0, unpack.input.buffer) }),
        let step = (steps[producer] as? WinogradStep)?.unpacking(to: .rowMajor(unpack.output)), isOnly(unpack.input, from: producer, to: index)
      else { continue }
      steps[producer] = step
      steps.remove(at: index)
    }
  }

  /// The view is a buffer by itself, which only these two steps touch.
  private func isOnly(_ view: BlockedView, from producer: Int, to reader: Int) -> Bool {
    isByItself(view.buffer) && steps.indices.allSatisfy { $0 == producer || $0 == reader || !touches(steps[$0], view.buffer) }
  }

  /// The buffer shares its memory with no other, and is neither input nor output of the plan.
  func isByItself(_ id: BufferID) -> Bool {
    buffers[id.index].hasOwnMemory && !buffers.contains { $0.parent?.id == id || $0.predecessor == id }
      && !(inputs + outputs).contains { buffers.root(of: $0) == id }
  }
}
