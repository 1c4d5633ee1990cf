import Kernels

/// Convolutions 3x3x3 of stride 2, plain or transposed, by phases of the samples as F(4, 2) along each axis. Several of the same input, as
/// residual units have them, share its transform.
struct TwoTapStep: TiledConvolution {
  /// One of the convolutions.
  struct Member: Sendable {
    let problem: ConvolutionProblem
    let output: BlockedView
    var tail = ConvolutionTail()
    let derived: DerivedWeights

    var blocks: Int { output.shape.blocks.count }
    /// Floats of one tile at one point in M.
    var mUnit: Int { problem.hasHalvedPhases ? 16 : blocks * output.shape.width }
    /// Floats from tile to tile.
    var mRow: Int { problem.hasHalvedPhases ? 16 : output.shape.width }
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
  /// Floats of one tile at one point: all blocks of V.
  private var vUnit: Int { input.shape.blocks.count * input.shape.width }
  private var floats: (v: Int, m: Int) {
    TwoTapAddresses.floats(problem, points, vUnit: vUnit * tiles.perTask, mUnit: (members.map(\.mUnit).max() ?? 0) * tiles.perTask)
  }
  var scratch: Int { max(floats.v + floats.m + TwoTapAddresses.transformFloats + TwoTapAddresses.momentFloats, TwoTapWeights.scratchFloats) }
  var voxelsPerTask: [Int] { tiles.voxelsPerTask(of: problem) }

  /// A member with all addresses known.
  private struct Target: Sendable {
    let products: TwoTapProducts
    let outputs: TwoTapTarget
    let blocks: Int, weightStart: Int
    /// By tiles of the task.
    let addresses: [Int: TwoTapAddresses]
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let sizes = Set([tiles.perTask, tiles.range(tiles.tasks - 1).count]), step = self, floats = floats
    let source = TwoTapSource(x: memory.view(input), problem: problem, tiles: tiles)
    let targets = zip(members, weightStarts).map { member, start in
      Target(
        products: TwoTapProducts(TwoTapWeights(member.problem, points), input.shape, outputWidth: member.mRow),
        outputs: TwoTapTarget(member.problem, tiles, member.output, member.tail, mRow: member.mRow, memory),
        blocks: member.blocks, weightStart: start,
        addresses: sizes.reduce(into: [:]) { all, count in
          all[count] = TwoTapAddresses(member.problem, points, vUnit: vUnit * count, mUnit: member.mUnit * count)
        })
    }
    let batch = members[0].output.shape.batch, inputBlocks = input.shape.blocks.indices
    guard let derived = derivedWeights else { return { (_) throws(EngineError) in } }
    return { (frame) throws(EngineError) in
      frame.use(derived) { _, weights in
        frame.pool.run(batch * step.tiles.tasks) { task, thread in
          let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
          guard let at = targets[0].addresses[range.count] else { return }
          let v = frame.scratch(of: thread), m = v + floats.v, transform = m + floats.m
          source.transform(frame, at, image: n, blocks: inputBlocks, range, v, rows: range.count, scratch: transform)
          for target in targets {
            guard let at = target.addresses[range.count] else { continue }
            target.products.multiply(frame, at, weights + target.weightStart, v, m, tiles: range.count)
            target.outputs.transform(
              frame, at, image: n, 0..<target.blocks, range, part: chunk, m, scratch: transform, moments: transform + TwoTapAddresses.transformFloats)
          }
        }
      }
    }
  }
}
