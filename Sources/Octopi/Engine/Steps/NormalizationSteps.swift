import Kernels

/// Statistics of an activation that no convolution has taken in passing: one part a plane.
struct MomentsStep: PlannedStep {
  let name: String
  let input: BlockedView
  let moments: MomentParts

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [moments.buffer] }
  var summary: StepSummary { .layout(name, "moments", input.shape, passes: 1) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), at = memory.plain(moments.buffer), shape = input.shape, moments = moments
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * shape.size.z * moments.blocks) { task, _ in
        let b = task % moments.blocks, z = task / moments.blocks % shape.size.z, n = task / moments.blocks / shape.size.z
        let state = moments.state(frame.arena, at, image: n, part: z, block: b)
        frame.kernels.normalization.moments(shape.width, shape.size.y, shape.size.x, frame.arena + x.at(n, b, z, 0), x.strides.y, 0, state)
      }
    }
  }
}

/// Coefficients of an instance normalisation from the statistics, `[image][block]` of `Coefficients` (ONNX InstanceNormalization 6).
struct CoefficientsStep: PlannedStep {
  let name: String
  let moments: MomentParts
  let shape: BlockedShape
  /// `[block][width]`.
  var gamma: FloatStorage, beta: FloatStorage
  let epsilon: Float
  /// Slope below zero of the activation that follows, `[block][width]`; nil for none.
  var slope: FloatStorage?
  let output: BufferID

