import Kernels

/// The voxels of one label: one bit each, in words of 64 along x, of which only those with a voxel are kept.
///
/// Rows of x are numbered `z * (Y + 1) + y` and hold `X / 64 + 1` words. The row and the bits that belong to no voxel stay empty, so that the
/// neighbours of a bit are found by adding to its word's number, without looking at edges. Memory: 16 byte a word, at most 0.3 byte a voxel.
struct VoxelMask: Sendable {
  let grid: MaskGrid
  /// Numbers of the words that are kept, ascending.
  var keys: [Int] = []
  /// The bits of these words; bit b is x = 64 * (word in its row) + b.
  var words: [UInt64] = []

  init(grid: MaskGrid) { self.grid = grid }
}

/// Numbering of rows and words of a mask.
struct MaskGrid: Sendable, Hashable {
  let wordsPerRow: Int
  /// One more than the volume has along y.
  let rowsPerPlane: Int

  init(shape: VolumeShape) {
    wordsPerRow = shape.x / 64 + 1
    rowsPerPlane = shape.y + 1
  }
}

extension VoxelMask {
  /// The mask of each of `labels` (ascending, distinct, none 0), in one pass over the volume.
  static func masks<Label: FixedWidthInteger & Sendable>(of labels: [Label], in volume: Volume<Label>, pool: ThreadPool) -> [VoxelMask] {
    let shape = volume.shape
    let planes = max(1, (1 << 20) / max(1, shape.y * shape.x))
    let slabs = pool.map((shape.z + planes - 1) / planes) { slab in
      masks(of: labels, in: volume, planes: slab * planes..<min(shape.z, (slab + 1) * planes))
    }
    return labels.indices.map { label in
      var mask = VoxelMask(grid: MaskGrid(shape: shape))
      mask.keys.reserveCapacity(slabs.reduce(0) { $0 + $1[label].keys.count })
      mask.words.reserveCapacity(mask.keys.capacity)
      for slab in slabs {
        mask.keys += slab[label].keys
        mask.words += slab[label].words
      }
      return mask
    }
  }

  private static func masks<Label: FixedWidthInteger & Sendable>(
    of labels: [Label], in volume: Volume<Label>, planes: Range<Int>
  ) -> [VoxelMask] {
    let shape = volume.shape, grid = MaskGrid(shape: shape)
    var masks = Array(repeating: VoxelMask(grid: grid), count: labels.count)
    let voxels = volume.voxels.span
    for z in planes {
      for y in 0..<shape.y {
        let row = voxels.extracting((z * shape.y + y) * shape.x..<(z * shape.y + y + 1) * shape.x)
        let firstKey = (z * grid.rowsPerPlane + y) * grid.wordsPerRow
        for word in 0..<grid.wordsPerRow {
          let block = row.extracting(word * 64..<min(word * 64 + 64, shape.x))
          if !isEmpty(block) { add(block, key: firstKey + word, labels: labels, to: &masks) }
        }
      }
    }
    return masks
  }

  private static func isEmpty<Label: FixedWidthInteger>(_ block: Span<Label>) -> Bool {
    var any: Label = 0
    for i in block.indices { any |= block[i] }
    return any == 0
  }

  /// Sets the bits of one block of at most 64 voxels, run by run.
  private static func add<Label: FixedWidthInteger>(_ block: Span<Label>, key: Int, labels: [Label], to masks: inout [VoxelMask]) {
    var start = 0
    while start < block.count {
      let label = block[start]
      var end = start + 1
      while end < block.count, block[end] == label { end += 1 }
      if label > 0, let index = position(of: label, in: labels) {
        masks[index].insert(bits: (UInt64.max >> UInt64(64 - (end - start))) << UInt64(start), key: key)
      }
      start = end
    }
  }

  private mutating func insert(bits: UInt64, key: Int) {
    if keys.last == key {
      words[words.count - 1] |= bits
    } else {
      keys.append(key)
      words.append(bits)
    }
  }

  /// Binary search in ascending labels.
  private static func position<Label: FixedWidthInteger>(of label: Label, in labels: [Label]) -> Int? {
    var low = 0, high = labels.count
    while low < high {
      let middle = (low + high) / 2
      if labels[middle] < label { low = middle + 1 } else { high = middle }
    }
    return low < labels.count && labels[low] == label ? low : nil
  }
}
