extension Program {
  /// Lets convolutions of one voxel compute what they read, a normalisation or sum of activations, row by row, where nobody else reads it: one
  /// pass over memory to write it and one to read it less. No bit changes. Where it would cost more than a 64th of the
  /// memory, since its operands are needed longer, all stays as it is, as do those in place of their input.
  mutating func normalizeInConvolutions() { changeEachStep { $0.normalizing(at: $1) } }

  private func normalizing(at index: Int) -> Program? {
    guard let step = steps[index] as? DirectConvolutionStep, step.takesRows,
      let producer = steps[..<index].lastIndex(where: { touches($0, step.input.buffer) }),
      let normalize = steps[producer] as? NormalizeStep, normalize.output == step.input, isByItself(step.input.buffer),
      steps[(index + 1)...].allSatisfy({ !touches($0, step.input.buffer) }),
      step.reads.count(where: { buffers.root(of: $0) == step.input.buffer }) == 1
    else { return nil }
    // A result in place of an operand comes from a step that reads it later than the sum, but maybe before the convolution.
    let operands = homes(normalize.reads)
    guard (steps[(producer + 1)..<index] + [step]).allSatisfy({ homes($0.writes).isDisjoint(with: operands) }) else { return nil }
    var changed = self
    changed.steps[index] = RowConvolutionStep(direct: step, normalize: normalize)
    changed.steps.remove(at: producer)
    return changed
  }
}
