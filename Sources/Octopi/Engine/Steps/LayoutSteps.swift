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
    let firsts = shape.firstChannels, channel = size.product
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * size.z) { task, _ in
        let z = task % size.z, b = task / size.z % shape.blocks.count, n = task / size.z / shape.blocks.count
        for row in 0..<size.y {
          let source = frame.arena + x + (n * shape.channels + firsts[b]) * channel + (z * size.y + row) * size.x
          let target = frame.arena + y.at(n, b, z, row)
          if shape.width == 1 { target.update(from: source, count: size.x); continue }
          frame.kernels.layout.block(shape.width, shape.blocks[b], size.x, source, channel, target)
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
    let firsts = shape.firstChannels, channel = size.product
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * size.z) { task, _ in
        let z = task % size.z, b = task / size.z % shape.blocks.count, n = task / size.z / shape.blocks.count
        for row in 0..<size.y {
          let target = frame.arena + y + (n * shape.channels + firsts[b]) * channel + (z * size.y + row) * size.x
          frame.kernels.layout.unblock(shape.width, shape.blocks[b], size.x, frame.arena + x.at(n, b, z, row), target, channel)
        }
      }
    }
  }
}

/// Copies an activation to some channels of another of the same size.
struct CopyStep: PlannedStep {
  let name: String
  let input: BlockedView
  let output: BlockedView
  /// First channel of the output that is written.
  let firstChannel: Int

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary { .layout(name, "copy", input.shape) }

  /// A run of channels that is in one block on both sides.
  private struct Run: Sendable {
    let block: Int, lane: Int, outputBlock: Int, outputLane: Int, lanes: Int
  }

  private var runs: [Run] {
    let outputFirsts = output.shape.firstChannels
    var runs: [Run] = []
    for (block, first) in input.shape.firstChannels.enumerated() {
      let wanted = firstChannel + first..<firstChannel + first + input.shape.blocks[block]
      for (outputBlock, outputFirst) in outputFirsts.enumerated() {
        let run = wanted.clamped(to: outputFirst..<outputFirst + output.shape.blocks[outputBlock])
        if run.isEmpty { continue }
        runs.append(
          Run(
            block: block, lane: run.lowerBound - wanted.lowerBound, outputBlock: outputBlock, outputLane: run.lowerBound - outputFirst,
            lanes: run.count))
      }
    }
    return runs
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), y = memory.view(output), shape = input.shape, size = shape.size, runs = runs
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * runs.count * size.z) { task, _ in
        let z = task % size.z, run = runs[task / size.z % runs.count], n = task / size.z / runs.count
        for row in 0..<size.y {
          frame.kernels.layout.copyLanes(
            run.lanes, size.x, frame.arena + x.at(n, run.block, z, row) + run.lane, x.strides.x,
            frame.arena + y.at(n, run.outputBlock, z, row) + run.outputLane, y.strides.x)
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
  var summary: StepSummary { .layout("border", content == .zero ? "zero border" : "mean border", view.shape, passes: 0) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let y = memory.view(view), shape = view.shape, size = shape.size, width = shape.width
    let (before, after) = memory.border(view)
    if width == 1 { return planar(y, before, after) }
    var coefficients: Int?
    if case .mean(let id) = content { coefficients = memory.plain(id) }
    let planes = size.z + before.z + after.z
    let box = BorderedBox(
      depth: size.z, height: size.y, count: size.x, before: .init(z: before.z, y: before.y, x: before.x),
      after: .init(z: after.z, y: after.y, x: after.x), plane: y.strides.z, row: y.strides.y)
    return { [coefficients] (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * planes) { task, _ in
        let z = task % planes - before.z, image = task / planes, n = image / shape.blocks.count, b = image % shape.blocks.count
        let inside = frame.arena + y.at(n, b, 0, 0)
        guard let coefficients else { return frame.kernels.layout.fillBorder(width, box, z, 1, nil, inside) }
        // What becomes zero when a reader normalises it.
        let c = frame.arena + coefficients + image * Coefficients.rows * width
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { mean in
          guard let value = mean.baseAddress else { return }
          for lane in 0..<width { value[lane] = c[3 * width + lane] - c[width + lane] / c[lane] }
          frame.kernels.layout.fillBorder(width, box, z, 1, value, inside)
        }
      }
    }
  }

  /// The border of planes, which no kernel reads by blocks.
  private func planar(_ y: BoundView, _ before: Axes, _ after: Axes) -> BoundStep {
    let shape = view.shape, size = shape.size, planes = size.z + before.z + after.z, columns = size.x + before.x + after.x
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.blocks.count * planes) { task, _ in
        let z = task % planes - before.z, n = task / planes / shape.blocks.count, b = task / planes % shape.blocks.count
        for row in -before.y..<size.y + after.y {
          let p = frame.arena + y.at(n, b, z, row, -before.x)
          if z < 0 || z >= size.z || row < 0 || row >= size.y {
            p.update(repeating: 0, count: columns)
          } else {
            p.update(repeating: 0, count: before.x)
            (p + before.x + size.x).update(repeating: 0, count: after.x)
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
}
