/// The chunks of a regular grid that a box of values meets.
struct ChunkGrid {
  let chunkShape: [Int]
  /// What is wanted of each axis, in values.
  let box: [Range<Int>]
  /// Chunks that the box meets, along each axis.
  let chunks: [Range<Int>]

  init(chunkShape: [Int], box: [Range<Int>]) {
    self.chunkShape = chunkShape
    self.box = box
    chunks = zip(box, chunkShape).map { range, size in
      range.isEmpty ? 0..<0 : range.lowerBound / size..<(range.upperBound - 1) / size + 1
    }
  }

  /// Number of chunks.
  var count: Int { chunks.reduce(1) { $0 * $1.count } }

  /// Index in the grid of chunk `number` of those that the box meets, in C order.
  func index(_ number: Int) -> [Int] {
    var rest = number
    var index = chunks.map(\.lowerBound)
    for axis in chunks.indices.reversed() {
      index[axis] += rest % chunks[axis].count
      rest /= chunks[axis].count
    }
    return index
  }

  /// What the box wants of a chunk.
  /// - offset, strides: of the box in the memory that is filled.
  func part(_ index: [Int], offset: Int, strides: [Int]) -> ChunkPart {
    var part = ChunkPart(shape: chunkShape, box: [], offset: offset, strides: strides)
    for axis in box.indices {
      let start = index[axis] * chunkShape[axis]
      let wanted = box[axis].clamped(to: start..<start + chunkShape[axis])
      part.offset += (wanted.lowerBound - box[axis].lowerBound) * strides[axis]
      part.box.append(wanted.lowerBound - start..<wanted.upperBound - start)
    }
    return part
  }

  /// The same for the chunks inside of a shard, `outer` of which is wanted.
  func part(_ index: [Int], of outer: ChunkPart) -> ChunkPart { part(index, offset: outer.offset, strides: outer.strides) }
}
