import Graph
import Kernels

/// Largest or mean value of each neighbourhood.
struct PoolingStep: PlannedStep {
  enum Kind: Sendable {
    case max
    case average(countsPadding: Bool)
  }

  let name: String
  let kind: Kind
  let input: BlockedView, output: BlockedView
  let kernel: Axes, strides: Axes, dilations: Axes, before: Axes, after: Axes

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary {
    let kernel = if case .max = kind { "max pool" } else { "average pool" }
    return .layout(name, kernel, output.shape)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), y = memory.view(output), size = input.shape.size, out = output.shape.size, step = self
    let width = input.shape.width, blocks = output.shape.blocks.count
    let countsPadding = if case .average(let counts) = kind { counts } else { false }
    let row = PoolingRow(
      count: out.x, inputs: size.x, kernel: kernel.x, stride: strides.x, dilation: dilations.x, before: before.x,
      counted: countsPadding ? -before.x..<size.x + after.x : 0..<size.x)
    /// Positions along one axis that a result looks at: those inside, and how many count in a mean.
    func positions(_ axis: KeyPath<Axes, Int>) -> [(inside: [Int], counted: Int)] {
      (0..<out[keyPath: axis]).map { o in
        let all = (0..<step.kernel[keyPath: axis]).map { o * step.strides[keyPath: axis] - step.before[keyPath: axis] + $0 * step.dilations[keyPath: axis] }
        let inside = all.filter { (0..<size[keyPath: axis]).contains($0) }
        let padded = -step.before[keyPath: axis]..<size[keyPath: axis] + step.after[keyPath: axis]
        return (inside, countsPadding ? all.count { padded.contains($0) } : inside.count)
      }
    }
    let alongZ = positions(\.z), alongY = positions(\.y)
    return { (frame) throws(EngineError) in
      frame.pool.run(step.output.shape.batch * blocks * out.z) { task, _ in
        let z = task % out.z, n = task / out.z / blocks, b = task / out.z % blocks
        withUnsafeTemporaryAllocation(of: Int.self, capacity: max(1, step.kernel.z * step.kernel.y)) { offsets in
          guard let base = offsets.baseAddress else { return }
          for r in 0..<out.y {
            var rows = 0
            for zi in alongZ[z].inside {
              for yi in alongY[r].inside {
                base[rows] = zi * x.strides.z + yi * x.strides.y
                rows += 1
              }
            }
            let source = Floats(frame.arena + x.at(n, b, 0, 0)), target = frame.arena + y.at(n, b, z, r)
            if case .max = step.kind {
              frame.kernels.pooling.max(width, row, rows, base, source, target)
            } else {
              frame.kernels.pooling.average(width, row, rows, base, alongZ[z].counted * alongY[r].counted, source, target)
            }
          }
        }
      }
    }
  }
}

/// Interpolation along the spatial axes by tables.
struct ResizeStep: PlannedStep {
  let name: String
  let input: BlockedView, output: BlockedView
  /// By axis z, y, x and index of the result: source positions and weights.
  let samples: [[ResizeSample]]

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary { .layout(name, "resize", output.shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), y = memory.view(output), out = output.shape.size, samples = samples
    let width = input.shape.width, blocks = output.shape.blocks.count, batch = output.shape.batch, last = input.shape.size.x - 1
    let taps = samples[2].map(\.weights.count).max() ?? 1
    // Every result has the same number of taps; those that it lacks weigh nothing.
    let positions = IntStorage(samples[2].flatMap { s in (0..<taps).map { min(last, s.first + min($0, s.weights.count - 1)) } })
    let weights = FloatStorage(samples[2].flatMap { s in (0..<taps).map { $0 < s.weights.count ? Float(s.weights[$0]) : 0 } })
    let most = (samples[0].map(\.weights.count).max() ?? 1) * (samples[1].map(\.weights.count).max() ?? 1)
    return { (frame) throws(EngineError) in
      frame.pool.run(batch * blocks * out.z) { task, _ in
        let z = task % out.z, n = task / out.z / blocks, b = task / out.z % blocks, alongZ = samples[0][z]
        withUnsafeTemporaryAllocation(of: Int.self, capacity: most) { offsets in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: most) { rowWeights in
            guard let base = offsets.baseAddress, let factors = rowWeights.baseAddress else { return }
            for r in 0..<out.y {
              let alongY = samples[1][r]
              var rows = 0
              for (i, wz) in alongZ.weights.enumerated() {
                for (j, wy) in alongY.weights.enumerated() {
                  base[rows] = (alongZ.first + i) * x.strides.z + (alongY.first + j) * x.strides.y
                  factors[rows] = Float(wz * wy)
                  rows += 1
                }
              }
              frame.kernels.resize.row(
                width, out.x, rows, base, factors, taps, positions.pointer, weights.pointer, frame.arena + x.at(n, b, 0, 0),
                frame.arena + y.at(n, b, z, r))
            }
          }
        }
      }
    }
  }
}

/// The mean of each channel from its statistics, `[image][channel]`.
struct ChannelMeanStep: PlannedStep {
  let name: String
  let moments: MomentParts
  let shape: BlockedShape
  let output: BufferID

  var reads: [BufferID] { [moments.buffer] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary { .small(name, "mean", shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let at = memory.plain(moments.buffer), y = memory.plain(output), step = self, firsts = shape.firstChannels, width = shape.width
    return { (frame) throws(EngineError) in
      let blocks = step.moments.blocks
      frame.pool.run(step.shape.batch * blocks) { task, _ in
        let image = task / blocks, block = task % blocks
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width) { total in
          guard let state = total.baseAddress else { return }
          _ = step.moments.merge(frame.arena, at, image: image, block: block, into: state)
          for lane in 0..<step.shape.blocks[block] { frame.arena[y + image * step.shape.channels + firsts[block] + lane] = Float(state[lane]) }
        }
      }
    }
  }
}

/// A reduction of a row-major activation over neighbouring axes: `outer` times `length` times `inner`, in double, in ascending order.
struct ReduceStep: PlannedStep {
  enum Kind: Sendable {
    case sum, mean, sumOfAbsolutes, sumOfSquares, rootOfSquares, max, min
  }

  let name: String
  let kind: Kind
  let input: BufferID, output: BufferID
  let outer: Int, length: Int, inner: Int

  var reads: [BufferID] { [input] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary {
    StepSummary(
      name: name, kernel: "reduce \(kind)", shape: "\(outer)x\(length)x\(inner)", flops: 0, bytes: 4 * Double(outer * length * inner), isReference: false)
  }

  private func add(_ sum: Double, _ v: Double) -> Double {
    switch kind {
    case .sum, .mean: sum + v
    case .sumOfAbsolutes: sum + abs(v)
    case .sumOfSquares, .rootOfSquares: sum + v * v
    case .max: v > sum || v.isNaN ? v : sum
    case .min: v < sum || v.isNaN ? v : sum
    }
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input), y = memory.plain(output), step = self
    let start: Double = kind == .max ? -.infinity : kind == .min ? .infinity : 0
    return { (frame) throws(EngineError) in
      frame.pool.run(step.outer) { o, _ in
        for i in 0..<step.inner {
          let source = frame.arena + x + o * step.length * step.inner + i
          var sum = start
          for k in 0..<step.length { sum = step.add(sum, Double(source[k * step.inner])) }
          if step.kind == .mean { sum /= Double(step.length) }
          if step.kind == .rootOfSquares { sum = sum.squareRoot() }
          frame.arena[y + o * step.inner + i] = Float(sum)
        }
      }
    }
  }
}
