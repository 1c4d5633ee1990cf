import Kernels

/// How V or M of a convolution by phases holds the points of a line along x: `[point][phase][block][tile][width]`, a line of memory as padding after
/// each point.
struct TwoTapLayout: Sendable {
  /// What there is of each point.
  enum Parts: Hashable {
    /// One part: V of a transposed layer, M of another.
    case one
    /// One for each phase.
    case phases
    /// One for each pair of phases, side by side: M of a transposed layer of at most 8 outputs.
    case halves
  }

  let parts: Parts
  let blocks: Int
  /// Channels of a block in memory, and floats from tile to tile.
  let width: Int, row: Int

  static func v(_ problem: ConvolutionProblem, _ input: BlockedShape) -> TwoTapLayout {
    TwoTapLayout(parts: problem.transposed ? .one : .phases, blocks: input.blocks.count, width: input.width, row: input.width)
  }

  /// - blocks: of outputs, at a time.
  static func m(_ problem: ConvolutionProblem, _ output: BlockedShape, blocks: Int) -> TwoTapLayout {
    let parts: Parts = problem.hasHalvedPhases ? .halves : problem.transposed ? .phases : .one
    return TwoTapLayout(parts: parts, blocks: blocks, width: output.width, row: parts == .halves ? 16 : output.width)
  }

  /// Floats of a point, from point to point but to infinity, and of all points of a line.
  func pointStride(_ line: TwoTapPoints.Line, tiles: Int) -> Int { floats(line, x: 0, tiles) }
  func floats(_ line: TwoTapPoints.Line, tiles: Int) -> Int { 4 * pointStride(line, tiles: tiles) + floats(line, x: 4, tiles) }
  private func floats(_ line: TwoTapPoints.Line, x: Int, _ tiles: Int) -> Int {
    let count = line.count(x: x)
    return (parts == .one ? 1 : parts == .phases ? count : (count + 1) / 2) * part(tiles) + 16
  }
  private func part(_ tiles: Int) -> Int { blocks * tiles * row }

  /// Tells the kernels of tile `tile` of one block of the `number`th phase of a line, whose points begin at `start`.
  func place(
    _ kernel: inout TwoTapLine, _ start: MutableFloats, _ line: TwoTapPoints.Line, phase number: Int, block: Int, tile: Int, tiles: Int
  ) {
    let first = start + (block * tiles + tile) * row, part = part(tiles)
    (kernel.width, kernel.rowStride, kernel.pointStride) = (width, row, pointStride(line, tiles: tiles))
    let infinity = first + 4 * kernel.pointStride
    switch parts {
    case .one: (kernel.oneTap, kernel.twoTaps, kernel.infinity) = (nil, first, infinity)
    case .phases: (kernel.oneTap, kernel.twoTaps, kernel.infinity) = (first + 2 * number * part, first + (2 * number + 1) * part, infinity + number * part)
    case .halves: (kernel.oneTap, kernel.twoTaps, kernel.infinity) = (first + number * part, first + number * part + 8, infinity + number / 2 * part + number % 2 * 8)
    }
  }
}

/// Lines along x between the transforms, `[z, y][block][voxel along x of all runs][width]`, an odd number of lines of memory apart. With both
/// phases, those of two taps and of one alternate along z and y.
struct TwoTapLines: Sendable {
  let bothPhases: Bool
  let width: Int
  /// Voxels along x of all runs of tiles.
  let columns: Int
  let lineStride: Int
  /// Voxels that a run has more than its tiles.
  private let more: Int

  private init(bothPhases: Bool, _ shape: BlockedShape, blocks: Int, tiles: Int, runs: Int, more: Int) {
    (self.bothPhases, width, self.more) = (bothPhases, shape.width, more)
    columns = (bothPhases ? 8 : 4) * tiles + more * runs
    lineStride = (blocks * columns * width + 15) / 32 * 32 + 16
  }

  /// Of some blocks of the input, under `tiles` tiles in `runs` runs.
  static func input(_ problem: ConvolutionProblem, _ shape: BlockedShape, blocks: Int, tiles: Int, runs: Int) -> TwoTapLines {
    TwoTapLines(bothPhases: !problem.transposed, shape, blocks: blocks, tiles: tiles, runs: runs, more: 1)
  }

  /// Of some blocks of the output.
  static func output(_ problem: ConvolutionProblem, _ shape: BlockedShape, blocks: Int, tiles: Int) -> TwoTapLines {
    TwoTapLines(bothPhases: problem.transposed, shape, blocks: blocks, tiles: tiles, runs: 0, more: 0)
  }

  /// Lines along z and y.
  private var axis: Int { bothPhases ? 9 : 5 }
  /// Voxels along x of a tile.
  var step: Int { bothPhases ? 8 : 4 }
  var floats: Int { axis * axis * lineStride }

