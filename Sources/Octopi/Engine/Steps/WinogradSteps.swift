import Kernels

/// Convolution 3x3x3 with stride 1 by Winograd's algorithm: input transform, a small product for each point, output transform.
///
/// A task transforms its tiles along z and y first. Then each line along x of what comes out is transformed to its points, multiplied and
/// transformed back in place, so that V and M of one line stay in a core's first cache, and the lines, a quarter smaller than V alone, in the second.
struct WinogradStep: WinogradForm {
  let problem: ConvolutionProblem
  let form: TileForm
  let input: BlockedView
  /// Normalisation applied on load; the border must hold the mean.
  var coefficients: BufferID?
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
  let tiles: WinogradTiles
  let layout: WinogradLayout
  let weights: WinogradWeights
  /// Where the result goes.
  private(set) var result = Result.blocks

  enum Result: Hashable {
    /// To `output`.
    case blocks
    /// Row-major to a buffer.
    case rowMajor(BufferID)
    /// To `Frame.take`.
    case taken
  }

  private let derived: DerivedWeights

  init(
    problem: ConvolutionProblem, form: TileForm, input: BlockedView, coefficients: BufferID?, output: BlockedView, tiles: WinogradTiles
  ) {
    (self.problem, self.form, self.input, self.coefficients) = (problem, form, input, coefficients)
    (self.output, self.tiles) = (output, tiles)
    layout = WinogradLayout(form, input, output, tiles: tiles.perTask, runs: tiles.runs)
    (weights, derived) = WinogradWeights.derived(problem, form)
  }

  /// The same layer with another place for its result; nil where a task would hold too many tiles, or others need the blocks.
  func unpacking(to result: Result) -> WinogradStep? {
    guard moments == nil, !epilogue.reads.contains(output.buffer), tiles.grid.x <= 2 * tiles.perTask else { return nil }
    var step = WinogradStep(
      problem: problem, form: form, input: input, coefficients: coefficients, output: output, tiles: tiles.inWholeRows)
    (step.epilogue, step.result) = (epilogue, result)
    return step
  }

  var reads: [BufferID] { [input.buffer] + (coefficients.map { [$0] } ?? []) + epilogue.reads }
  var writes: [BufferID] {
    let target: [BufferID] = switch result {
    case .blocks: [output.buffer]
    case .rowMajor(let buffer): [buffer]
    case .taken: []
    }
    return target + (moments.map { [$0.buffer] } ?? [])
  }
  var parameters: [FloatStorage] { [problem.weights] }
  var derivedWeights: DerivedWeights? { derived }
  var summary: StepSummary { .convolution(problem, form.rawValue + (result == .blocks ? "" : ", unpack"), output.shape) }
  var voxelsPerTask: [Int] { tiles.voxelsPerTask }
  var scratch: Int {
    max(slabOffset + (result == .blocks ? 0 : TileUnpacking.slabFloats(output.shape, tiles)), WinogradWeights.scratchFloats)
  }
  private var slabOffset: Int { layout.lineFloats + layout.vFloats + layout.mFloats + WinogradLayout.momentFloats }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let source = WinogradSource(self, memory), step = self, layout = layout, slabOffset = slabOffset
    let target = WinogradTarget(self, memory, unpacking: unpacking(memory))
    return { (frame) throws(EngineError) in
      frame.use(step.derived) { parts, weights in
        let blocks = step.blocks(parts)
        frame.pool.run(step.output.shape.batch * step.tiles.tasks) { task, thread in
          let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
          let lines = frame.scratch(of: thread), v = lines + layout.lineFloats, m = v + layout.vFloats, moments = m + layout.mFloats
          source.lines(frame, image: n, layout.inputBlocks, range, lines)
          for line in 0..<step.form.lines {
            source.points(frame, ofLine: line, layout.inputBlocks, range, lines, v, rows: range.count)
            for part in parts {
              let inPart = step.blocks(part..<part + 1), rows = (inPart.lowerBound - blocks.lowerBound) * range.count * step.output.shape.width
              step.multiply(frame, line, v, weights + part * step.derived.partFloats, m + rows, inPart, tiles: range.count)
            }
            target.line(frame, line, blocks, range, m, lines)
          }
          target.transform(frame, image: n, blocks, lines, range, part: chunk, moments: moments, slab: lines + slabOffset)
        }
      }
    }
  }

  private func unpacking(_ memory: MemoryMap) -> TileUnpacking? {
    switch result {
    case .blocks: nil
    case .rowMajor(let buffer): TileUnpacking(buffer, output.shape, tiles, memory)
    case .taken: TileUnpacking(nil, output.shape, tiles, memory)
    }
  }

  /// Output blocks of some parts of the weights.
  private func blocks(_ parts: Range<Int>) -> Range<Int> {
    parts.lowerBound * weights.blocks..<min(output.shape.blocks.count, parts.upperBound * weights.blocks)
  }
}

