import Kernels

/// A direct convolution of one voxel whose result lies where its input does: a row of the input is copied before it is overwritten.
///
/// The same calls of the same kernel as `DirectConvolutionStep`, so the same bits; all output blocks of a plane are one task, since they share
/// the rows that they overwrite.
struct InPlaceConvolutionStep: PlannedStep {
  let direct: DirectConvolutionStep

  var reads: [BufferID] { direct.reads }
  var writes: [BufferID] { direct.writes }
  var parameters: [FloatStorage] { direct.parameters }
  var summary: StepSummary { .convolution(direct.problem, "direct, in place", direct.output.shape) }
  var scratch: Int { row.count + direct.output.shape.blocks.count * 3 * direct.output.shape.width }

  /// One row of the input, `[block][x][width]`.
  private var row: BlockedStrides { BlockedStrides(rowShape, before: Axes(repeating: 0), after: Axes(repeating: 0)) }

  private var rowShape: BlockedShape {
    var shape = direct.input.shape
    (shape.batch, shape.size) = (1, Axes(1, 1, shape.size.x))
    return shape
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let direct = direct, group = direct.group, x = memory.view(direct.input), row = row, size = direct.output.shape.size
    let inputBlocks = x.shape.blocks.count, blocks = direct.output.shape.blocks.count, width = direct.output.shape.width
    let rows = DirectConvolutionStep.Rows(direct, memory, input: BoundView(shape: rowShape, offset: 0, strides: row))
    let momentsAt = direct.moments.map { memory.plain($0.buffer) }
    return { (frame) throws(EngineError) in
      frame.pool.run(x.shape.batch * size.z) { task, thread in
        let n = task / size.z, plane = task % size.z, copy = frame.scratch(of: thread), sums = copy + row.count
        for line in 0..<size.y {
          for b in 0..<inputBlocks { (copy + b * row.block).update(from: frame.arena + x.at(n, b, plane, line), count: row.block) }
          for phase in rows.phases {
            for first in stride(from: 0, to: blocks, by: group) {
              var call = rows.row(phase, frame, image: n, plane: plane, line: line, blocks: first..<min(first + group, blocks))
              call.x = UnsafePointer(copy)
              // Copying is bound by memory and computing is not: the next row comes meanwhile.
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
