import Kernels

/// Writes what a convolution has computed as row-major floats, row by row of tiles while they are in the cache: no pass of its own reads and
/// writes the whole result once more.
struct TileUnpacking: Sendable {
  /// Of the result in the arena.
  private let offset: Int
  private let shape: BlockedShape
  private let firstChannels: [Int]
  private let tiles: WinogradTiles
  /// Floats of one line of voxels of a row of tiles, `[row of tiles][4 z][4 y][x][width]`.
  private let line: Int

  /// `tiles`: whole rows a task.
  init(_ result: BufferID, _ shape: BlockedShape, _ tiles: WinogradTiles, _ memory: MemoryMap) {
    offset = memory.plain(result)
    (self.shape, self.tiles) = (shape, tiles)
    firstChannels = shape.firstChannels
    line = tiles.grid.x * 4 * shape.width
  }

  /// Floats that one block of a task's tiles takes until it is written.
  static func slabFloats(_ shape: BlockedShape, _ tiles: WinogradTiles) -> Int { tiles.perTask * 64 * shape.width }

  /// The `number`th tile of a task goes to the slab.
  func place(_ e: inout TileEpilogue, _ number: Int, slab: MutableFloats) {
    e.y = slab + number / tiles.grid.x * 16 * line + number % tiles.grid.x * 4 * shape.width
    (e.sz, e.sy, e.sx) = (4 * line, line, shape.width)
  }

  /// The slab of one block, all tiles of a task, to the result.
  func write(_ frame: Frame, image n: Int, block b: Int, _ range: Range<Int>, slab: MutableFloats) {
    let size = shape.size, channel = size.product
    let target = frame.arena + offset + (n * shape.channels + firstChannels[b]) * channel
    for row in 0..<range.count / tiles.grid.x {
      let origin = tiles.origin(range.lowerBound + row * tiles.grid.x), count = tiles.count(at: origin)
      for z in 0..<count.z {
        for y in 0..<count.y {
          frame.kernels.layout.unblock(
            shape.width, shape.blocks[b], size.x, slab + (row * 16 + z * 4 + y) * line,
            target + ((origin.z + z) * size.y + origin.y + y) * size.x, channel)
        }
      }
    }
  }
}