/// Sizes of lines, `[z, y][block][voxel along x of all runs][channels that count]`, of V, `[point][input block][tile][width]`, and of M,
/// `[point][output block][tile][width]`, a line of memory as padding after each line and point.
struct WinogradLayout: Sendable {
  let form: TileForm
  let inputBlocks: Range<Int>, outputBlocks: Range<Int>
  /// Channels of each input block that count.
  let lengths: IntStorage
  /// Where the weights of each output and input block begin: see `WinogradProduct`.
  let outputStarts: IntStorage, inputStarts: IntStorage
  /// Voxels along x of all runs of tiles.
  let columns: Int
  /// Floats from line to line, and from point to point.
  let lineStride: Int, vStride: Int, mStride: Int

  /// - tiles, runs: at most so many at a time. isDeep: one input block or output block at a time, but V of all.
  init(_ form: TileForm, _ input: BlockedView, _ output: BlockedView, tiles: Int, runs: Int, isDeep: Bool = false) {
    self.form = form
    inputBlocks = input.shape.blocks.indices
    outputBlocks = isDeep ? 0..<1 : output.shape.blocks.indices
    lengths = IntStorage(input.shape.blocks)
    inputStarts = IntStorage(WinogradLayout.inputStarts(input.shape))
    outputStarts = IntStorage(outputBlocks.map { $0 * input.shape.channels * 16 })
    columns = form.row * tiles + 2 * runs
    let v = inputBlocks.count * input.shape.width, m = outputBlocks.count * output.shape.width
    let channels = max(WinogradLayout.channels(input.shape, inputBlocks), WinogradLayout.channels(output.shape, output.shape.blocks.indices))
    lineStride = (isDeep ? 16 : channels) * columns + 16
    (vStride, mStride) = (v * tiles + 16, m * tiles + 16)
  }

  /// Of weights whose channels follow each other, and so do output blocks: what is fetched ahead lies 64 lines on.
  static func inputStarts(_ input: BlockedShape) -> [Int] {
    var starts = input.firstChannels.map { $0 * 16 }
    while starts.count < input.blocks.count + 4 { starts.append(starts.count < 4 ? 0 : starts[starts.count - 4] + 64 * 16) }
    return starts
  }

  /// Channels of some blocks that are transformed.
  private static func channels(_ shape: BlockedShape, _ blocks: Range<Int>) -> Int { blocks.reduce(0) { $0 + shape.lanes($1) } }

  /// First voxel of block `b` in lines of some blocks.
  func start(_ b: Int, in blocks: Range<Int>, of shape: BlockedShape) -> Int {
    columns * WinogradLayout.channels(shape, blocks.lowerBound..<b)
  }

  var lineFloats: Int { form.lines * lineStride }
  var vFloats: Int { form.pointsOfLine * vStride }
  var mFloats: Int { form.pointsOfLine * mStride }
  /// First voxel of a run in its lines.
  func column(_ run: WinogradTiles.Run) -> Int { form.row * run.first + 2 * run.number }
  /// Sums of statistics.
  static let momentFloats = 3 * 16
}

/// The input of a Winograd step with all addresses known.
struct WinogradSource: Sendable {
  private let x: BoundView
  private let coefficients: Int?
  private let before: Axes
  private let tiles: WinogradTiles
  private let layout: WinogradLayout

  init(_ step: some WinogradForm, _ memory: MemoryMap) {
    x = memory.view(step.input)
    coefficients = step.coefficients.map { memory.plain($0) }
    before = step.problem.winogradPads
    (tiles, layout) = (step.tiles, step.layout)
  }

  /// Tiles `range` of some blocks transformed along z and y, to lines, which hold these blocks.
  func lines(_ frame: Frame, image n: Int, _ blocks: Range<Int>, _ range: Range<Int>, _ lines: MutableFloats) {
    let width = x.shape.width
    var row = WinogradInputRow(x: lines, lines: lines)
    row.form = layout.form
    (row.width, row.sz, row.sy, row.lineStride) = (width, x.strides.z, x.strides.y, layout.lineStride)
    for b in blocks {
      row.channels = x.shape.lanes(b)
      let start = layout.start(b, in: blocks, of: x.shape)
      row.coefficients = coefficients.map { UnsafePointer(frame.arena + $0 + (n * x.shape.blocks.count + b) * Coefficients.rows * width) }
      tiles.forEachRun(range) { run in
        let origin = tiles.origin(range.lowerBound + run.first)
        row.count = run.tiles
        row.x = UnsafePointer(frame.arena + x.at(n, b, origin.z - before.z, origin.y - before.y, origin.x - before.x))
        row.lines = lines + start + layout.column(run) * row.channels
        frame.kernels.convolution.winogradInput(&row)
      }
    }
  }

  /// One of those lines transformed along x, to V, whose blocks have `rows` rows; the first of the range to row `firstRow`.
  func points(
    _ frame: Frame, ofLine number: Int, _ blocks: Range<Int>, _ range: Range<Int>, _ lines: MutableFloats, _ v: MutableFloats, rows: Int,
    firstRow: Int = 0
  ) {
    let width = x.shape.width, first = lines + number * layout.lineStride
    var line = WinogradLine(line: first, points: v)
    line.form = layout.form
    (line.width, line.pointStride) = (width, layout.vStride)
    for b in blocks {
      line.channels = x.shape.lanes(b)
      let start = first + layout.start(b, in: blocks, of: x.shape)
      tiles.forEachRun(range) { run in
        line.count = run.tiles
        line.line = start + layout.column(run) * line.channels
        line.points = v + (b * rows + firstRow + run.first) * width
        frame.kernels.convolution.winogradInputLine(&line)
      }
    }
  }
}

