import Kernels

/// Convolution 3x3x3 with stride 1 as F(4x4x4, 3x3x3): input transform, 216 small products, output transform, block by block of tiles so
/// that V and M stay in a core's cache.
struct WinogradStep: TiledConvolution {
  let problem: ConvolutionProblem
  let weights: FloatStorage
  let input: BlockedView
  /// Normalisation applied on load; the border must hold the mean.
  var coefficients: BufferID?
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
  let tiles: WinogradTiles

  var reads: [BufferID] { [input.buffer] + (coefficients.map { [$0] } ?? []) + epilogue.reads }
  var writes: [BufferID] { [output.buffer] + (moments.map { [$0.buffer] } ?? []) }
  var parameters: [FloatStorage] { [weights] }
  var summary: StepSummary { .convolution(problem, "F(4x4x4)", output.shape) }

  var voxelsPerTask: [Int] { tiles.voxelsPerTask }

  private var vFloats: Int { input.shape.blocks.count * input.shape.width * tiles.perTask + 16 }
  private var mFloats: Int { output.shape.blocks.count * output.shape.width * tiles.perTask + 16 }
  private var transformFloats: Int { 256 * 16 }
  private var momentFloats: Int { output.shape.blocks.count * 3 * output.shape.width }
  var scratch: Int { WinogradWeights.points * (vFloats + mFloats) + transformFloats + momentFloats }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.view(input), epilogue = BoundEpilogue(self.epilogue, problem, output, memory)
    let lengths = IntStorage(input.shape.blocks), coefficients = coefficients.map { memory.plain($0) }
    let momentsAt = moments.map { memory.plain($0.buffer) }
    let step = self, inputBlocks = input.shape.blocks.count, outputBlocks = output.shape.blocks.count
    let before = problem.winogradPads, vWidth = input.shape.width, mWidth = output.shape.width
    return { (frame) throws(EngineError) in
      frame.pool.run(step.output.shape.batch * step.tiles.tasks) { task, thread in
        let n = task / step.tiles.tasks, chunk = task % step.tiles.tasks, range = step.tiles.range(chunk)
        let v = frame.scratch(of: thread), m = v + WinogradWeights.points * step.vFloats
        let transform = m + WinogradWeights.points * step.mFloats, moments = transform + step.transformFloats

        var row = WinogradInputRow(x: v, v: v, scratch: transform)
        row.width = vWidth
        (row.sz, row.sy, row.pointStride) = (x.strides.z, x.strides.y, step.vFloats)
        for b in 0..<inputBlocks {
          row.coefficients = coefficients.map { UnsafePointer(frame.arena + $0 + (n * inputBlocks + b) * 3 * vWidth) }
          step.tiles.forEachRun(range) { first, count, origin in
            row.count = count
            row.x = UnsafePointer(frame.arena + x.at(n, b, origin.z - before.z, origin.y - before.y, origin.x - before.x))
            row.v = v + (b * range.count + first) * vWidth
            frame.kernels.convolution.winogradInput(&row)
          }
        }

        var product = WinogradProduct(lengths: lengths.pointer, v: v, u: v, m: m)
        (product.inputWidth, product.outputWidth) = (vWidth, mWidth)
        (product.tiles, product.inputBlocks, product.outputBlocks) = (range.count, inputBlocks, outputBlocks)
        product.uBlock = step.problem.geometry.inputChannels * 16
        for point in 0..<WinogradWeights.points {
          product.v = UnsafePointer(v + point * step.vFloats)
          product.u = step.weights.pointer + point * outputBlocks * product.uBlock
          product.m = m + point * step.mFloats
          frame.kernels.convolution.winogradProduct(&product)
        }

        var tile = WinogradOutputTile(m: m, scratch: transform, epilogue: TileEpilogue(y: m, bias: step.problem.bias.pointer))
        (tile.width, tile.pointStride) = (mWidth, step.mFloats)
        for b in 0..<outputBlocks {
          epilogue.prepare(&tile.epilogue, frame, image: n, block: b)
          if momentsAt != nil { tile.epilogue.moments = moments + b * 3 * mWidth }
          for (k, index) in range.enumerated() {
            let origin = step.tiles.origin(index)
            tile.m = UnsafePointer(m + (b * range.count + k) * mWidth)
            epilogue.place(&tile.epilogue, frame, image: n, block: b, origin: origin, count: step.tiles.count(at: origin))
            tile.epilogue.setsPivot = k == 0
            frame.kernels.convolution.winogradOutput(&tile)
          }
        }
        if let momentsAt, let layout = step.moments {
          for b in 0..<outputBlocks {
            layout.store(moments + b * 3 * mWidth, part: chunk, into: layout.state(frame.arena, momentsAt, image: n, part: chunk, block: b))
          }
        }
      }
    }
  }
}

