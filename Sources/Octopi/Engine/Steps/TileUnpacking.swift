import Kernels

/// Takes what a convolution has computed from its rows of tiles while they are in the cache: to row-major floats in the arena, or to whoever
/// runs the plan. No pass of its own writes and reads the whole result once more.
struct TileUnpacking: Sendable {
  private let target: Target
  private let shape: BlockedShape
  private let tiles: WinogradTiles
  /// Floats of one line of voxels and of one plane of the slab, `[z of a tile][row of tiles][y of a tile][x][width]`.
  private let line: Int, plane: Int

  private enum Target: Sendable {
    /// Place in the arena, and the first channel of each block.
    case arena(offset: Int, firstChannels: [Int])
    /// How each block lies in the slab.
    case taken([LogitLayout])
  }

  /// - result: takes the logits, or nil to hand them to `Frame.take`. tiles: whole rows a task.
  init(_ result: BufferID?, _ shape: BlockedShape, _ tiles: WinogradTiles, _ memory: MemoryMap) {
    let width = shape.width, line = tiles.grid.x * tiles.size.x * width, plane = tiles.perTask / tiles.grid.x * tiles.size.y * line
    (self.shape, self.tiles, self.line, self.plane) = (shape, tiles, line, plane)
    if let result {
      target = .arena(offset: memory.plain(result), firstChannels: shape.firstChannels)
    } else {
      target = .taken(
        zip(shape.firstChannels, shape.blocks).map { LogitLayout(classes: $0..<$0 + $1, planeStep: plane, rowStep: line, voxelStep: width) })
    }
  }

  /// Floats that one block of a task's tiles takes until it is written.
  static func slabFloats(_ shape: BlockedShape, _ tiles: WinogradTiles) -> Int { tiles.perTask * tiles.size.product * shape.width }

  /// The `number`th tile of a task goes to the slab.
  func place(_ e: inout TileEpilogue, _ number: Int, slab: MutableFloats) {
    e.y = slab + number / tiles.grid.x * tiles.size.y * line + number % tiles.grid.x * tiles.size.x * shape.width
    (e.sz, e.sy, e.sx, e.streams) = (plane, line, shape.width, false)
  }

  /// Hands on the slab of one block, all tiles of a task.
  func write(_ frame: Frame, image n: Int, block b: Int, _ range: Range<Int>, slab: MutableFloats) {
    // Rows of tiles that lie in one plane of tiles go together.
    let end = range.upperBound / tiles.grid.x, tile = tiles.size
    var row = range.lowerBound / tiles.grid.x
    while row < end {
      let z = row / tiles.grid.y * tile.z, y = row % tiles.grid.y * tile.y, count = min(end - row, tiles.grid.y - row % tiles.grid.y)
      let planes = z..<min(shape.size.z, z + tile.z), rows = y..<min(shape.size.y, y + tile.y * count)
      let source = slab + (row - range.lowerBound / tiles.grid.x) * tile.y * line
      switch target {
      case .arena(let offset, let firstChannels):
        unblock(frame, source, planes, rows, block: b, to: offset + (n * shape.channels + firstChannels[b]) * shape.size.product)
      case .taken(let layouts):
        let part = LogitPart(planes: planes, rows: rows, layout: layouts[b])
        frame.take?(part, Span(_unsafeStart: UnsafePointer(source), count: part.floats(voxels: shape.size.x)))
      }
      row += count
    }
  }

  private func unblock(_ frame: Frame, _ source: MutableFloats, _ planes: Range<Int>, _ rows: Range<Int>, block b: Int, to offset: Int) {
    let size = shape.size
    for z in planes {
      for y in rows {
        frame.kernels.layout.unblock(
          shape.width, shape.blocks[b], size.x, source + (z - planes.lowerBound) * plane + (y - rows.lowerBound) * line,
          frame.arena + offset + (z * size.y + y) * size.x, size.product)
      }
    }
  }
}
