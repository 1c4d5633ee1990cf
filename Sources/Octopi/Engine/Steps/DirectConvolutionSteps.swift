import Kernels

/// Convolution by its definition: row by row, for any kernel, stride, dilation, group, phase and channel count.
struct DirectConvolutionStep: SingleConvolution {
  let problem: ConvolutionProblem
  let input: BlockedView
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
  /// False: only its statistics are wanted, and who reads the result computes it again.
  var keepsResult = true

  var reads: [BufferID] { [input.buffer] + epilogue.reads }
  var writes: [BufferID] { (keepsResult ? [output.buffer] : []) + (moments.map { [$0.buffer] } ?? []) }
  var parameters: [FloatStorage] { [problem.weights] }
  var summary: StepSummary { .convolution(problem, keepsResult ? "direct" : "direct, statistics", output.shape, keepsResult: keepsResult) }
  var scratch: Int { group * (3 * output.shape.width + (keepsResult ? 0 : BoundView(row: output.shape).strides.block)) }
  var normalizesResidual: Bool { false }

  /// Output blocks of one task: enough tasks for many cores, weights of a group within a second-level cache.
  var group: Int { problem.geometry.groups > 1 && problem.inputRanges.count > 1 ? 1 : 2 }

  /// A task computes what one plane of the input gives: of a transposed convolution all phases, so that the input comes from memory once.
  var voxelsPerTask: [Int] {
    let y = problem.phases(\.y).reduce(0) { $0 + $1.count }, x = problem.phases(\.x).reduce(0) { $0 + $1.count }
    return (0..<planes).map { plane in problem.phases(\.z).filter { plane < $0.count }.count * y * x }
  }

  private var planes: Int { problem.phases(\.z).map(\.count).max() ?? 0 }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let rows = Rows(self, memory, output: keepsResult ? nil : BoundView(row: output.shape)), blocks = output.shape.blocks.count
    let batch = output.shape.batch, keepsResult = keepsResult, width = output.shape.width
    let group = group, groups = (blocks + group - 1) / group, planes = planes, lines = rows.phases.map(\.count.y).max() ?? 0
    let momentsAt = moments.map { memory.plain($0.buffer) }, step = self
    return { (frame) throws(EngineError) in
      frame.pool.run(batch * planes * groups) { task, thread in
        let plane = task / groups % planes, n = task / groups / planes, first = task % groups * group
        let sums = frame.scratch(of: thread), count = min(group, blocks - first)
        var isFirst = true
        for line in 0..<lines {
          for phase in rows.phases where plane < phase.count.z && line < phase.count.y {
            var row = rows.row(phase, frame, image: n, plane: plane, line: line, blocks: first..<first + count)
            if !keepsResult { row.y = sums + group * 3 * width }
            if momentsAt != nil { row.moments = sums }
            row.setsPivot = isFirst
            isFirst = false
            frame.kernels.convolution.directRow(&row)
          }
        }
        if let momentsAt { step.storeMoments(frame, momentsAt, sums, image: n, plane: plane, blocks: first..<first + count) }
      }
    }
  }

  /// Statistics of one plane of some blocks, from the sums of its rows.
  func storeMoments(_ frame: Frame, _ offset: Int, _ sums: Floats, image n: Int, plane: Int, blocks: Range<Int>) {
    guard let moments else { return }
    for b in blocks {
      moments.store(
        sums + (b - blocks.lowerBound) * 3 * output.shape.width, lanes: output.shape.lanes(b), part: plane,
        into: moments.state(frame.arena, offset, image: n, part: plane, block: b))
    }
  }

  /// The rows of outputs with all addresses known.
  struct Rows: Sendable {
    let phases: [Phase]
    private let problem: ConvolutionProblem
    private let x: BoundView, y: BoundView, residual: BoundView?
    private let slope: FloatStorage?
    private let streams: Bool

    /// - input, output: what is read and written instead of the step's own input and output, as it lies in memory.
    /// - isInPlace: results lie where the step's own input does.
    init(_ step: DirectConvolutionStep, _ memory: MemoryMap, input: BoundView? = nil, output: BoundView? = nil, isInPlace: Bool = false) {
      (problem, slope) = (step.problem, step.epilogue.slope)
      (x, y, residual) = (input ?? memory.view(step.input), output ?? memory.view(step.output), step.epilogue.residual.map { memory.view($0) })
      // What is read in the same place lies in the caches anyway.
      streams = output == nil && !isInPlace && y.isStreamable && residual?.offset != y.offset
      phases = Phase.all(problem, x).filter { $0.count.x > 0 }
    }

    /// One row of one phase, `blocks` of the output's.
    func row(_ phase: Phase, _ frame: Frame, image n: Int, plane: Int, line: Int, blocks: Range<Int>) -> DirectRow {
      let first = blocks.lowerBound, inStep = problem.inputStep, outStep = problem.outputStep
      let segments = phase.segments.count == 1 ? phase.segments[0] : phase.segments[first]
      let z = plane * outStep.z + phase.start.z, yOut = line * outStep.y + phase.start.y
      var row = DirectRow(
        offsets: segments.offsets.pointer, lengths: segments.lengths.pointer,
        x: UnsafePointer(frame.arena + x.at(n, 0, plane * inStep.z, line * inStep.y)),
        weights: problem.weights.pointer + problem.weightStarts[first], weightOffsets: segments.weights.pointer,
        bias: problem.bias.pointer + first * 16, y: frame.arena + y.at(n, first, z, yOut, phase.start.x))
      (row.width, row.count, row.outputBlocks, row.segments) = (y.shape.width, phase.count.x, blocks.count, segments.offsets.count)
      row.streams = streams
      row.lastChannels = y.shape.lanes(blocks.upperBound - 1)
      row.xStep = inStep.x * x.strides.x
      row.weightBlock = blocks.count > 1 ? problem.weightStarts[first + 1] - problem.weightStarts[first] : 0
      (row.yBlock, row.yStep) = (y.strides.block, outStep.x * y.strides.x)
      row.slope = slope.map { $0.pointer + first * y.shape.width }
      if let residual {
        row.residual = UnsafePointer(frame.arena + residual.at(n, first, z, yOut, phase.start.x))
        (row.residualBlock, row.residualStep) = (residual.strides.block, outStep.x * residual.strides.x)
      }
      return row
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
  static func convolution(_ problem: ConvolutionProblem, _ form: String, _ output: BlockedShape, keepsResult: Bool = true) -> StepSummary {
    let g = problem.geometry
    let activations = g.batch * (g.inputChannels * problem.input.product + (keepsResult ? g.outputChannels * problem.output.product : 0))
    return StepSummary(
      name: problem.name, kernel: "\(problem.transposed ? "transposed convolution" : "convolution") \(problem.kernel.z)x\(problem.kernel.y)x\(problem.kernel.x), \(form)",
      shape: "\(g.inputChannels) -> " + output.description, flops: problem.flops,
      bytes: 4 * Double(activations + problem.weights.count), isReference: false, rounding: problem.rounding)
  }
}