  /// The line of some points and a phase along z and y.
  func start(_ line: TwoTapPoints.Line, phase: Int) -> Int {
    guard bothPhases else { return (line.z * axis + line.y) * lineStride }
    let z = 2 * line.z + (phase & 4 == 0 ? 1 : 0), y = 2 * line.y + (phase & 2 == 0 ? 1 : 0)
    return (z * axis + y) * lineStride
  }

  /// A block's tile `tile` of a run in a line.
  func offset(block: Int, _ run: WinogradTiles.Run, tile: Int = 0) -> Int { (block * columns + step * (run.first + tile) + more * run.number) * width }

  /// Tiles along x that z and y are transformed of at a time: the second cache holds the lines of a block.
  var tilesAtOnce: Int { 64 / step }
}

/// The input of a convolution by phases with all addresses known.
struct TwoTapSource: Sendable {
  private let x: BoundView
  private let problem: ConvolutionProblem
  private let tiles: WinogradTiles
  private let layout: TwoTapLayout
  /// Of so many blocks as are transformed at a time.
  let lines: TwoTapLines

  init(_ problem: ConvolutionProblem, _ tiles: WinogradTiles, _ lines: TwoTapLines, _ input: BlockedView, _ memory: MemoryMap) {
    (self.problem, self.tiles, self.lines) = (problem, tiles, lines)
    x = memory.view(input)
    layout = .v(problem, input.shape)
  }

  /// Tiles `range` of some blocks transformed along z and y, to lines, which hold these blocks.
  func rows(_ frame: Frame, image n: Int, _ blocks: Range<Int>, _ range: Range<Int>, _ target: MutableFloats) {
    var row = TwoTapInputRow(x: target, lines: target)
    (row.width, row.bothPhases, row.lineStride) = (lines.width, lines.bothPhases, lines.lineStride)
    (row.sz, row.sy) = (x.strides.z, x.strides.y)
    for b in blocks {
      tiles.forEachRun(range) { run in
        for first in stride(from: 0, to: run.tiles, by: lines.tilesAtOnce) {
          row.count = min(lines.tilesAtOnce, run.tiles - first)
          row.x = UnsafePointer(frame.arena + sample(n, b, range.lowerBound + run.first + first))
          row.lines = target + lines.offset(block: b - blocks.lowerBound, run, tile: first)
          frame.kernels.convolution.twoTapInput(&row)
        }
      }
    }
  }

  /// The lines of some points transformed along x, to their V, which has `rows` tiles; the first of the range to tile `firstRow`.
  func points(
    _ frame: Frame, _ line: TwoTapPoints.Line, _ blocks: Range<Int>, _ range: Range<Int>, _ source: MutableFloats, _ v: MutableFloats, rows: Int,
    firstRow: Int = 0
  ) {
    var kernel = TwoTapLine(line: source, points: v)
    for number in 0..<(lines.bothPhases ? line.count : 1) {
      let start = source + lines.start(line, phase: line.phase(number))
      for b in blocks {
        tiles.forEachRun(range) { run in
          kernel.count = run.tiles
          kernel.line = start + lines.offset(block: b - blocks.lowerBound, run)
          layout.place(&kernel, v, line, phase: number, block: b, tile: firstRow + run.first, tiles: rows)
          frame.kernels.convolution.twoTapInputLine(&kernel)
        }
      }
    }
  }

  /// First sample of a tile, as an offset in the arena.
  private func sample(_ n: Int, _ block: Int, _ tile: Int) -> Int {
    let o = tiles.origin(tile), p = problem.pads
    return problem.transposed ? x.at(n, block, o.z, o.y, o.x) : x.at(n, block, 2 * o.z - p.z, 2 * o.y - p.y, 2 * o.x - p.x)
  }
}

/// The products of all points of a convolution by phases, of some of its output blocks. Like `TwoTapTarget` a class: threads take these for each line,
/// and copies of all that they hold would count references together.
final class TwoTapProducts: Sendable {
  private let weights: TwoTapProductStarts
  /// Channels of the blocks of one product: forward those of all phases of the point.
  private let lengths: IntStorage
  private let v: TwoTapLayout, m: TwoTapLayout

  init(_ weights: TwoTapWeights, _ input: BlockedShape, _ m: TwoTapLayout) {
    self.weights = TwoTapProductStarts(weights, input)
    lengths = IntStorage((0..<8).flatMap { _ in input.blocks })
    (v, self.m) = (.v(weights.problem, input), m)
  }

