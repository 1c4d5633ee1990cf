import Kernels

/// Where the parts of V and M of each phase and point lie for some number of tiles.
struct TwoTapAddresses: Sendable {
  /// By phase: 125 offsets for the transforms.
  let v: [IntStorage], m: [IntStorage]
  /// By point: start of the operands of its product.
  let vStart: [Int], mStart: [Int]

  /// - vUnit, mUnit: floats of all tiles at one point, of one phase where phases are stacked.
  init(_ problem: ConvolutionProblem, _ points: TwoTapPoints, vUnit: Int, mUnit: Int) {
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
    (v, vStart) = problem.transposed ? single(vUnit) : stacked(vUnit)
    (m, mStart) = problem.hasHalvedPhases ? halved(mUnit) : problem.transposed ? stacked(mUnit) : single(mUnit)
  }

  /// Floats of V and M for units of such sizes.
  static func floats(_ problem: ConvolutionProblem, _ points: TwoTapPoints, vUnit: Int, mUnit: Int) -> (v: Int, m: Int) {
    let units = problem.hasHalvedPhases ? points.halves : problem.transposed ? points.pairs : TwoTapPoints.count, padding = TwoTapPoints.count * 16
    return ((problem.transposed ? TwoTapPoints.count : points.pairs) * vUnit + padding, units * mUnit + padding)
  }

  /// Floats of scratch that the transforms take, and after them sums of statistics.
  static let transformFloats = 208 * 16, momentFloats = 3 * 16
}

/// The input of a convolution by phases with all addresses known.
struct TwoTapSource: Sendable {
  let x: BoundView
  let problem: ConvolutionProblem
  let tiles: WinogradTiles

  /// The input transforms of some tiles of some blocks, phase by phase, to V, whose blocks have `rows` rows; the first tile to row `firstRow`.
  func transform(
    _ frame: Frame, _ at: TwoTapAddresses, image n: Int, blocks: Range<Int>, _ range: Range<Int>, _ v: MutableFloats, rows: Int, firstRow: Int = 0,
    scratch: MutableFloats
  ) {
    let phases = problem.transposed ? 7..<8 : 0..<8, sampleStep = problem.transposed ? 1 : 2, width = x.shape.width
    var source = TwoTapInputTile(x: v, next: v, v: v, offsets: at.v[7].pointer, scratch: scratch)
    source.width = width
    (source.sz, source.sy, source.sx) = (sampleStep * x.strides.z, sampleStep * x.strides.y, sampleStep * x.strides.x)
    for b in blocks {
      for (k, index) in range.enumerated() {
        source.v = v + (b * rows + firstRow + k) * width
        // A whole tile ahead: all its phases together are as many lines as memory can bring meanwhile.
        let following = k + 1 < range.count ? (block: b, tile: index + 1) : (block: min(b + 1, blocks.upperBound - 1), tile: range.lowerBound)
        for phase in phases {
          source.phase = phase
          source.offsets = at.v[phase].pointer
          source.x = UnsafePointer(frame.arena + sample(n, b, index, phase))
          source.next = UnsafePointer(frame.arena + sample(n, following.block, following.tile, phase))
          frame.kernels.convolution.twoTapInput(&source)
        }
      }
    }
  }

  /// First sample of a tile and phase, as an offset in the arena.
  private func sample(_ n: Int, _ block: Int, _ tile: Int, _ phase: Int) -> Int {
    let o = tiles.origin(tile), p = problem.pads
    if problem.transposed { return x.at(n, block, o.z, o.y, o.x) }
    return x.at(n, block, 2 * o.z - p.z + 1 - phase >> 2, 2 * o.y - p.y + 1 - (phase >> 1 & 1), 2 * o.x - p.x + 1 - phase & 1)
  }
}

/// The products of all points of a convolution by phases, of some of its output blocks.
struct TwoTapProducts: Sendable {
  private let points: [TwoTapProduct]
  /// Channels of the blocks of one product: forward those of all phases of the point.
  private let lengths: IntStorage
  private let inputWidth: Int, outputWidth: Int

  init(_ weights: TwoTapWeights, _ input: BlockedShape, outputWidth: Int) {
    points = (0..<TwoTapPoints.count).map { TwoTapProduct(weights, $0, input) }
    lengths = IntStorage((0..<8).flatMap { _ in input.blocks })
    (inputWidth, self.outputWidth) = (input.width, outputWidth)
  }

