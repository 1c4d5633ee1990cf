/// A tile of `R` rows of `V.lanes` floats in registers, whose flat order can be turned round.
///
/// Number the floats by row and lane. `zip` puts the rows i and i + R/2 lane by lane into each other: the uppermost bit of a float's number
/// becomes its lowest. As many times as R has bits, and lanes come before rows; as many times as V.lanes has bits, and rows of a
/// tile in that other order come back. So a tile is transposed by moves between registers alone.
struct LaneTile<let R: Int, V: FloatVector> {
  /// Filled by a closure: `init(repeating:)` of large arrays becomes a weak function, which the linker may take from another module.
  var rows = InlineArray<R, V> { _ in V(repeating: 0) }

  @inline(__always) init() {}

  @inline(__always)
  mutating func zip() {
    let old = rows
    for i in 0..<R / 2 {
      rows[2 * i] = V.zipLow(old[i], old[i + R / 2])
      rows[2 * i + 1] = V.zipHigh(old[i], old[i + R / 2])
    }
  }

  /// `[R][lanes]` becomes `[lanes][R]`.
  @inline(__always)
  mutating func lanesFirst() {
    zip()
    if R > 2 { zip() }
    if R > 4 { zip() }
    if R > 8 { zip() }
  }

  /// `[lanes][R]` becomes `[R][lanes]`.
  @inline(__always)
  mutating func rowsFirst() {
    zip()
    if V.lanes > 2 { zip() }
    if V.lanes > 4 { zip() }
    if V.lanes > 8 { zip() }
  }
}
