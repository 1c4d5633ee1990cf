/// A volume of which only `planes` consecutive planes across `axis` are kept at a time: plane p lies where plane p + `planes` will. With as
/// many planes as the volume has, it is a plain volume. Axes (z, y, x), x fastest.
struct RingLayout: Sendable, Hashable {
  let shape: VolumeShape
  let axis: VolumeAxis, planes: Int
  /// What is kept.
  let kept: VolumeShape

  init(shape: VolumeShape, axis: VolumeAxis, planes: Int) {
    assert(planes > 0 && planes <= shape[axis])
    self.shape = shape
    self.axis = axis
    self.planes = planes
    kept = shape.with(axis, planes)
  }

  /// Voxels that are kept.
  var count: Int { kept.count }

  /// A voxel among those that are kept: its row, and its place in that.
  struct Place: Sendable {
    let row: Int, column: Int
  }

  /// Calls `body` with each contiguous stretch of a row: where it is kept, and its voxels. Two stretches at most, when the ring runs along x
  /// and the row goes over its end.
  @inline(__always)
  func forEachStretch(z: Int, y: Int, x: Range<Int>, _ body: (_ place: Place, _ x: Range<Int>) -> Void) {
    let row = z % kept.z * kept.y + y % kept.y
    var start = x.lowerBound
    while start < x.upperBound {
      let column = start % kept.x, count = min(x.upperBound - start, kept.x - column)
      body(Place(row: row, column: column), start..<start + count)
      start += count
    }
  }
}
