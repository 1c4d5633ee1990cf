import KernelTable

/// `y[r * yRow + c * yColumn] = x[r * xRow + c * xColumn]`: copies, transposes, reverses (negative strides), repeats (strides 0 of x).
///
/// Fast if both have columns side by side, or if x has rows and y has columns side by side, which is a transposition. No overlap.
@inline(never)
func copyMatrix(_ rows: Int, _ columns: Int, _ x: Floats, _ xRow: Int, _ xColumn: Int, _ y: MutableFloats, _ yRow: Int, _ yColumn: Int) {
  if xColumn == 1 && yColumn == 1 && columns <= 64 { // A call of the system's copy for each would take longer.
    for r in 0..<rows { copyShort(columns, x + r * xRow, y + r * yRow) }
  } else if xColumn == 1 && yColumn == 1 {
    for r in 0..<rows { (y + r * yRow).update(from: x + r * xRow, count: columns) }
  } else if xRow == 1 && yColumn == 1 {
    let wholeRows = rows - rows % Vector.lanes, wholeColumns = columns - columns % Vector.lanes
    for r in stride(from: 0, to: wholeRows, by: Vector.lanes) {
      for c in stride(from: 0, to: wholeColumns, by: Vector.lanes) {
        SquareTile.transpose(x + r + c * xColumn, xColumn, y + r * yRow + c, yRow)
      }
    }
    copyPart(0..<wholeRows, wholeColumns..<columns, x, xRow, xColumn, y, yRow, yColumn)
    copyPart(wholeRows..<rows, 0..<columns, x, xRow, xColumn, y, yRow, yColumn)
  } else {
    copyPart(0..<rows, 0..<columns, x, xRow, xColumn, y, yRow, yColumn)
  }
}

/// Row i of y is row `indices[i]` of x, or zeros where the index is negative: `count` rows of `length` floats. The caller has checked the
/// indices. No overlap.
@inline(never)
func gatherRows(_ count: Int, _ length: Int, _ indices: UnsafePointer<Int>, _ x: Floats, _ xRow: Int, _ y: MutableFloats, _ yRow: Int) {
  let zero = Vector(repeating: 0)
  for i in 0..<count {
    let y = y + i * yRow
    if indices[i] < 0 {
      forEachVector(length) { j, lanes in zero.stored(at: y + j, lanes) }
    } else {
      let x = x + indices[i] * xRow
      forEachVector(length) { j, lanes in Vector(loading: x + j, lanes).stored(at: y + j, lanes) }
    }
  }
}

@inline(__always)
private func copyPart(
  _ rows: Range<Int>, _ columns: Range<Int>, _ x: Floats, _ xRow: Int, _ xColumn: Int, _ y: MutableFloats, _ yRow: Int, _ yColumn: Int
) {
  for r in rows { for c in columns { y[r * yRow + c * yColumn] = x[r * xRow + c * xColumn] } }
}

extension LaneTile {
  /// `y[r][c] = x[c][r]` for one square tile.
  @inline(__always)
  fileprivate static func transpose(_ x: Floats, _ xRow: Int, _ y: MutableFloats, _ yRow: Int) {
    var tile = LaneTile()
    for c in 0..<R { tile.rows[c] = V(loading: x + c * xRow) }
    tile.lanesFirst()
    for r in 0..<R { tile.rows[r].stored(at: y + r * yRow) }
  }
}
