import KernelTable

/// Columns of a panel.
let panelWidth = panelVectors * Vector.lanes

/// Lays out `alpha * B` for `multiply`: `[panel][k][panelColumns]`, see `MatMulKernels`.
///
/// - b: k rows and n columns, `bRow` and `bColumn` floats apart; a transposed matrix has its strides exchanged.
/// - packed: `MatMulKernels.packedCount(k, n)` floats.
@inline(never)
func packPanels(_ k: Int, _ n: Int, _ b: Floats, _ bRow: Int, _ bColumn: Int, _ alpha: Float, _ packed: MutableFloats) {
  var packed = packed
  for first in stride(from: 0, to: n, by: panelWidth) {
    let columns = min(panelWidth, n - first), width = (columns + Vector.lanes - 1) / Vector.lanes * Vector.lanes
    for l in 0..<k {
      let b = b + l * bRow + first * bColumn, row = packed + l * width
      if bColumn == 1 {
        forEachVector(columns) { j, lanes in Vector.mul(Vector(repeating: alpha), Vector(loading: b + j, lanes)).stored(at: row + j) }
      } else {
        for j in 0..<columns { row[j] = alpha * b[j * bColumn] }
        for j in columns..<width { row[j] = 0 }
      }
    }
    packed += k * width
  }
}

/// `C = A B + bias + addend`, float32.
///
/// - a: m rows and k columns, `aRow` and `aColumn` floats apart: a transposed matrix has its strides exchanged.
/// - packed: B by `packPanels`, k rows and n columns. Alpha is there.
/// - bias: `[n]`, or nil. addend: m rows `addendRow` floats apart, or nil; `addend` may be `c`.
/// - c: m rows of n floats, `cRow` floats apart; what lies between rows is not touched.
///
/// Each element is one chain of multiply-adds over ascending k from `bias + addend` on: its bits depend neither on the rows and columns
/// of a call nor on the blocks. B is read in blocks of 24 KiB that stay in L1 while the rows pass; A comes from L2.
@inline(never)
func multiply(
  _ m: Int, _ n: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ packed: Floats, _ bias: Floats?, _ addend: Floats?, _ addendRow: Int,
  _ c: MutableFloats, _ cRow: Int
) {
  let block = 6144 / panelWidth
  for first in stride(from: 0, to: n, by: panelWidth) {
    let columns = min(panelWidth, n - first), vectors = (columns + Vector.lanes - 1) / Vector.lanes, width = vectors * Vector.lanes
    let panel = packed + first * k, c = c + first
    let start = TileStart(bias: bias.map { $0 + first }, matrix: addend.map { $0 + first }, row: addendRow)
    var l = 0
    repeat {
      let depth = min(block, k - l), a = a + l * aColumn, b = panel + l * width
      let start = l == 0 ? start : TileStart(bias: nil, matrix: Floats(c), row: cRow)
      multiplyPanel(vectors, m, columns, depth, a, aRow, aColumn, b, start, c, cRow)
      l += block
    } while l < k
  }
}

/// All rows times one block of one panel of 1, 2 or 3 vectors.
@inline(__always)
private func multiplyPanel(
  _ vectors: Int, _ m: Int, _ columns: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ b: Floats, _ start: TileStart, _ c: MutableFloats,
  _ cRow: Int
) {
  for row in stride(from: 0, to: m, by: matMulRows) {
    let rows = min(matMulRows, m - row), a = a + row * aRow, c = c + row * cRow
    let start = TileStart(bias: start.bias, matrix: start.matrix.map { $0 + row * start.row }, row: start.row)
    switch vectors {
    case 1: MatMulTile<1>.multiply(rows, columns, k, a, aRow, aColumn, b, start, c, cRow)
    case 2: MatMulTile<2>.multiply(rows, columns, k, a, aRow, aColumn, b, start, c, cRow)
    default: if panelVectors > 2 { MatMulTile<3>.multiply(rows, columns, k, a, aRow, aColumn, b, start, c, cRow) }
    }
  }
}
