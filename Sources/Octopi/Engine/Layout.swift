/// Three numbers along z, y, x.
struct Axes: Hashable, Sendable {
  var z: Int, y: Int, x: Int
  init(_ z: Int, _ y: Int, _ x: Int) { (self.z, self.y, self.x) = (z, y, x) }
  init(repeating value: Int) { self.init(value, value, value) }
  /// One to three spatial numbers; missing leading axes become `filler`.
  init(_ list: [Int], filler: Int) {
    let padded = [Int](repeating: filler, count: 3 - list.count) + list
    self.init(padded[0], padded[1], padded[2])
  }
  var product: Int { z * y * x }
  func merged(_ other: Axes, _ f: (Int, Int) -> Int) -> Axes { Axes(f(z, other.z), f(y, other.y), f(x, other.x)) }
}

/// A float32 activation in blocks of channels, `[batch][block][z][y][x][width]`, with a border of voxels around it.
///
/// `blocks` holds how many channels each block really has: joined tensors keep the padding of their parts, and no kernel reads
/// lanes beyond the count, which may hold anything. Networks of one and two spatial axes have size 1 along the leading ones.
struct BlockedShape: Hashable, Sendable {
  /// Channels of a block in memory: 16, 8 where there are no more channels than that, or 1 for planar input.
  let width: Int
  var batch: Int
  var blocks: [Int]
  var size: Axes
  /// Spatial axes that the tensor has in the graph.
  var rank: Int

  init(batch: Int, channels: Int, size: Axes, rank: Int, width: Int? = nil) {
    let width = width ?? (channels <= 8 ? 8 : 16)
    self.batch = batch
    self.size = size
    self.rank = rank
    self.width = width
    blocks = stride(from: 0, to: channels, by: width).map { min(width, channels - $0) }
  }

  /// Of a tensor N C and one to three spatial axes, or nil if it is none.
  init?(tensor shape: [Int]) {
    guard (3...5).contains(shape.count) else { return nil }
    self.init(batch: shape[0], channels: shape[1], size: Axes(Array(shape[2...]), filler: 1), rank: shape.count - 2)
  }

  var channels: Int { blocks.reduce(0, +) }
  /// Lanes of a block that kernels compute: not all where half of them hold no channel.
  func lanes(_ block: Int) -> Int { blocks[block] <= 8 ? min(8, width) : width }
  /// Number of the first channel of each block.
  var firstChannels: [Int] { blocks.indices.map { blocks[..<$0].reduce(0, +) } }
}

/// Strides in floats once the border is known.
struct BlockedStrides: Hashable, Sendable {
  let x: Int, y: Int, z: Int, block: Int, batch: Int
  /// From the start of the buffer to voxel (0, 0, 0) of block 0.
  let origin: Int
  let count: Int

  init(_ shape: BlockedShape, before: Axes, after: Axes) {
    x = shape.width
    y = (shape.size.x + before.x + after.x) * x
    z = (shape.size.y + before.y + after.y) * y
    block = (shape.size.z + before.z + after.z) * z
    batch = block * shape.blocks.count
    origin = before.z * z + before.y * y + before.x * x
    count = batch * shape.batch
  }
}
