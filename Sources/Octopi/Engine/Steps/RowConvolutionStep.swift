import Kernels

/// A direct convolution of one voxel that has each row of its input in scratch: copied, where the result lies in place of the input, or computed,
/// where nobody else reads what a normalisation and addition give, which then never lies in memory.
///
/// The same calls of the same kernels as in steps of their own, so the same bits; all output blocks of a plane are one task, since they share
/// the rows.
struct RowConvolutionStep: PlannedStep {
  let direct: DirectConvolutionStep
  /// Gives the input, or nil: the result lies in place of it.
  let normalize: NormalizeStep?

  var reads: [BufferID] { (normalize?.reads ?? [direct.input.buffer]) + direct.epilogue.reads }
  var writes: [BufferID] { direct.writes }
  var parameters: [FloatStorage] { direct.parameters }
  var scratch: Int {
    BoundView(row: direct.input.shape).strides.count + direct.output.shape.blocks.count * 3 * direct.output.shape.width + (normalize?.scratch ?? 0)
  }

  var summary: StepSummary {
    guard let first = normalize?.summary else { return .convolution(direct.problem, "direct, in place", direct.output.shape) }
    let last = StepSummary.convolution(direct.problem, "direct, of \(first.kernel)", direct.output.shape)
    return StepSummary(
      name: first.name + " + " + last.name, kernel: last.kernel, shape: last.shape, flops: last.flops, bytes: last.bytes, isReference: false,
      rounding: last.rounding)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let direct = direct, group = direct.group, size = direct.output.shape.size, batch = direct.output.shape.batch
    let x = memory.view(normalize?.a.view ?? direct.input), sum = normalize.map { NormalizeStep.Rows($0, memory) }
    let inputBlocks = x.shape.blocks.count, blocks = direct.output.shape.blocks.count, width = direct.output.shape.width
    let source = BoundView(row: direct.input.shape), row = source.strides
    let rows = DirectConvolutionStep.Rows(direct, memory, input: source, isInPlace: normalize == nil)
    let momentsAt = direct.moments.map { memory.plain($0.buffer) }
    return { (frame) throws(EngineError) in
      frame.pool.run(batch * size.z) { task, thread in
        let n = task / size.z, plane = task % size.z, input = frame.scratch(of: thread), sums = input + row.count
        let computed = sums + blocks * 3 * width
        for line in 0..<size.y {
          for b in 0..<inputBlocks {
            if let sum {
              sum.compute(frame, image: n, block: b, plane: plane, lines: line..<line + 1, input + b * row.block, row.y, scratch: computed)
            } else {
              (input + b * row.block).update(from: frame.arena + x.at(n, b, plane, line), count: row.block)
            }
          }
          for phase in rows.phases {
            for first in stride(from: 0, to: blocks, by: group) {
              var call = rows.row(phase, frame, image: n, plane: plane, line: line, blocks: first..<min(first + group, blocks))
              call.x = UnsafePointer(input)
              // Rows are bound by memory and computing is not: the next one comes meanwhile.
              if first == 0 && line + 1 < size.y {
                call.next = UnsafePointer(frame.arena + x.at(n, 0, plane, line + 1))
                (call.nextBlock, call.nextBlocks) = (x.strides.block, inputBlocks)
              }
              if momentsAt != nil { call.moments = sums + first * 3 * width }
              call.setsPivot = line == 0
              frame.kernels.convolution.directRow(&call)
            }
          }
        }
        if let momentsAt { direct.storeMoments(frame, momentsAt, sums, image: n, plane: plane, blocks: 0..<blocks) }
      }
    }
  }
}
