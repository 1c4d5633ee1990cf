import Kernels

/// Convolutions 3x3x3 of stride 2, plain or transposed, by phases of the samples as F(4, 2) along each axis. Several of the same input, as
/// residual units have them, share its transform.
///
/// As in a `WinogradStep`, a task transforms its tiles along z and y first. Then the lines along x of each point of z and y, one for each phase, are
/// transformed to points, multiplied and transformed back.
struct TwoTapStep: TiledConvolution {
  /// One of the convolutions.
  struct Member: Sendable {
    let problem: ConvolutionProblem
    let output: BlockedView
    var tail = ConvolutionTail()
    let derived: DerivedWeights

    var blocks: Int { output.shape.blocks.count }
    var layout: TwoTapLayout { .m(problem, output.shape, blocks: blocks) }
    var writes: [BufferID] { [output.buffer] + (tail.moments.map { [$0.buffer] } ?? []) }
  }

  let points: TwoTapPoints
  let input: BlockedView
  let tiles: WinogradTiles
  private(set) var members: [Member]

  init(problem: ConvolutionProblem, points: TwoTapPoints, input: BlockedView, output: BlockedView, tiles: WinogradTiles) {
    (self.points, self.input, self.tiles) = (points, input, tiles)
    members = [Member(problem: problem, output: output, derived: TwoTapWeights(problem, points).derived)]
  }

  /// Takes in another convolution of the same input, if it reads the same samples.
  mutating func add(_ other: ConvolutionProblem, _ output: BlockedView) -> Bool {
    guard !problem.transposed, !other.transposed, other.pads == problem.pads, other.output == problem.output else { return false }
    members.append(Member(problem: other, output: output, derived: TwoTapWeights(other, points).derived))
    return true
  }

  func tail(of output: BufferID) -> ConvolutionTail? { members.first { $0.output.buffer == output }?.tail }

  mutating func setTail(_ tail: ConvolutionTail, of output: BufferID) {
    for i in members.indices where members[i].output.buffer == output { members[i].tail = tail }
  }

  var reads: [BufferID] { [input.buffer] + members.flatMap(\.tail.epilogue.reads) }
  var writes: [BufferID] { members.flatMap(\.writes) }
  var parameters: [FloatStorage] { members.map(\.problem.weights) }

  /// Those of all members, one after the other.
  var derivedWeights: DerivedWeights? {
    let all = members.map(\.derived), starts = weightStarts
    return DerivedWeights(parts: 1, partFloats: all.reduce(0) { $0 + $1.floats }) { _, target, frame in
      for (weights, start) in zip(all, starts) { weights.make(0, target + start, frame) }
    }
  }

  private var weightStarts: [Int] { members.indices.map { members[..<$0].reduce(0) { $0 + $1.derived.floats } } }

  var summary: StepSummary {
    let all = members.map { StepSummary.convolution($0.problem, "two-tap F(4x4x4)", $0.output.shape) }
    return StepSummary(
      name: all.map(\.name).joined(separator: " + "), kernel: all[0].kernel, shape: all.map(\.shape).joined(separator: " + "),
      flops: all.reduce(0) { $0 + $1.flops }, bytes: all.reduce(0) { $0 + $1.bytes }, isReference: false,
      rounding: all.compactMap(\.rounding).max())
  }

  /// All members have the same geometry but for the channels that come out.
  private var problem: ConvolutionProblem { members[0].problem }
  private var inputLines: TwoTapLines {
    TwoTapLines.input(problem, input.shape, blocks: input.shape.blocks.count, tiles: tiles.perTask, runs: tiles.runs)
  }
  private func outputLines(_ member: Member) -> TwoTapLines {
    TwoTapLines.output(problem, member.output.shape, blocks: member.blocks, tiles: tiles.perTask)
  }
  /// Floats of V, and of M of any member, of a line: the first one has all phases.
  private var floats: (v: Int, m: Int) {
    let v = TwoTapLayout.v(problem, input.shape).floats(points.lines[0], tiles: tiles.perTask)
    return (v, members.map { $0.layout.floats(points.lines[0], tiles: tiles.perTask) }.max() ?? 0)
  }
  var scratch: Int {
    let lines = members.reduce(inputLines.floats) { $0 + outputLines($1).floats }
    return max(lines + floats.v + floats.m + WinogradLayout.momentFloats, TwoTapWeights.scratchFloats)
  }
  var voxelsPerTask: [Int] { tiles.voxelsPerTask(of: problem) }

  /// A member with all addresses known.
  private struct Target: Sendable {
    let products: TwoTapProducts
    let outputs: TwoTapTarget
    let blocks: Int, weightStart: Int
    /// Its lines among those of all members.
    let lineStart: Int
  }

  private func targets(_ memory: MemoryMap) -> [Target] {
    var lineStart = 0
    return zip(members, weightStarts).map { member, start in
      let lines = outputLines(member)
      defer { lineStart += lines.floats }
      return Target(
        products: TwoTapProducts(TwoTapWeights(member.problem, points), input.shape, member.layout),
        outputs: TwoTapTarget(member.problem, tiles, member.layout, lines, member.output, member.tail, memory),
        blocks: member.blocks, weightStart: start, lineStart: lineStart)
    }
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let step = self, floats = floats, targets = targets(memory), source = TwoTapSource(problem, tiles, inputLines, input, memory)
    let batch = members[0].output.shape.batch, inputBlocks = input.shape.blocks.indices
    guard let derived = derivedWeights else { return { (_) throws(EngineError) in } }
    return { (frame) throws(EngineError) in
      frame.use(derived) { _, weights in
        frame.pool.run(batch * step.tiles.tasks) { task, thread in
          let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
          let lines = frame.scratch(of: thread), v = lines + source.lines.floats, m = v + floats.v
          let moments = m + floats.m, outputs = moments + WinogradLayout.momentFloats
          source.rows(frame, image: n, inputBlocks, range, lines)
          for line in step.points.lines {
            source.points(frame, line, inputBlocks, range, lines, v, rows: range.count)
            for target in targets {
              target.products.multiply(frame, line, weights + target.weightStart, v, m, tiles: range.count)
              target.outputs.line(frame, line, blocks: target.blocks, range, m, outputs + target.lineStart)
            }
          }
          for target in targets {
            target.outputs.transform(frame, image: n, 0..<target.blocks, range, part: chunk, outputs + target.lineStart, moments: moments)
          }
        }
      }
    }
  }
}
