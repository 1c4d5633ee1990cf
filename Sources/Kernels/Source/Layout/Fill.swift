import KernelTable

/// Every voxel of `rows` rows of `count` voxels becomes `value[width]`, or 0 if that is nil.
@inline(never)
func fillRows(_ width: Int, _ rows: Int, _ count: Int, _ value: Floats?, _ y: MutableFloats, _ yRow: Int) {
  for row in 0..<rows { fillRow(width, count, value, y + row * yRow) }
}

/// Every voxel of the border of the planes `firstPlane ..< firstPlane + planes` becomes `value[width]`, or 0 if that is nil.
///
/// - box: sizes and border of one block of channels; plane 0 is the first inside, the border has planes from `-box.before.z` on.
/// - y: first voxel inside. What lies inside stays as it is.
@inline(never)
func fillBorder(_ width: Int, _ box: BorderedBox, _ firstPlane: Int, _ planes: Int, _ value: Floats?, _ y: MutableFloats) {
  let all = box.before.x + box.count + box.after.x
  for z in firstPlane..<firstPlane + planes {
    let inside = z >= 0 && z < box.depth
    for row in -box.before.y..<box.height + box.after.y {
      let y = y + z * box.plane + row * box.row
      if inside && row >= 0 && row < box.height {
        fillRow(width, box.before.x, value, y - box.before.x * width)
        fillRow(width, box.after.x, value, y + box.count * width)
      } else {
        fillRow(width, all, value, y - box.before.x * width)
      }
    }
  }
}

@inline(__always)
private func fillRow(_ width: Int, _ count: Int, _ value: Floats?, _ y: MutableFloats) {
  if width == 16 { fillRow(Vector.self, 16, count, value, y) } else { fillRow(ShortVector.self, 8, count, value, y) }
}

@inline(__always)
private func fillRow<V: FloatVector>(_: V.Type, _ width: Int, _ count: Int, _ value: Floats?, _ y: MutableFloats) {
  for part in 0..<width / V.lanes {
    let vector = value.map { V(loading: $0 + part * V.lanes) } ?? V(repeating: 0)
    for v in 0..<count { vector.stored(at: y + v * width + part * V.lanes) }
  }
}
