/// The tiles of an output volume in raster order, cut into tasks of equal size. The cut follows from shape and channels alone.
struct WinogradTiles: Hashable, Sendable {
  let output: Axes
  /// Outputs of a tile.
  let size: Axes
  let grid: Axes
  private(set) var perTask: Int

  /// All tiles in one task.
  init(output: Axes, size: Axes) {
    (self.output, self.size) = (output, size)
    grid = Axes((output.z + size.z - 1) / size.z, (output.y + size.y - 1) / size.y, (output.x + size.x - 1) / size.x)
    perTask = grid.product
  }

  /// So many tiles a task, or all: a multiple of `rows`, at least as many as wanted.
  init(output: Axes, size: Axes, wanted: Int, rows: Int) {
    self.init(output: output, size: size)
    perTask = min(perTask, (wanted + rows - 1) / rows * rows)
  }

  /// The same with tasks of whole rows of tiles along x, at least one.
  var inWholeRows: WinogradTiles {
    var tiles = self
    tiles.perTask = max(1, perTask / grid.x) * grid.x
    return tiles
  }

  var tasks: Int { (grid.product + perTask - 1) / perTask }
  func range(_ task: Int) -> Range<Int> { task * perTask..<min(grid.product, (task + 1) * perTask) }

  /// First output voxel of a tile.
  func origin(_ tile: Int) -> Axes { Axes(tile / (grid.y * grid.x) * size.z, tile / grid.x % grid.y * size.y, tile % grid.x * size.x) }

  /// Voxels that exist of some tiles along x, the first one at `origin`.
  func count(at origin: Axes, tiles: Int = 1) -> Axes {
    Axes(size.z, size.y, size.x * tiles).merged(Axes(output.z - origin.z, output.y - origin.y, output.x - origin.x), min)
  }

  /// Voxels of the tile `index` that exist.
  func voxels(_ index: Int) -> Int { count(at: origin(index)).product }

  /// Voxels of the volume in each task.
  var voxelsPerTask: [Int] { (0..<tasks).map { range($0).reduce(0) { $0 + voxels($1) } } }

  /// Tiles that follow each other along x.
  struct Run {
    /// How many before it, in runs and in tiles.
    var number = 0, first = 0
    var tiles = 0
  }

  /// Runs of a task, at most.
  var runs: Int { perTask % grid.x == 0 ? perTask / grid.x : min(perTask, (perTask + grid.x - 2) / grid.x + 1) }

  @inline(__always)
  func forEachRun(_ range: Range<Int>, _ body: (Run) -> Void) {
    var run = Run()
    while run.first < range.count {
      run.tiles = min(run.first == 0 ? grid.x - range.lowerBound % grid.x : grid.x, range.count - run.first)
      body(run)
      run.number += 1
      run.first += run.tiles
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
  func winogradBorder(_ tiles: WinogradTiles) -> (before: Axes, after: Axes) {
    let p = winogradPads
    func after(_ axis: KeyPath<Axes, Int>) -> Int {
      max(0, tiles.grid[keyPath: axis] * tiles.size[keyPath: axis] + 2 - p[keyPath: axis] - input[keyPath: axis])
    }
    return (p.merged(Axes(repeating: 0), max), Axes(after(\.z), after(\.y), after(\.x)))
  }
}