  func multiply(_ frame: Frame, _ at: TwoTapAddresses, _ u: Floats, _ v: Floats, _ m: MutableFloats, tiles: Int) {
    var product = WinogradProduct(lengths: lengths.pointer, v: v, u: u, outputStarts: lengths.pointer, inputStarts: lengths.pointer, m: m)
    (product.tiles, product.inputWidth, product.outputWidth) = (tiles, inputWidth, outputWidth)
    for (point, one) in points.enumerated() {
      (product.inputBlocks, product.outputBlocks) = (one.inputBlocks, one.outputBlocks)
      (product.inputStarts, product.outputStarts) = (one.inputStarts.pointer, one.outputStarts.pointer)
      product.v = v + at.vStart[point]
      product.m = m + at.mStart[point]
      frame.kernels.convolution.winogradProduct(&product)
    }
  }
}

/// The output of a convolution by phases with all addresses known.
struct TwoTapTarget: Sendable {
  private let problem: ConvolutionProblem
  private let tiles: WinogradTiles
  private let shape: BlockedShape
  private let epilogue: BoundEpilogue
  private let moments: (layout: MomentParts, offset: Int)?
  /// Floats from tile to tile in M.
  private let mRow: Int

  init(_ problem: ConvolutionProblem, _ tiles: WinogradTiles, _ output: BlockedView, _ tail: ConvolutionTail, mRow: Int, _ memory: MemoryMap) {
    (self.problem, self.tiles, shape, self.mRow) = (problem, tiles, output.shape, mRow)
    epilogue = BoundEpilogue(tail.epilogue, problem, output, memory)
    moments = tail.moments.map { ($0, memory.plain($0.buffer)) }
  }

  /// The output transforms of some tiles of some blocks, which M holds, and their statistics as part `part`.
  func transform(
    _ frame: Frame, _ at: TwoTapAddresses, image n: Int, _ blocks: Range<Int>, _ range: Range<Int>, part: Int, _ m: Floats, scratch: MutableFloats,
    moments sums: MutableFloats
  ) {
    let phases = problem.transposed ? 0..<8 : 7..<8
    var target = TwoTapOutputTile(
      m: m, offsets: at.m[7].pointer, scratch: scratch, epilogue: TileEpilogue(y: scratch, bias: problem.bias.pointer))
    target.width = shape.width
    for b in blocks {
      epilogue.prepare(&target.epilogue, frame, image: n, block: b)
      if moments != nil { target.epilogue.moments = sums }
      target.epilogue.setsPivot = true
      for (k, index) in range.enumerated() {
        target.m = m + ((b - blocks.lowerBound) * range.count + k) * mRow
        for phase in phases {
          let (origin, count) = tiles.outputs(of: problem, index, phase: phase)
          if count.z <= 0 || count.y <= 0 || count.x <= 0 { continue }
          target.phase = phase
          target.offsets = at.m[phase].pointer
          epilogue.place(&target.epilogue, frame, image: n, block: b, origin: origin, count: count)
          frame.kernels.convolution.twoTapOutput(&target)
          target.epilogue.setsPivot = false
        }
      }
      if let (layout, offset) = moments {
        layout.store(sums, lanes: shape.width, part: part, into: layout.state(frame.arena, offset, image: n, part: part, block: b))
      }
    }
  }
}

extension WinogradTiles {
  /// First output of a tile and phase of a convolution by phases, and how many there are along each axis.
  func outputs(of problem: ConvolutionProblem, _ tile: Int, phase: Int) -> (origin: Axes, count: Axes) {
    let o = origin(tile)
    guard problem.transposed else { return (o, count(at: o)) }
    func axis(_ origin: Int, _ bit: Int, _ size: Int) -> (Int, Int) { (2 * origin + bit, min(4, (size - bit + 1) / 2 - origin)) }
    let z = axis(o.z, phase >> 2, problem.output.z), y = axis(o.y, phase >> 1 & 1, problem.output.y), x = axis(o.x, phase & 1, problem.output.x)
    return (Axes(z.0, y.0, x.0), Axes(z.1, y.1, x.1))
  }

  /// Voxels of each task of a convolution by phases, over all phases.
  func voxelsPerTask(of problem: ConvolutionProblem) -> [Int] {
    let phases = problem.transposed ? Array(0..<8) : [7]
    return (0..<tasks).map { task in
      range(task).reduce(0) { sum, tile in
        sum + phases.reduce(0) {
          let c = outputs(of: problem, tile, phase: $1).count
          return $0 + max(0, c.z) * max(0, c.y) * max(0, c.x)
        }
      }
    }
  }
}
