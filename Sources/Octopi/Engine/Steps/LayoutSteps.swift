import Graph
import Kernels

/// Row-major to blocks of channels.
struct PackStep: PlannedStep {
  let name: String
  let input: BufferID
  let output: BlockedView

  var reads: [BufferID] { [input] }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary { .layout(name, "pack", output.shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input), y = memory.view(output), shape = output.shape, size = shape.size
    let firsts = shape.firstChannels
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * size.z) { task, _ in
        let z = task % size.z, b = task / size.z % shape.blocks.count, n = task / size.z / shape.blocks.count
        for c in 0..<shape.blocks[b] {
          let source = frame.arena + x + ((n * shape.channels + firsts[b] + c) * size.z + z) * size.y * size.x
          for row in 0..<size.y {
            let target = frame.arena + y.at(n, b, z, row) + c
            for i in 0..<size.x { target[i * y.strides.x] = source[row * size.x + i] }
          }
        }
      }
    }
  }
}

/// Blocks of channels to row-major.
struct UnpackStep: PlannedStep {
  let name: String
  let input: BlockedView
  let output: BufferID

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary { .layout(name, "unpack", input.shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), y = memory.plain(output), shape = input.shape, size = shape.size
    let firsts = shape.firstChannels
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * size.z) { task, _ in
        let z = task % size.z, b = task / size.z % shape.blocks.count, n = task / size.z / shape.blocks.count
        for c in 0..<shape.blocks[b] {
          let target = frame.arena + y + ((n * shape.channels + firsts[b] + c) * size.z + z) * size.y * size.x
          for row in 0..<size.y {
            let source = frame.arena + x.at(n, b, z, row) + c
            for i in 0..<size.x { target[row * size.x + i] = source[i * x.strides.x] }
          }
        }
      }
    }
  }
}

/// Copies blocks of one activation to another of the same shape.
struct CopyStep: PlannedStep {
  let name: String
  let input: BlockedView
  let output: BlockedView
  /// First block of the output that is written.
  let firstBlock: Int

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary { .layout(name, "copy", input.shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), y = memory.view(output), shape = input.shape, size = shape.size, firstBlock = firstBlock
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * size.z) { task, _ in
        let z = task % size.z, b = task / size.z % shape.blocks.count, n = task / size.z / shape.blocks.count
        for row in 0..<size.y {
          (frame.arena + y.at(n, firstBlock + b, z, row)).update(from: frame.arena + x.at(n, b, z, row), count: size.x * shape.width)
        }
      }
    }
  }
}

/// Fills the border of a buffer; the voxels inside are not touched.
struct BorderStep: PlannedStep {
  let view: BlockedView
  let content: Buffer.Border

  var reads: [BufferID] { if case .mean(let id) = content { [view.buffer, id] } else { [view.buffer] } }
  var writes: [BufferID] { [view.buffer] }
  var summary: StepSummary { .layout("border", content == .zero ? "zero border" : "mean border", view.shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let y = memory.view(view), shape = view.shape, size = shape.size, width = shape.width
    let (before, after) = memory.border(view)
    var coefficients: Int?
    if case .mean(let id) = content { coefficients = memory.plain(id) }
    let planes = size.z + before.z + after.z, rows = size.y + before.y + after.y, columns = size.x + before.x + after.x
    return { [coefficients] (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * planes) { task, _ in
        let z = task % planes - before.z, image = task / planes, n = image / shape.blocks.count, b = image % shape.blocks.count
        var value = InlineArray<16, Float>(repeating: 0)
        if let coefficients {
          let c = frame.arena + coefficients + image * 3 * width
          for lane in 0..<width { value[lane] = -c[width + lane] / c[lane] }
        }
        func fill(_ p: MutableFloats, _ voxels: Int) {
          for v in 0..<voxels { for lane in 0..<width { p[v * width + lane] = value[lane] } }
        }
        for row in 0..<rows {
          let y0 = row - before.y, p = frame.arena + y.at(n, b, z, y0, -before.x)
          if z < 0 || z >= size.z || y0 < 0 || y0 >= size.y {
            fill(p, columns)
          } else {
            fill(p, before.x)
            fill(p + (before.x + size.x) * width, after.x)
          }
        }
      }
    }
  }
}

extension StepSummary {
  /// A step that only moves an activation, `passes` times over memory.
  static func layout(_ name: String, _ kernel: String, _ shape: BlockedShape, passes: Double = 2) -> StepSummary {
    StepSummary(
      name: name, kernel: kernel, shape: shape.description, flops: 0,
      bytes: 4 * passes * Double(shape.batch * shape.channels * shape.size.product), isReference: false)
  }
}

extension StepSummary {
  /// A step that touches a few numbers a channel.
  static func small(_ name: String, _ kernel: String, _ shape: BlockedShape) -> StepSummary {
    StepSummary(name: name, kernel: kernel, shape: "\(shape.batch)x\(shape.channels)", flops: 0, bytes: 0, isReference: false)
  }
}

extension BlockedShape: CustomStringConvertible {
  var description: String { "\(batch)x\(channels)x\(size.z)x\(size.y)x\(size.x)" }

  /// Number of the first channel of each block.
  var firstChannels: [Int] { blocks.indices.map { blocks[..<$0].reduce(0, +) } }
}
