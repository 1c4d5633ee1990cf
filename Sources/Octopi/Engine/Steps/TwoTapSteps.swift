import Kernels

/// A convolution 3x3x3 of stride 2, plain or transposed, by phases of the samples as F(4, 2) along each axis.
struct TwoTapStep: TiledConvolution {
  let problem: ConvolutionProblem
  let points: TwoTapPoints
  let input: BlockedView
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
  let tiles: WinogradTiles
  private let derived: DerivedWeights

  init(problem: ConvolutionProblem, points: TwoTapPoints, input: BlockedView, output: BlockedView, tiles: WinogradTiles) {
    (self.problem, self.points, self.input, self.output, self.tiles) = (problem, points, input, output, tiles)
    derived = points.derived(problem)
  }

  var reads: [BufferID] { [input.buffer] + epilogue.reads }
  var writes: [BufferID] { [output.buffer] + (moments.map { [$0.buffer] } ?? []) }
  var parameters: [FloatStorage] { [problem.weights] }
  var derivedWeights: DerivedWeights? { derived }
  var summary: StepSummary { .convolution(problem, "two-tap F(4x4x4)", output.shape) }

  private var inputBlocks: Int { input.shape.blocks.count }
  private var outputBlocks: Int { output.shape.blocks.count }
  private var vFloats: Int { (problem.transposed ? TwoTapPoints.count : points.pairs) * vUnit * tiles.perTask + TwoTapPoints.count * 16 }
  private var mFloats: Int {
    let units = problem.hasHalvedPhases ? points.halves : problem.transposed ? points.pairs : TwoTapPoints.count
    return units * mUnit * tiles.perTask + TwoTapPoints.count * 16
  }
  /// Floats of one tile at one point: all blocks of V, of M.
  private var vUnit: Int { inputBlocks * input.shape.width }
  private var mUnit: Int { problem.hasHalvedPhases ? 16 : outputBlocks * output.shape.width }
  /// Floats from tile to tile.
  private var vRow: Int { input.shape.width }
  private var mRow: Int { problem.hasHalvedPhases ? 16 : output.shape.width }
  private var transformFloats: Int { 160 * 16 }
  var scratch: Int { max(vFloats + mFloats + transformFloats + outputBlocks * 3 * output.shape.width, TwoTapPoints.weightScratchFloats) }

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
    let x = memory.view(input), epilogue = BoundEpilogue(self.epilogue, problem, output, memory), momentsAt = moments.map { memory.plain($0.buffer) }
    let step = self, transposed = problem.transposed, inputBlocks = inputBlocks, outputBlocks = outputBlocks
    let addresses = Set([tiles.perTask, tiles.range(tiles.tasks - 1).count]).reduce(into: [Int: Addresses]()) { all, count in
      all[count] = Addresses(
        points, vUnit: vUnit * count, mUnit: mUnit * count, transposed: transposed, isHalved: problem.hasHalvedPhases)
    }
    let inputPhases = transposed ? [7] : Array(0..<8), outputPhases = transposed ? Array(0..<8) : [7]
    // The blocks of one product: forward those of all phases of the point.
    let lengths = IntStorage((0..<8).flatMap { _ in input.shape.blocks })
    let sampleStep = transposed ? 1 : 2, width = output.shape.width, vRow = vRow, mRow = mRow
    return { (frame) throws(EngineError) in
      frame.use(step.derived) { _, weights in
        frame.pool.run(step.output.shape.batch * step.tiles.tasks) { task, thread in
          let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
          guard let at = addresses[range.count] else { return }
          let v = frame.scratch(of: thread), m = v + step.vFloats, transform = m + step.mFloats, moments = transform + step.transformFloats

          var source = TwoTapInputTile(x: v, next: v, v: v, offsets: lengths.pointer, scratch: transform)
          source.width = vRow
          (source.sz, source.sy, source.sx) = (sampleStep * x.strides.z, sampleStep * x.strides.y, sampleStep * x.strides.x)
          for b in 0..<inputBlocks {
            for (k, index) in range.enumerated() {
              source.v = v + (b * range.count + k) * vRow
              for phase in inputPhases {
                source.phase = phase
                source.offsets = at.v[phase].pointer
                source.x = UnsafePointer(frame.arena + step.sample(x, n, b, index, phase))
                source.next = phase < 7 ? UnsafePointer(frame.arena + step.sample(x, n, b, index, phase + 1))
                  : k + 1 < range.count ? UnsafePointer(frame.arena + step.sample(x, n, b, index + 1, inputPhases[0])) : source.x
                frame.kernels.convolution.twoTapInput(&source)
              }
            }
          }

          step.multiply(frame, at, weights, v, m, tiles: range.count, lengths)

          var target = TwoTapOutputTile(
            m: m, offsets: lengths.pointer, scratch: transform, epilogue: TileEpilogue(y: m, bias: step.problem.bias.pointer))
          target.width = width
          for b in 0..<outputBlocks {
            epilogue.prepare(&target.epilogue, frame, image: n, block: b)
            if momentsAt != nil { target.epilogue.moments = moments + b * 3 * width }
            target.epilogue.setsPivot = true
            for (k, index) in range.enumerated() {
              target.m = UnsafePointer(m + (b * range.count + k) * mRow)
              for phase in outputPhases {
                let (origin, count) = step.outputs(index, phase)
                if count.z <= 0 || count.y <= 0 || count.x <= 0 { continue }
                target.phase = phase
                target.offsets = at.m[phase].pointer
                epilogue.place(&target.epilogue, frame, image: n, block: b, origin: origin, count: count)
                frame.kernels.convolution.twoTapOutput(&target)
                target.epilogue.setsPivot = false
              }
            }
          }
          if let momentsAt, let layout = step.moments {
            for b in 0..<outputBlocks {
              layout.store(moments + b * 3 * width, part: chunk, into: layout.state(frame.arena, momentsAt, image: n, part: chunk, block: b))
            }
          }
        }
      }
    }
  }

  /// The products of all points.
  private func multiply(_ frame: Frame, _ at: Addresses, _ weights: Floats, _ v: MutableFloats, _ m: MutableFloats, tiles: Int, _ lengths: IntStorage) {
    var product = WinogradProduct(lengths: lengths.pointer, v: v, u: v, m: m)
    product.tiles = tiles
    (product.inputWidth, product.outputWidth) = (vRow, mRow)
    let inputs = problem.geometry.inputChannels
    for point in 0..<TwoTapPoints.count {
      let phases = points.phases[point].count
      product.inputBlocks = problem.transposed ? inputBlocks : phases * inputBlocks
      product.outputBlocks = problem.hasHalvedPhases ? (phases + 1) / 2 : problem.transposed ? phases * outputBlocks : outputBlocks
      product.uBlock = (problem.transposed ? inputs : phases * inputs) * 16
      product.v = UnsafePointer(v + at.vStart[point])
      product.u = weights + points.weightStart(problem, point: point)
      product.m = m + at.mStart[point]
      frame.kernels.convolution.winogradProduct(&product)
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
