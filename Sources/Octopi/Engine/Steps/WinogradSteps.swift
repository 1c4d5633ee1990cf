import Kernels

/// Convolution 3x3x3 with stride 1 by Winograd's algorithm: input transform, a small product for each point, output transform, block by block
/// of tiles so that V and M stay in a core's cache.
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
    layout = WinogradLayout(form, input, output, tiles: tiles.perTask)
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
  var scratch: Int { slabOffset + (result == .blocks ? 0 : TileUnpacking.slabFloats(output.shape, tiles)) }
  private var slabOffset: Int { layout.vFloats + layout.mFloats + WinogradLayout.transformFloats + WinogradLayout.momentFloats }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let source = WinogradSource(self, memory), step = self, layout = layout, slabOffset = slabOffset
    let target = WinogradTarget(self, memory, unpacking: unpacking(memory))
    return { (frame) throws(EngineError) in
      frame.use(step.derived) { parts, weights in
        frame.pool.run(step.output.shape.batch * step.tiles.tasks) { task, thread in
          let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
          let v = frame.scratch(of: thread), m = v + layout.vFloats, transform = m + layout.mFloats
          for b in layout.inputBlocks { source.transform(frame, image: n, block: b, range, v, rows: range.count, scratch: transform) }
          for part in parts {
            let blocks = step.blocks(part)
            step.multiply(frame, v, weights + part * step.derived.partFloats, m, blocks, tiles: range.count)
            target.transform(
              frame, image: n, blocks, m, range, part: chunk, moments: transform + WinogradLayout.transformFloats, scratch: transform,
              slab: v + slabOffset)
          }
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

  private func blocks(_ part: Int) -> Range<Int> { part * weights.blocks..<min(output.shape.blocks.count, (part + 1) * weights.blocks) }
}

/// Sizes of V, `[point][input block][tile][width]`, and of M, `[point][output block][tile][width]`, a line of padding after each point.
struct WinogradLayout: Sendable {
  let form: TileForm
  let inputBlocks: Range<Int>, outputBlocks: Range<Int>
  /// Channels of each input block that count.
  let lengths: IntStorage
  /// Where the weights of each output and input block begin: see `WinogradProduct`.
  let outputStarts: IntStorage, inputStarts: IntStorage
  /// Floats from point to point.
  let vStride: Int, mStride: Int

  init(_ form: TileForm, _ input: BlockedView, _ output: BlockedView, tiles: Int, outputBlocks: Int? = nil) {
    self.form = form
    inputBlocks = input.shape.blocks.indices
    self.outputBlocks = 0..<(outputBlocks ?? output.shape.blocks.count)
    lengths = IntStorage(input.shape.blocks)
    inputStarts = IntStorage(WinogradLayout.inputStarts(input.shape))
    outputStarts = IntStorage(self.outputBlocks.map { $0 * input.shape.channels * 16 })
    vStride = inputBlocks.count * input.shape.width * tiles + 16
    mStride = self.outputBlocks.count * output.shape.width * tiles + 16
  }

  /// Of weights whose channels follow each other, and so do output blocks: what is fetched ahead lies 64 lines on.
  static func inputStarts(_ input: BlockedShape) -> [Int] {
    var starts = input.firstChannels.map { $0 * 16 }
    while starts.count < input.blocks.count + 4 { starts.append(starts.count < 4 ? 0 : starts[starts.count - 4] + 64 * 16) }
    return starts
  }

  var vFloats: Int { form.points * vStride }
  var mFloats: Int { form.points * mStride }
  /// Scratch of the transforms, and after it sums of statistics.
  static let transformFloats = 324 * 16, momentFloats = 3 * 16
}

/// The input of a Winograd step with all addresses known.
struct WinogradSource: Sendable {
  private let x: BoundView
  private let coefficients: Int?
  private let before: Axes
  private let tiles: WinogradTiles
  private let form: TileForm, pointStride: Int

  init(_ step: some WinogradForm, _ memory: MemoryMap) {
    form = step.form
    x = memory.view(step.input)
    coefficients = step.coefficients.map { memory.plain($0) }
    before = step.problem.winogradPads
    tiles = step.tiles
    pointStride = step.layout.vStride
  }

  /// Tiles `range` of one block to V, whose blocks have `rows` rows; the first of the range to row `firstRow`.
  func transform(
    _ frame: Frame, image n: Int, block b: Int, _ range: Range<Int>, _ v: MutableFloats, rows: Int, firstRow: Int = 0, scratch: MutableFloats
  ) {
    let width = x.shape.width
    var row = WinogradInputRow(x: v, v: v, scratch: scratch)
    row.form = form
    (row.width, row.channels, row.sz, row.sy, row.pointStride) = (width, x.shape.lanes(b), x.strides.z, x.strides.y, pointStride)
    row.coefficients = coefficients.map { UnsafePointer(frame.arena + $0 + (n * x.shape.blocks.count + b) * Coefficients.rows * width) }
    tiles.forEachRun(range) { first, count, origin in
      row.count = count
      row.x = UnsafePointer(frame.arena + x.at(n, b, origin.z - before.z, origin.y - before.y, origin.x - before.x))
      row.v = v + (b * rows + firstRow + first) * width
      frame.kernels.convolution.winogradInput(&row)
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
  private let shape: BlockedShape, form: TileForm, pointStride: Int

  init(_ step: some WinogradForm, _ memory: MemoryMap, unpacking: TileUnpacking? = nil) {
    self.unpacking = unpacking
    form = step.form
    epilogue = BoundEpilogue(step.epilogue, step.problem, step.output, memory)
    bias = step.problem.bias
    moments = step.moments.map { ($0, memory.plain($0.buffer)) }
    tiles = step.tiles
    shape = step.output.shape
    pointStride = step.layout.mStride
  }

  /// Outputs of `range` for some blocks from M, and their statistics as part `part`. M holds these blocks; `slab` what is unpacked.
  func transform(
    _ frame: Frame, image n: Int, _ blocks: Range<Int>, _ m: Floats, _ range: Range<Int>, part: Int, moments sums: MutableFloats,
    scratch: MutableFloats, slab: MutableFloats? = nil
  ) {
    var tile = WinogradOutputTile(m: m, scratch: scratch, epilogue: TileEpilogue(y: scratch, bias: bias.pointer))
    (tile.form, tile.width, tile.pointStride) = (form, shape.width, pointStride)
    for b in blocks {
      tile.channels = shape.lanes(b)
      let row = (b - blocks.lowerBound) * range.count
      epilogue.prepare(&tile.epilogue, frame, image: n, block: b)
      if moments != nil { tile.epilogue.moments = sums }
      for (k, index) in range.enumerated() {
        let origin = tiles.origin(index)
        tile.m = m + (row + k) * shape.width
        epilogue.place(&tile.epilogue, frame, image: n, block: b, origin: origin, count: tiles.count(at: origin))
        if let unpacking, let slab { unpacking.place(&tile.epilogue, k, slab: slab) }
        tile.epilogue.setsPivot = k == 0
        frame.kernels.convolution.winogradOutput(&tile)
      }
      if let unpacking, let slab { unpacking.write(frame, image: n, block: b, range, slab: slab) }
      if let (layout, offset) = moments {
        layout.store(sums, lanes: tile.channels, part: part, into: layout.state(frame.arena, offset, image: n, part: part, block: b))
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
  /// The products of all points for `blocks` output blocks.
  func multiply(_ frame: Frame, _ v: Floats, _ u: Floats, _ m: MutableFloats, _ blocks: Range<Int>, tiles: Int) {
    var product = WinogradProduct(
      lengths: layout.lengths.pointer, v: v, u: u, outputStarts: layout.outputStarts.pointer, inputStarts: layout.inputStarts.pointer, m: m)
    (product.inputWidth, product.outputWidth) = (input.shape.width, output.shape.width)
    (product.tiles, product.inputBlocks, product.outputBlocks) = (tiles, layout.inputBlocks.count, blocks.count)
    product.lastChannels = output.shape.lanes(blocks.upperBound - 1)
    for point in 0..<form.points {
      product.v = v + point * layout.vStride
      product.u = u + point * weights.pointStride
      product.m = m + point * layout.mStride
      frame.kernels.convolution.winogradProduct(&product)
    }
  }
}
