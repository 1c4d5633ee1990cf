extension Program {
  /// Lets sums compute what they add, the result of a convolution of one voxel from few channels, row by row, where nobody else reads it: a pass
  /// over memory to write it and one to read it less. Where it is normalised, its statistics are taken first, in a pass that keeps nothing. So
  /// it is computed twice, by the same calls of the same kernels: no bit changes. Where the input, which is needed longer, would cost more than a
  /// 64th of the memory, all stays as it is.
  mutating func computeSummands() { changeEachStep { $0.computingSummand(at: $1) } }

  /// With a summand of the step computed where it is added.
  private func computingSummand(at index: Int) -> Program? {
    guard let sum = steps[index] as? NormalizeStep, let b = sum.b, b.source == nil else { return nil }
    for (kept, computed) in [(sum.a, b), (b, sum.a)] where kept.view.buffer != computed.view.buffer {
      guard let producer = steps[..<index].lastIndex(where: { touches($0, computed.view.buffer) }),
        var step = steps[producer] as? DirectConvolutionStep, step.output == computed.view, step.isCheap, canVanish(step, at: producer, until: index)
      else { continue }
      var changed = self
      let source = NormalizeStep.Summand(view: computed.view, coefficients: computed.coefficients, source: step)
      let name = step.moments == nil ? "\(step.problem.name) + \(sum.name)" : sum.name
      changed.steps[index] = NormalizeStep(name: name, a: kept, b: source, output: sum.output, slope: sum.slope)
      step.keepsResult = false
      if step.moments == nil { changed.steps.remove(at: producer) } else { changed.steps[producer] = step }
      return changed
    }
    return nil
  }

  /// Nobody but the step at `last` reads what the step at `index` gives, and what it reads itself is there until then.
  private func canVanish(_ step: DirectConvolutionStep, at index: Int, until last: Int) -> Bool {
    let result = step.output.buffer, operands = homes(step.reads), replaces = steps[last].writes.contains(result)
    // A convolution of one voxel reads no border.
    return isByItself(result) && steps[(index + 1)..<last].allSatisfy { $0 is BorderStep || homes($0.writes).isDisjoint(with: operands) }
      && steps[..<index].allSatisfy { !touches($0, result) }
      && (replaces || steps[(last + 1)...].allSatisfy { !touches($0, result) })
  }
}

extension DirectConvolutionStep {
  /// Reads so much less than it gives that computing it is less work than writing it and reading it again.
  fileprivate var isCheap: Bool {
    problem.isPointwise && keepsResult && epilogue.residual == nil
      && 8 * input.shape.blocks.count * input.shape.width <= output.shape.blocks.count * output.shape.width
  }
}