/// The output of a Winograd step with all addresses known.
struct WinogradTarget: Sendable {
  private let epilogue: BoundEpilogue
  private let bias: FloatStorage
  private let moments: (layout: MomentParts, offset: Int)?
  private let unpacking: TileUnpacking?
  private let tiles: WinogradTiles
  private let shape: BlockedShape, layout: WinogradLayout

  init(_ step: some WinogradForm, _ memory: MemoryMap, unpacking: TileUnpacking? = nil) {
    self.unpacking = unpacking
    epilogue = BoundEpilogue(step.epilogue, step.problem, step.output, memory)
    bias = step.problem.bias
    moments = step.moments.map { ($0, memory.plain($0.buffer)) }
    tiles = step.tiles
    shape = step.output.shape
    layout = step.layout
  }

  /// One line of `range` for some blocks transformed along x, from its points in M, which holds these blocks, to `lines`.
  func line(_ frame: Frame, _ number: Int, _ blocks: Range<Int>, _ range: Range<Int>, _ m: MutableFloats, _ lines: MutableFloats) {
    let width = shape.width, first = lines + number * layout.lineStride
    var line = WinogradLine(line: first, points: m)
    line.form = layout.form
    (line.width, line.pointStride) = (width, layout.mStride)
    for b in blocks {
      line.channels = shape.lanes(b)
      let start = first + layout.start(b, in: blocks, of: shape)
      tiles.forEachRun(range) { run in
        line.count = run.tiles
        line.line = start + layout.column(run) * line.channels
        line.points = m + ((b - blocks.lowerBound) * range.count + run.first) * width
        frame.kernels.convolution.winogradOutputLine(&line)
      }
    }
  }

  /// Outputs of `range` for some blocks from their lines, which are overwritten, and their statistics as part `part`. `slab` takes what is unpacked.
  func transform(
    _ frame: Frame, image n: Int, _ blocks: Range<Int>, _ lines: MutableFloats, _ range: Range<Int>, part: Int, moments sums: MutableFloats,
    slab: MutableFloats? = nil
  ) {
    var row = WinogradOutputRow(lines: lines, epilogue: TileEpilogue(y: lines, bias: bias.pointer))
    (row.form, row.width, row.lineStride) = (layout.form, shape.width, layout.lineStride)
    for b in blocks {
      row.channels = shape.lanes(b)
      let start = layout.start(b, in: blocks, of: shape)
      epilogue.prepare(&row.epilogue, frame, image: n, block: b)
      if moments != nil { row.epilogue.moments = sums }
      tiles.forEachRun(range) { run in
        let origin = tiles.origin(range.lowerBound + run.first)
        row.lines = lines + start + layout.column(run) * row.channels
        epilogue.place(&row.epilogue, frame, image: n, block: b, origin: origin, count: tiles.count(at: origin, tiles: run.tiles))
        if let unpacking, let slab { unpacking.place(&row.epilogue, run.first, slab: slab) }
        row.epilogue.setsPivot = run.number == 0
        frame.kernels.convolution.winogradOutput(&row)
      }
      if let unpacking, let slab { unpacking.write(frame, image: n, block: b, range, slab: slab) }
      if let (layout, offset) = moments {
        layout.store(sums, lanes: row.channels, part: part, into: layout.state(frame.arena, offset, image: n, part: part, block: b))
      }
    }
  }
}

/// What the two ways to order the work of a Winograd convolution share.
protocol WinogradForm: SingleConvolution {
  var problem: ConvolutionProblem { get }
  var form: TileForm { get }
  var input: BlockedView { get }
  var coefficients: BufferID? { get }
  var tiles: WinogradTiles { get }
  var layout: WinogradLayout { get }
  var weights: WinogradWeights { get }
}

extension WinogradForm {
  /// The products of all points of a line for `blocks` output blocks; V and M are those of the line.
  func multiply(_ frame: Frame, _ line: Int, _ v: Floats, _ u: Floats, _ m: MutableFloats, _ blocks: Range<Int>, tiles: Int) {
    var product = WinogradProduct(
      lengths: layout.lengths.pointer, v: v, u: u, outputStarts: layout.outputStarts.pointer, inputStarts: layout.inputStarts.pointer, m: m)
    (product.inputWidth, product.outputWidth) = (input.shape.width, output.shape.width)
    (product.tiles, product.inputBlocks, product.outputBlocks) = (tiles, layout.inputBlocks.count, blocks.count)
    product.lastChannels = output.shape.lanes(blocks.upperBound - 1)
    for point in 0..<form.pointsOfLine {
      product.v = v + point * layout.vStride
      product.u = u + (line * form.pointsOfLine + point) * weights.pointStride
      product.m = m + point * layout.mStride
      frame.kernels.convolution.winogradProduct(&product)
    }
  }
}
