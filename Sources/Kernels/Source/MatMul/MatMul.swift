import KernelTable

/// Columns that are computed together: a part of a block of 16, or some whole ones.
let panelWidth = panelVectors * Vector.lanes

/// From vector to vector of a panel of a matrix in blocks of 16 columns, k rows each.
@inline(__always)
func vectorStep(_ k: Int) -> Int { Vector.lanes < 16 ? Vector.lanes : 16 * k }

/// Where a panel of a matrix in blocks begins; `column` is a multiple of `panelWidth`.
@inline(__always)
func panelStart(_ column: Int, _ k: Int) -> Int { panelWidth < 16 ? column / 16 * 16 * k + column % 16 : column * k }

/// Lays out `alpha * B` for `multiply`: `[block][k][16]`, see `MatMulKernels`.
///
/// - b: k rows and n columns, `bRow` and `bColumn` floats apart; a transposed matrix has its strides exchanged.
/// - packed: `MatMulKernels.packedCount(k, n)` floats.
@inline(never)
func packPanels(_ k: Int, _ n: Int, _ b: Floats, _ bRow: Int, _ bColumn: Int, _ alpha: Float, _ packed: MutableFloats) {
  for first in stride(from: 0, to: n, by: 16) {
    let columns = min(16, n - first)
    if bRow == 1 && columns == 16 { // Transposed in squares.
      let panel = packed + first * k, factor = Vector(repeating: alpha)
      copyMatrix(k, 16, b + first * bColumn, 1, bColumn, panel, 16, 1)
      if alpha != 1 { forEachVector(16 * k) { i, _ in Vector.mul(factor, load(Floats(panel + i))).stored(at: panel + i) } }
      continue
    }
    for l in 0..<k {
      let b = b + l * bRow + first * bColumn, row = packed + first * k + l * 16
      if bColumn == 1 {
        forEachVector(columns) { j, lanes in Vector.mul(Vector(repeating: alpha), Vector(loading: b + j, lanes)).stored(at: row + j) }
      } else {
        for j in 0..<columns { row[j] = alpha * b[j * bColumn] }
      }
      for j in columns..<16 { row[j] = 0 }
    }
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
  for first in stride(from: 0, to: n, by: panelWidth) {
    multiplyPanel(
      m, min(panelWidth, n - first), k, a, aRow, aColumn, packed + panelStart(first, k),
      TileStart(bias: bias.map { $0 + first }, matrix: addend.map { $0 + first }, row: addendRow, step: Vector.lanes), c + first, cRow, Vector.lanes)
  }
}

/// The product with one panel, see `multiply`.
///
/// - columns: at most `panelWidth`. packed: the panel's start.
/// - c: rows `cRow` floats apart, vectors of columns `cStep` floats apart.
@inline(never)
func multiplyPanel(
  _ m: Int, _ columns: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ packed: Floats, _ start: TileStart, _ c: MutableFloats, _ cRow: Int,
  _ cStep: Int
) {
  let block = 6144 / panelWidth, vectors = (columns + Vector.lanes - 1) / Vector.lanes, step = vectorStep(k)
  var l = 0
  repeat {
    let depth = min(block, k - l), right = TileColumns(floats: packed + l * 16, step: step)
    let start = l == 0 ? start : TileStart(bias: nil, matrix: Floats(c), row: cRow, step: cStep)
    for row in stride(from: 0, to: m, by: matMulRows) {
      let rows = min(matMulRows, m - row), a = a + l * aColumn + row * aRow, c = c + row * cRow
      let start = TileStart(bias: start.bias, matrix: start.matrix.map { $0 + row * start.row }, row: start.row, step: start.step)
      switch vectors {
      case 1: MatMulTile<1>.multiply(rows, columns, depth, a, aRow, aColumn, right, start, c, cRow, cStep)
      case 2: MatMulTile<2>.multiply(rows, columns, depth, a, aRow, aColumn, right, start, c, cRow, cStep)
      case 3: if panelVectors > 2 { MatMulTile<3>.multiply(rows, columns, depth, a, aRow, aColumn, right, start, c, cRow, cStep) }
      default: if panelVectors > 3 { MatMulTile<4>.multiply(rows, columns, depth, a, aRow, aColumn, right, start, c, cRow, cStep) }
      }
    }
    l += block
  } while l < k
}