/// The tiles of an output volume in raster order, cut into tasks of equal size. The cut follows from shape and channels alone.
struct WinogradTiles: Hashable, Sendable {
  let output: Axes
  let grid: Axes
  let perTask: Int

  /// As many tiles a task as keep V and M within about two megabytes, a multiple of `rows`, but at least one task.
  init(output: Axes, channels: Int, rows: Int) {
    self.output = output
    grid = Axes((output.z + 3) / 4, (output.y + 3) / 4, (output.x + 3) / 4)
    let wanted = channels <= 64 ? 36 : 18
    perTask = min(grid.product, (wanted + rows - 1) / rows * rows)
  }

  var tasks: Int { (grid.product + perTask - 1) / perTask }
  func range(_ task: Int) -> Range<Int> { task * perTask..<min(grid.product, (task + 1) * perTask) }

  /// First output voxel of a tile.
  func origin(_ tile: Int) -> Axes { Axes(tile / (grid.y * grid.x) * 4, tile / grid.x % grid.y * 4, tile % grid.x * 4) }

  /// Voxels of the tile at `origin` that exist.
  func count(at origin: Axes) -> Axes { Axes(min(4, output.z - origin.z), min(4, output.y - origin.y), min(4, output.x - origin.x)) }

  /// Voxels of the tile `index` that exist.
  func voxels(_ index: Int) -> Int { count(at: origin(index)).product }

  /// Voxels of the volume in each task.
  var voxelsPerTask: [Int] { (0..<tasks).map { range($0).reduce(0) { $0 + voxels($1) } } }

  /// Tiles that follow each other along x: number of the first within the range, how many, and where the first lies.
  func forEachRun(_ range: Range<Int>, _ body: (_ first: Int, _ count: Int, _ origin: Axes) -> Void) {
    var tile = range.lowerBound
    while tile < range.upperBound {
      let count = min(grid.x - tile % grid.x, range.upperBound - tile)
      body(tile - range.lowerBound, count, origin(tile))
      tile += count
    }
  }
}

extension ConvolutionProblem {
  /// The layer is a 3x3x3 convolution of stride 1, or a transposed one, which is the same with the kernel mirrored.
  var isWinograd: Bool {
    let three = Axes(repeating: 3), one = Axes(repeating: 1)
    return kernel == three && strides == one && dilations == one && geometry.groups == 1
  }

  /// Zeros in front of the input when the layer is seen as a plain convolution.
  var winogradPads: Axes { transposed ? Axes(2 - pads.z, 2 - pads.y, 2 - pads.x) : pads }

  /// Border that whole tiles read.
  var winogradBorder: (before: Axes, after: Axes) {
    let p = winogradPads
    func after(_ axis: KeyPath<Axes, Int>) -> Int {
      max(0, (output[keyPath: axis] + 3) / 4 * 4 + 2 - p[keyPath: axis] - input[keyPath: axis])
    }
    return (p.merged(Axes(repeating: 0), max), Axes(after(\.z), after(\.y), after(\.x)))
  }
}
