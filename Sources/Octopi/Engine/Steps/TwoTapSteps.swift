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
    members = [Member(problem: problem, output: output, derived: points.derived(problem))]
  }

  /// Takes in another convolution of the same input, if it reads the same samples.
  mutating func add(_ other: ConvolutionProblem, _ output: BlockedView) -> Bool {
    guard !problem.transposed, !other.transposed, other.pads == problem.pads, other.output == problem.output else { return false }
    members.append(Member(problem: other, output: output, derived: points.derived(other)))
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
  private var inputBlocks: Int { input.shape.blocks.count }
  private var vFloats: Int { (problem.transposed ? TwoTapPoints.count : points.pairs) * vUnit * tiles.perTask + TwoTapPoints.count * 16 }
  private var mFloats: Int {
    let units = problem.hasHalvedPhases ? points.halves : problem.transposed ? points.pairs : TwoTapPoints.count
    return units * (members.map(\.mUnit).max() ?? 0) * tiles.perTask + TwoTapPoints.count * 16
  }
  /// Floats of one tile at one point: all blocks of V.
  private var vUnit: Int { inputBlocks * input.shape.width }
  /// Floats from tile to tile.
  private var vRow: Int { input.shape.width }
  private var transformFloats: Int { 208 * 16 }
  var scratch: Int { max(vFloats + mFloats + transformFloats + 3 * 16, TwoTapPoints.weightScratchFloats) }

  /// Where the parts of V and M of each phase and point lie for tasks of `count` tiles.
  private struct Addresses: Sendable {
    /// By phase: 125 offsets for the transforms.
    let v: [IntStorage], m: [IntStorage]
    /// By point: start of the operands of its product.
    let vStart: [Int], mStart: [Int]

    init(_ points: TwoTapPoints, vUnit: Int, mUnit: Int, transposed: Bool, isHalved: Bool) {
      /// One unit a point, a line of padding between points.
      func single(_ unit: Int) -> ([IntStorage], [Int]) {
        let starts = (0..<TwoTapPoints.count).map { $0 * (unit + 16) }
        return ([IntStorage](repeating: IntStorage(starts), count: 8), starts)
      }
      /// One unit for each phase of a point.
      func stacked(_ unit: Int) -> ([IntStorage], [Int]) {
        let starts = (0..<TwoTapPoints.count).map { points.starts[$0] * unit + $0 * 16 }
        let byPhase = (0..<8).map { phase in
          IntStorage((0..<TwoTapPoints.count).map { p in starts[p] + (points.phases[p].firstIndex(of: phase) ?? 0) * unit })
        }
        return (byPhase, starts)
      }
      /// One unit for two phases of a point, side by side.
      func halved(_ unit: Int) -> ([IntStorage], [Int]) {
        let starts = (0..<TwoTapPoints.count).map { points.halfStarts[$0] * unit + $0 * 16 }
        let byPhase = (0..<8).map { phase in
          IntStorage(
            (0..<TwoTapPoints.count).map { p in
              let index = points.phases[p].firstIndex(of: phase) ?? 0
              return starts[p] + index / 2 * unit + index % 2 * 8
            })
        }
        return (byPhase, starts)
      }
      (v, vStart) = transposed ? single(vUnit) : stacked(vUnit)
      (m, mStart) = isHalved ? halved(mUnit) : transposed ? stacked(mUnit) : single(mUnit)
    }
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), step = self, transposed = problem.transposed, sizes = Set([tiles.perTask, tiles.range(tiles.tasks - 1).count])
    let targets = zip(members, weightStarts).map { member, start in
      Target(
        member: member, products: (0..<TwoTapPoints.count).map { TwoTapProduct(member.problem, points, $0, input.shape) },
        epilogue: BoundEpilogue(member.tail.epilogue, member.problem, member.output, memory),
        momentsAt: member.tail.moments.map { memory.plain($0.buffer) }, weightStart: start,
        addresses: sizes.reduce(into: [Int: Addresses]()) { all, count in
          all[count] = Addresses(
            points, vUnit: vUnit * count, mUnit: member.mUnit * count, transposed: transposed, isHalved: member.problem.hasHalvedPhases)
        })
    }
    // The blocks of one product: forward those of all phases of the point.
    let lengths = IntStorage((0..<8).flatMap { _ in input.shape.blocks }), batch = members[0].output.shape.batch
    guard let derived = derivedWeights else { return { (_) throws(EngineError) in } }
    return { (frame) throws(EngineError) in
      frame.use(derived) { _, weights in
        frame.pool.run(batch * step.tiles.tasks) { task, thread in
          let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
          guard let at = targets[0].addresses[range.count] else { return }
          let v = frame.scratch(of: thread), m = v + step.vFloats, transform = m + step.mFloats
          step.transform(frame, x, at, image: n, range, v, scratch: transform)
          for target in targets {
            guard let at = target.addresses[range.count] else { continue }
            step.multiply(frame, target, at, weights + target.weightStart, v, m, tiles: range.count, lengths)
            step.finish(frame, target, at, image: n, range, part: chunk, m, scratch: transform, moments: transform + step.transformFloats)
          }
        }
      }
    }
  }

  /// A member with all addresses known.
  private struct Target: Sendable {
    let member: Member
    /// By point.
    let products: [TwoTapProduct]
    let epilogue: BoundEpilogue
    let momentsAt: Int?
    let weightStart: Int
    /// By tiles of the task.
    let addresses: [Int: Addresses]
  }

  /// The input transforms of some tiles, phase by phase.
  private func transform(
    _ frame: Frame, _ x: BoundView, _ at: Addresses, image n: Int, _ range: Range<Int>, _ v: MutableFloats, scratch: MutableFloats
  ) {
    let phases = problem.transposed ? 7..<8 : 0..<8, sampleStep = problem.transposed ? 1 : 2
    var source = TwoTapInputTile(x: v, next: v, v: v, offsets: at.v[7].pointer, scratch: scratch)
    source.width = vRow
    (source.sz, source.sy, source.sx) = (sampleStep * x.strides.z, sampleStep * x.strides.y, sampleStep * x.strides.x)
    for b in 0..<inputBlocks {
      for (k, index) in range.enumerated() {
        source.v = v + (b * range.count + k) * vRow
        // A whole tile ahead: all its phases together are as many lines as memory can bring meanwhile.
        let following = k + 1 < range.count ? (block: b, tile: index + 1) : (block: min(b + 1, inputBlocks - 1), tile: range.lowerBound)
        for phase in phases {
          source.phase = phase
          source.offsets = at.v[phase].pointer
          source.x = UnsafePointer(frame.arena + sample(x, n, b, index, phase))
          source.next = UnsafePointer(frame.arena + sample(x, n, following.block, following.tile, phase))
          frame.kernels.convolution.twoTapInput(&source)
        }
      }
    }
  }

  /// The products of all points for one member.
  private func multiply(
    _ frame: Frame, _ target: Target, _ at: Addresses, _ weights: Floats, _ v: MutableFloats, _ m: MutableFloats, tiles: Int, _ lengths: IntStorage
  ) {
    var product = WinogradProduct(
      lengths: lengths.pointer, v: v, u: weights, outputStarts: lengths.pointer, inputStarts: lengths.pointer, m: m)
    (product.tiles, product.inputWidth, product.outputWidth) = (tiles, vRow, target.member.mRow)
    for (point, one) in target.products.enumerated() {
      (product.inputBlocks, product.outputBlocks) = (one.inputBlocks, one.outputBlocks)
      (product.inputStarts, product.outputStarts) = (one.inputStarts.pointer, one.outputStarts.pointer)
      product.v = UnsafePointer(v + at.vStart[point])
      product.m = m + at.mStart[point]
      frame.kernels.convolution.winogradProduct(&product)
    }
  }

  /// The output transforms of some tiles for one member, and their statistics as part `part`.
  private func finish(
    _ frame: Frame, _ bound: Target, _ at: Addresses, image n: Int, _ range: Range<Int>, part: Int, _ m: Floats, scratch: MutableFloats,
    moments: MutableFloats
  ) {
    let phases = problem.transposed ? 0..<8 : 7..<8, width = bound.member.output.shape.width, mRow = bound.member.mRow
    var target = TwoTapOutputTile(
      m: m, offsets: at.m[7].pointer, scratch: scratch, epilogue: TileEpilogue(y: scratch, bias: bound.member.problem.bias.pointer))
    target.width = width
    for b in 0..<bound.member.blocks {
      bound.epilogue.prepare(&target.epilogue, frame, image: n, block: b)
      if bound.momentsAt != nil { target.epilogue.moments = moments }
      target.epilogue.setsPivot = true
      for (k, index) in range.enumerated() {
        target.m = m + (b * range.count + k) * mRow
        for phase in phases {
          let (origin, count) = outputs(index, phase)
          if count.z <= 0 || count.y <= 0 || count.x <= 0 { continue }
          target.phase = phase
          target.offsets = at.m[phase].pointer
          bound.epilogue.place(&target.epilogue, frame, image: n, block: b, origin: origin, count: count)
          frame.kernels.convolution.twoTapOutput(&target)
          target.epilogue.setsPivot = false
        }
      }
      if let offset = bound.momentsAt, let layout = bound.member.tail.moments {
        layout.store(moments, lanes: width, part: part, into: layout.state(frame.arena, offset, image: n, part: part, block: b))
      }
    }
  }

  /// First sample of a tile and phase, as an offset in the arena.
  private func sample(_ x: BoundView, _ n: Int, _ block: Int, _ tile: Int, _ phase: Int) -> Int {
    let o = tiles.origin(tile), p = problem.pads
    if problem.transposed { return x.at(n, block, o.z, o.y, o.x) }
    return x.at(n, block, 2 * o.z - p.z + 1 - phase >> 2, 2 * o.y - p.y + 1 - (phase >> 1 & 1), 2 * o.x - p.x + 1 - phase & 1)
  }

  /// First output of a tile and phase, and how many there are along each axis.
  private func outputs(_ tile: Int, _ phase: Int) -> (origin: Axes, count: Axes) {
    let o = tiles.origin(tile)
    guard problem.transposed else { return (o, tiles.count(at: o)) }
    func axis(_ origin: Int, _ bit: Int, _ size: Int) -> (Int, Int) { (2 * origin + bit, min(4, (size - bit + 1) / 2 - origin)) }
    let z = axis(o.z, phase >> 2, problem.output.z), y = axis(o.y, phase >> 1 & 1, problem.output.y), x = axis(o.x, phase & 1, problem.output.x)
    return (Axes(z.0, y.0, x.0), Axes(z.1, y.1, x.1))
  }

  /// Voxels of each task, over all phases.
  var voxelsPerTask: [Int] {
    let phases = problem.transposed ? Array(0..<8) : [7]
    return (0..<tiles.tasks).map { task in
      tiles.range(task).reduce(0) { sum, tile in
        sum + phases.reduce(0) {
          let c = outputs(tile, $1).count
          return $0 + max(0, c.z) * max(0, c.y) * max(0, c.x)
        }
      }
    }
  }
}
