import Kernels

/// Convolution by its definition: row by row, for any kernel, stride, dilation, group, phase and channel count.
struct DirectConvolutionStep: PlannedStep {
  let problem: ConvolutionProblem
  let input: BlockedView
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()

  var reads: [BufferID] { [input.buffer] + epilogue.reads }
  var writes: [BufferID] { [output.buffer] }
  var parameters: [FloatStorage] { [problem.weights] }
  var summary: StepSummary { .convolution(problem, "direct", output.shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), y = memory.view(output), residual = epilogue.residual.map { memory.view($0) }
    let phases = Phase.all(problem, x), blocks = output.shape.blocks.count, batch = output.shape.batch
    // Output blocks of one task: enough tasks for many cores, weights of a group within a second-level cache.
    let group = problem.inputRanges.count > 1 && problem.geometry.groups > 1 ? 1 : 2
    let groups = (blocks + group - 1) / group
    let planes = phases.map(\.count.z).reduce(0, +)
    let starts = phases.indices.map { phases[..<$0].map(\.count.z).reduce(0, +) }
    let problem = problem, slope = epilogue.slope, inStep = problem.inputStep, outStep = problem.outputStep
    return { (frame) throws(EngineError) in
      frame.pool.run(batch * planes * groups) { task, _ in
        let g = task % groups, plane = task / groups % planes, n = task / groups / planes
        let index = starts.lastIndex(where: { $0 <= plane }) ?? 0
        let phase = phases[index], z = plane - starts[index], first = g * group
        let segments = phase.segments.count == 1 ? phase.segments[0] : phase.segments[first]
        var row = DirectRow(
          offsets: segments.offsets.pointer, lengths: segments.lengths.pointer, x: frame.arena,
          weights: problem.weights.pointer + problem.weightStarts[first], weightOffsets: segments.weights.pointer,
          bias: problem.bias.pointer + first * 16, y: frame.arena)
        row.width = y.shape.width
        row.count = phase.count.x
        row.outputBlocks = min(group, blocks - first)
        row.segments = segments.offsets.count
        row.xStep = inStep.x * x.strides.x
        row.weightBlock = blocks > first + 1 ? problem.weightStarts[first + 1] - problem.weightStarts[first] : 0
        row.yBlock = y.strides.block
        row.yStep = outStep.x * y.strides.x
        row.slope = slope.map { $0.pointer + first * y.shape.width }
        for r in 0..<phase.count.y {
          let zOut = z * outStep.z + phase.start.z, yOut = r * outStep.y + phase.start.y
          row.x = UnsafePointer(frame.arena + x.at(n, 0, z * inStep.z, r * inStep.y))
          row.y = frame.arena + y.at(n, first, zOut, yOut, phase.start.x)
          if let residual {
            row.residual = UnsafePointer(frame.arena + residual.at(n, first, zOut, yOut, phase.start.x))
            row.residualBlock = residual.strides.block
            row.residualStep = outStep.x * residual.strides.x
          }
          frame.kernels.convolution.directRow(&row)
        }
      }
    }
  }
}

/// What a convolution does with its sums before it stores them: add another activation, then apply a slope below zero.
struct ConvolutionEpilogue: Sendable {
  var residual: BlockedView?
  /// Normalises the residual on load.
  var residualCoefficients: BufferID?
  /// `[output block][width]`.
  var slope: FloatStorage?

  var reads: [BufferID] { [residual?.buffer, residualCoefficients].compactMap { $0 } }
}

extension DirectConvolutionStep {
  /// One phase of the outputs with the addresses of its taps; one list of segments for all output blocks, or one each where groups differ.
  struct Phase: Sendable {
    let start: Axes
    let count: Axes
    let segments: [Segments]

    static func all(_ problem: ConvolutionProblem, _ x: BoundView) -> [Phase] {
      var phases: [Phase] = []
      let perBlock = problem.geometry.groups > 1
      for z in problem.phases(\.z) {
        for y in problem.phases(\.y) {
          for x_ in problem.phases(\.x) {
            let blocks = perBlock ? Array(problem.inputRanges.indices) : [0]
            phases.append(
              Phase(
                start: Axes(z.phase, y.phase, x_.phase), count: Axes(z.count, y.count, x_.count),
                segments: blocks.map { Segments(problem, z, y, x_, x, channels: problem.inputRanges[$0]) }))
          }
        }
      }
      return phases
    }
  }

  /// See `DirectRow`: where each run of input channels lies, how long it is, and where its weights are.
  struct Segments: Sendable {
    let offsets: IntStorage, lengths: IntStorage, weights: IntStorage

    init(
      _ problem: ConvolutionProblem, _ z: ConvolutionProblem.AxisPhase, _ y: ConvolutionProblem.AxisPhase, _ x: ConvolutionProblem.AxisPhase,
      _ view: BoundView, channels: Range<Int>
    ) {
      var offsets: [Int] = [], lengths: [Int] = [], weights: [Int] = []
      let firsts = view.shape.firstChannels
      for tz in z.taps {
        for ty in y.taps {
          for tx in x.taps {
            let tap = (tz.index * problem.kernel.y + ty.index) * problem.kernel.x + tx.index
            let place = tz.offset * view.strides.z + ty.offset * view.strides.y + tx.offset * view.strides.x
            for (block, first) in firsts.enumerated() {
              let run = channels.clamped(to: first..<first + view.shape.blocks[block])
              if run.isEmpty { continue }
              offsets.append(place + block * view.strides.block + run.lowerBound - first)
              lengths.append(run.count)
              weights.append((tap * channels.count + run.lowerBound - channels.lowerBound) * 16)
            }
          }
        }
      }
      self.offsets = IntStorage(offsets)
      self.lengths = IntStorage(lengths)
      self.weights = IntStorage(weights)
    }
  }
}

extension StepSummary {
  static func convolution(_ problem: ConvolutionProblem, _ form: String, _ output: BlockedShape) -> StepSummary {
    let g = problem.geometry
    let activations = g.batch * (g.inputChannels * problem.input.product + g.outputChannels * problem.output.product)
    return StepSummary(
      name: problem.name, kernel: "\(problem.transposed ? "transposed convolution" : "convolution") \(problem.kernel.z)x\(problem.kernel.y)x\(problem.kernel.x), \(form)",
      shape: "\(g.inputChannels) -> " + output.description, flops: problem.flops,
      bytes: 4 * Double(activations + problem.weights.count), isReference: false)
  }
}
