import KernelTable
import TestSupport

private struct Case: Sendable {
  let m: Int, n: Int, k: Int
  var transposed = (a: false, b: false)
  var bias = false, addend = false, alpha: Float = 1
  var text: String {
    "\(m) x \(k) x \(n)" + (transposed.a ? " Aᵀ" : "") + (transposed.b ? " Bᵀ" : "") + (bias ? " + bias" : "") + (addend ? " + C" : "")
  }
}

private let cases: [Case] =
  [1, 3, 7, 8, 9, 16, 17, 24, 31, 47, 48, 49, 96, 97].map { Case(m: 13, n: $0, k: 11, bias: $0 % 2 == 1) }
  + [1, 2, 5, 6, 7, 8, 9, 23].map { Case(m: $0, n: 25, k: 5, addend: $0 % 2 == 0) }
  + [0, 1, 127, 128, 129, 300, 769, 1600].map { Case(m: 9, n: 50, k: $0, bias: true, addend: $0 > 128) }
  + [
    Case(m: 19, n: 40, k: 23, transposed: (true, false), alpha: 0.5), Case(m: 19, n: 40, k: 23, transposed: (false, true), bias: true),
    Case(m: 19, n: 40, k: 1023, transposed: (true, true), bias: true, addend: true, alpha: -2), Case(m: 343, n: 72, k: 24, bias: true),
  ]

/// A matrix in memory, rows or columns side by side.
private struct Matrix {
  let floats: GuardedFloats, row: Int, column: Int

  init(_ rows: Int, _ columns: Int, transposed: Bool, surplus: Int, _ random: inout SplitMix64) {
    let line = (transposed ? rows : columns) + surplus
    (row, column) = transposed ? (1, line) : (line, 1)
    floats = GuardedFloats((transposed ? columns : rows) * line)
    for i in 0..<rows { for j in 0..<columns { floats[i * row + j * column] = random.float() } }
  }

  subscript(i: Int, j: Int) -> Double { Double(floats[i * row + j * column]) }
}

/// A chain of k roundings of a sum below k / 2 in size: the error is far below `1e-7 * k`.
private func check(_ test: Case, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(test.k))
  let (m, n, k) = (test.m, test.n, test.k), matMul = kernels.matMul, cRow = n + 5
  let a = Matrix(m, k, transposed: test.transposed.a, surplus: 3, &random), b = Matrix(k, n, transposed: test.transposed.b, surplus: 2, &random)
  let bias = GuardedFloats(n) { _ in random.float() }, start = GuardedFloats(m * n) { _ in random.float() }
  let packed = GuardedFloats(matMul.packedCount(k: k, n: n)), c = GuardedFloats(m * cRow)
  matMul.pack(k, n, b.floats.floats, b.row, b.column, test.alpha, packed.p)
  report.expectIntact(packed, "the packed matrix")
  func multiply(_ c: GuardedFloats, _ rows: Range<Int>, _ panels: Range<Int>, addend: Floats, addendRow: Int) {
    let first = panels.lowerBound * matMul.panelColumns, end = min(n, panels.upperBound * matMul.panelColumns)
    matMul.multiply(
      rows.count, end - first, k, a.floats.floats + rows.lowerBound * a.row, a.row, a.column, packed.floats + first * k,
      test.bias ? bias.floats + first : nil, test.addend ? addend + rows.lowerBound * addendRow + first : nil, addendRow,
      c.p + rows.lowerBound * cRow + first, cRow)
  }
  let panels = (n + matMul.panelColumns - 1) / matMul.panelColumns
  multiply(c, 0..<m, 0..<panels, addend: start.floats, addendRow: n)
  for i in 0..<m {
    for j in 0..<n {
      var want = Double(test.bias ? bias[j] : 0) + Double(test.addend ? start[i * n + j] : 0)
      for l in 0..<k { want += Double(test.alpha) * a[i, l] * b[l, j] }
      report.expect(c[i * cRow + j], want, within: 1e-7 * Double(k + 4), "row \(i), column \(j)")
    }
    for j in n..<cRow { report.expect(c.isUntouched(i * cRow + j), "row \(i): wrote beyond its end") }
  }
  report.expectIntact(c)

  // Cut into rows and panels, and with the addend in place: the same bits.
  let cut = GuardedFloats(m * cRow)
  for i in 0..<m { for j in 0..<n { cut[i * cRow + j] = start[i * n + j] } }
  for panel in 0..<panels {
    for rows in [0..<m / 3, m / 3..<m] { multiply(cut, rows, panel..<panel + 1, addend: cut.floats, addendRow: cRow) }
  }
  report.expect(cut.bits == c.bits, "cut into rows and panels: other bits")
}

extension KernelFamily {
  public static let matMul = KernelFamily(
    "matrix products", cases.map { test in KernelCheck(test.text) { check(test, $0, $1) } } + attentionChecks)
}
