/// The maximum over a window around each voxel of a small box, dense, one axis after the other.
///
/// The window of index i is `i - size / 2` through `i - size / 2 + size - 1`, cut at the ends of the object's box. (scipy reflects there; a
/// reflected sample mirrors one that the cut window holds.) Use: make it around the voxels that are asked for, paint, take the maximum, ask.
/// Complexity: log2(size) per voxel of the region.
struct WindowMaximum {
  /// The box around the voxels that are asked for.
  private let inner: VoxelBox
  /// What must be painted: the windows of all voxels of `inner`.
  let region: VoxelBox
  private let reach: (down: Int, up: Int)
  private var values: [Int32]

  init(around voxels: [NumberedVoxel], filterSize: Int, in box: VoxelBox) {
    func span(_ index: KeyPath<NumberedVoxel, Int>) -> Range<Int> {
      var low = Int.max, high = -1
      for voxel in voxels {
        low = min(low, voxel[keyPath: index])
        high = max(high, voxel[keyPath: index])
      }
      return min(low, high + 1)..<high + 1
    }
    inner = VoxelBox(z: span(\.z), y: span(\.y), x: span(\.x))
    // A window wider than the box twice over sees no more than the box.
    let longest = max(box.z.count, box.y.count, box.x.count)
    let reach = (down: min(filterSize / 2, longest), up: min(filterSize - filterSize / 2 - 1, longest))
    func grown(_ range: Range<Int>, _ bounds: Range<Int>) -> Range<Int> {
      (range.lowerBound - reach.down..<range.upperBound + reach.up).clamped(to: bounds)
    }
    self.reach = reach
    region = VoxelBox(z: grown(inner.z, box.z), y: grown(inner.y, box.y), x: grown(inner.x, box.x))
    values = Array(repeating: 0, count: region.z.count * region.y.count * region.x.count)
  }

  /// Copies `source` from index `start` to the columns `x` of row (z, y), all within the region.
  mutating func paint(_ source: [Int32], from start: Int, z: Int, y: Int, x: Range<Int>) {
    let target = index(z, y, x.lowerBound)
    for k in 0..<x.count { values[target + k] = source[start + k] }
  }

  /// After this `maximum(at:)` answers for the voxels of `inner`. Each axis is done only for the lines that the next ones need.
  mutating func takeMaximum() {
    let row = region.x.count, plane = region.y.count * row
    slide(from: 0, steps: region.z.count, width: plane)
    for z in inner.z {
      slide(from: index(z, region.y.lowerBound, region.x.lowerBound), steps: region.y.count, width: row)
      for y in inner.y { slide(from: index(z, y, region.x.lowerBound), steps: row, width: 1) }
    }
  }

  func maximum(at voxel: NumberedVoxel) -> Int32 { values[index(voxel.z, voxel.y, voxel.x)] }

  private func index(_ z: Int, _ y: Int, _ x: Int) -> Int {
    ((z - region.z.lowerBound) * region.y.count + y - region.y.lowerBound) * region.x.count + x - region.x.lowerBound
  }

  /// Takes the maximum along an axis, in place, of `steps` rows of `width` values that lie side by side. The window is grown by doubling,
  /// first upwards, then downwards; cut at the ends.
  private mutating func slide(from start: Int, steps: Int, width: Int) {
    let count = steps * width
    var length = 1
    while length <= reach.up {
      let distance = min(length, reach.up + 1 - length) * width
      for i in 0..<max(0, count - distance) { values[start + i] = max(values[start + i], values[start + i + distance]) }
      length += distance / width
    }
    length = 1
    while length <= reach.down {
      let distance = min(length, reach.down + 1 - length) * width
      for i in stride(from: count - 1, through: distance, by: -1) { values[start + i] = max(values[start + i], values[start + i - distance]) }
      length += distance / width
    }
  }
}