  var reads: [BufferID] { [moments.buffer] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary { .small(name, "coefficients", shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let at = memory.plain(moments.buffer), target = memory.plain(output), step = self, width = shape.width
    return { (frame) throws(EngineError) in
      let blocks = step.moments.blocks
      frame.pool.run(step.shape.batch * blocks) { task, _ in
        let image = task / blocks, block = task % blocks, c = frame.arena + target + task * Coefficients.rows * width
        var total = InlineArray<32, Double>(repeating: 0)
        total.withTotal { total in
          let count = step.moments.merge(frame.arena, at, image: image, block: block, into: total)
          Moments.affine(
            width: width, total, count: count, epsilon: Double(step.epsilon), gamma: step.gamma.pointer + block * width,
            beta: step.beta.pointer + block * width, into: c)
        }
        for lane in 0..<width { c[2 * width + lane] = step.slope.map { $0.pointer[block * width + lane] } ?? 1 }
      }
    }
  }
}

extension InlineArray where Element == Double {
  /// The elements as a pointer that is valid during the call.
  fileprivate mutating func withTotal(_ body: (UnsafeMutablePointer<Double>) -> Void) {
    var span = mutableSpan
    span.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
  }
}

/// Coefficients of a group normalisation: statistics over all channels of a group (ONNX GroupNormalization 21).
struct GroupCoefficientsStep: PlannedStep {
  let name: String
  let moments: MomentParts
  let shape: BlockedShape
  let groups: Int
  /// One number a channel.
  let gamma: [Float], beta: [Float]
  let epsilon: Float
  let output: BufferID

  var reads: [BufferID] { [moments.buffer] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary { .small(name, "group coefficients", shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let at = memory.plain(moments.buffer), target = memory.plain(output), step = self, width = shape.width, blocks = shape.blocks.count
    let places = shape.blocks.indices.flatMap { block in (0..<step.shape.blocks[block]).map { (block: block, lane: $0) } }
    let perGroup = places.count / groups
    return { (frame) throws(EngineError) in
      frame.pool.run(step.shape.batch) { image, _ in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks * 2 * width) { states in
          guard let state = states.baseAddress else { return }
          var count = 0
          for block in 0..<blocks { count = step.moments.merge(frame.arena, at, image: image, block: block, into: state + block * 2 * width) }
          func mean(_ c: Int) -> Double { state[places[c].block * 2 * width + places[c].lane] }
          for group in 0..<step.groups {
            let channels = group * perGroup..<(group + 1) * perGroup
            let average = channels.reduce(0.0) { $0 + mean($1) } / Double(perGroup)
            // Every channel has as many voxels: deviations within, and of the channels' means.
            let squares = channels.reduce(0.0) { sum, c in
              let d = mean(c) - average
              return sum + state[places[c].block * 2 * width + width + places[c].lane] + Double(count) * d * d
            }
            let inverse = 1 / (squares / Double(count * perGroup) + Double(step.epsilon)).squareRoot()
            for c in channels {
              let p = frame.arena + target + (image * blocks + places[c].block) * Coefficients.rows * width + places[c].lane
              let scale = Double(step.gamma[c]) * inverse
              p[0] = Float(scale)
              p[width] = Float(Double(step.beta[c]) - (average - Double(Float(average))) * scale)
              p[2 * width] = 1
              p[3 * width] = Float(average)
            }
          }
        }
      }
    }
  }
}

/// Coefficients that no data decides: batch normalisation, or an activation alone.
struct ConstantCoefficientsStep: PlannedStep {
  let name: String
  let shape: BlockedShape
  /// `[block]` of `Coefficients`.
  var coefficients: FloatStorage
  let output: BufferID

  var reads: [BufferID] { [] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary { .small(name, "coefficients", shape) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let target = memory.plain(output), coefficients = coefficients, batch = shape.batch
    return { (frame) throws(EngineError) in
      for n in 0..<batch { (frame.arena + target + n * coefficients.count).update(from: coefficients.pointer, count: coefficients.count) }
    }
  }
}

/// `y = act'(a + b)`, each summand possibly normalised and activated on load; `b` may be absent.
struct NormalizeStep: PlannedStep {
  let name: String
  let a: Summand
  /// May be computed where it is added, as `a` may not.
  let b: Summand?
  let output: BlockedView
  /// Slope below zero of an activation of the sum, `[block][width]`.
  var slope: FloatStorage?

  struct Summand: Sendable {
    let view: BlockedView
    /// Nil: the values as they are.
    let coefficients: BufferID?
    /// Computes the values row by row, which then do not lie in `view`.
    var source: DirectConvolutionStep?

    var reads: [BufferID] { (source?.reads ?? [view.buffer]) + (coefficients.map { [$0] } ?? []) }
  }

  var reads: [BufferID] { a.reads + (b?.reads ?? []) }
  var writes: [BufferID] { [output.buffer] }
  var parameters: [FloatStorage] { b?.source?.parameters ?? [] }
  var scratch: Int { b?.source.map { BoundView(row: $0.output.shape).strides.block } ?? 0 }
  var summary: StepSummary {
    let kernel = b == nil ? "normalize" : a.coefficients == nil && b?.coefficients == nil ? "add" : "normalize + add"
    return b?.source == nil
      ? .layout(name, kernel, output.shape, passes: b == nil ? 2 : 3) : .layout(name, "\(kernel) of convolution 1x1x1", output.shape, passes: 2)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let rows = Rows(self, memory), y = memory.view(output), shape = output.shape, blocks = shape.blocks.count
    return { (frame) throws(EngineError) in
      frame.pool.run(shape.batch * blocks * shape.size.z) { task, thread in
        let z = task % shape.size.z, image = task / shape.size.z, n = image / blocks, b = image % blocks
        let target = frame.arena + y.at(n, b, z, 0), scratch = frame.scratch(of: thread)
        rows.compute(frame, image: n, block: b, plane: z, lines: 0..<shape.size.y, target, y.strides.y, scratch: scratch)
      }
    }
  }

  /// Rows of the sum with all addresses known.
  struct Rows: Sendable {
    private let a: BoundView, b: BoundView?
    private let source: DirectConvolutionStep.Rows?
    /// Where the coefficients of the summands lie.
    private let aNorm: Int?, bNorm: Int?
    private let slope: FloatStorage?

    init(_ step: NormalizeStep, _ memory: MemoryMap) {
      (a, aNorm) = (memory.view(step.a.view), step.a.coefficients.map { memory.plain($0) })
      let row = step.b?.source.map { BoundView(row: $0.output.shape) }
      source = step.b?.source.map { DirectConvolutionStep.Rows($0, memory, output: row) }
      (b, bNorm) = (row ?? step.b.map { memory.view($0.view) }, step.b?.coefficients.map { memory.plain($0) })
      slope = step.slope
    }

    /// Some lines of a plane of one block, to rows `row` floats apart from `y` on. `scratch`: a row, for a summand that is computed.
    func compute(
      _ frame: Frame, image n: Int, block: Int, plane: Int, lines: Range<Int>, _ y: MutableFloats, _ row: Int, scratch: MutableFloats
    ) {
      guard let source, let phase = source.phases.first else {
        return add(frame, n, block, plane, lines, b.map { UnsafePointer(frame.arena + $0.at(n, block, plane, lines.lowerBound)) }, y, row)
      }
      for line in lines {
        var call = source.row(phase, frame, image: n, plane: plane, line: line, blocks: block..<block + 1)
        call.y = scratch
        frame.kernels.convolution.directRow(&call)
        add(frame, n, block, plane, line..<line + 1, UnsafePointer(scratch), y + (line - lines.lowerBound) * row, row)
      }
    }

    private func add(
      _ frame: Frame, _ n: Int, _ block: Int, _ plane: Int, _ lines: Range<Int>, _ second: Floats?, _ y: MutableFloats, _ row: Int
    ) {
      let width = a.shape.width, image = n * a.shape.blocks.count + block
      func operand(_ x: Floats, _ view: BoundView, _ norm: Int?) -> NormalizedOperand {
        NormalizedOperand(x, row: view.strides.y, norm: norm.map { UnsafePointer(frame.arena + $0 + image * Coefficients.rows * width) })
      }
      let first = UnsafePointer(frame.arena + a.at(n, block, plane, lines.lowerBound))
      frame.kernels.normalization.normalize(
        width, lines.count, a.shape.size.x, operand(first, a, aNorm), b.flatMap { view in second.map { operand($0, view, bNorm) } },
        slope.map { $0.pointer + block * width }, y, row)
    }
  }
}