  /// Those of a line, whose V and M are given.
  func multiply(_ frame: Frame, _ line: TwoTapPoints.Line, _ u: Floats, _ v: Floats, _ m: MutableFloats, tiles: Int) {
    var product = WinogradProduct(lengths: lengths.pointer, v: v, u: u, outputStarts: lengths.pointer, inputStarts: lengths.pointer, m: m)
    (product.tiles, product.inputWidth, product.outputWidth) = (tiles, self.v.row, self.m.row)
    for x in 0..<5 {
      let point = weights.points[(line.z * 5 + line.y) * 5 + x]
      (product.inputBlocks, product.outputBlocks) = (point.inputBlocks, point.outputBlocks)
      (product.inputStarts, product.outputStarts) = (weights.starts.pointer + point.inputs, weights.starts.pointer + point.outputs)
      product.v = v + x * self.v.pointStride(line, tiles: tiles)
      product.m = m + x * self.m.pointStride(line, tiles: tiles)
      frame.kernels.convolution.winogradProduct(&product)
    }
  }
}

/// The output of a convolution by phases with all addresses known.
final class TwoTapTarget: Sendable {
  private let problem: ConvolutionProblem
  private let tiles: WinogradTiles
  private let shape: BlockedShape
  private let epilogue: BoundEpilogue
  private let moments: (layout: MomentParts, offset: Int)?
  private let layout: TwoTapLayout
  private let lines: TwoTapLines

  init(
    _ problem: ConvolutionProblem, _ tiles: WinogradTiles, _ layout: TwoTapLayout, _ lines: TwoTapLines, _ output: BlockedView, _ tail: ConvolutionTail,
    _ memory: MemoryMap
  ) {
    (self.problem, self.tiles, self.layout, self.lines, shape) = (problem, tiles, layout, lines, output.shape)
    epilogue = BoundEpilogue(tail.epilogue, problem, output, memory)
    moments = tail.moments.map { ($0, memory.plain($0.buffer)) }
  }

  /// Some points of `range` transformed along x, from their M, to `target`; M and lines hold `blocks` blocks.
  func line(_ frame: Frame, _ line: TwoTapPoints.Line, blocks: Int, _ range: Range<Int>, _ m: MutableFloats, _ target: MutableFloats) {
    var kernel = TwoTapLine(line: target, points: m)
    for number in 0..<(lines.bothPhases ? line.count : 1) {
      let start = target + lines.start(line, phase: line.phase(number))
      for b in 0..<blocks {
        tiles.forEachRun(range) { run in
          kernel.count = run.tiles
          kernel.line = start + lines.offset(block: b, run)
          layout.place(&kernel, m, line, phase: number, block: b, tile: run.first, tiles: range.count)
          frame.kernels.convolution.twoTapOutputLine(&kernel)
        }
      }
    }
  }

  /// Outputs of `range` for some blocks from their lines, which are overwritten, and their statistics as part `part`.
  func transform(
    _ frame: Frame, image n: Int, _ blocks: Range<Int>, _ range: Range<Int>, part: Int, _ source: MutableFloats, moments sums: MutableFloats
  ) {
    var row = TwoTapOutputRow(lines: source, epilogue: TileEpilogue(y: source, bias: problem.bias.pointer))
    (row.width, row.bothPhases, row.lineStride) = (shape.width, lines.bothPhases, lines.lineStride)
    for b in blocks {
      epilogue.prepare(&row.epilogue, frame, image: n, block: b)
      if moments != nil { row.epilogue.moments = sums }
      row.epilogue.setsPivot = true
      tiles.forEachRun(range) { run in
        for first in stride(from: 0, to: run.tiles, by: lines.tilesAtOnce) {
          let (origin, count) = tiles.outputs(of: problem, range.lowerBound + run.first + first, tiles: min(lines.tilesAtOnce, run.tiles - first))
          row.lines = source + lines.offset(block: b - blocks.lowerBound, run, tile: first)
          epilogue.place(&row.epilogue, frame, image: n, block: b, origin: origin, count: count)
          frame.kernels.convolution.twoTapOutput(&row)
          row.epilogue.setsPivot = false
        }
      }
      if let (layout, offset) = moments {
        layout.store(sums, lanes: shape.width, part: part, into: layout.state(frame.arena, offset, image: n, part: part, block: b))
      }
    }
  }
}

extension WinogradTiles {
  /// First output of some tiles along x of a convolution by phases, and how many there are along each axis.
  func outputs(of problem: ConvolutionProblem, _ tile: Int, tiles: Int = 1) -> (origin: Axes, count: Axes) {
    let o = origin(tile), step = problem.transposed ? 2 : 1, first = Axes(step * o.z, step * o.y, step * o.x), all = problem.output
    let whole = Axes(step * size.z, step * size.y, step * size.x * tiles)
    return (first, whole.merged(Axes(all.z - first.z, all.y - first.y, all.x - first.x), min))
  }

  /// Voxels of each task of a convolution by phases, over all phases.
  func voxelsPerTask(of problem: ConvolutionProblem) -> [Int] {
    (0..<tasks).map { task in range(task).reduce(0) { $0 + outputs(of: problem, $1).count.product } }
  }
}
