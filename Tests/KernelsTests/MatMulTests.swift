import Foundation
import Kernels
import TestSupport
import Testing

@Suite("matrix products")
struct MatMulTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let m: Int, n: Int, k: Int
    var transposed = (a: false, b: false)
    var bias = false, addend = false, alpha: Float = 1
    var testDescription: String {
      "\(m) x \(k) x \(n)\(transposed.a ? " Aᵀ" : "")\(transposed.b ? " Bᵀ" : "")\(bias ? " + bias" : "")\(addend ? " + C" : "")"
    }
  }

  static let cases: [Case] =
    [1, 3, 7, 8, 9, 16, 17, 24, 31, 47, 48, 49, 96, 97].map { Case(m: 13, n: $0, k: 11, bias: $0 % 2 == 1) }
    + [1, 2, 5, 6, 7, 8, 9, 23].map { Case(m: $0, n: 25, k: 5, addend: $0 % 2 == 0) }
    + [0, 1, 127, 128, 129, 300, 769, 1600].map { Case(m: 9, n: 50, k: $0, bias: true, addend: $0 > 128) }
    + [
      Case(m: 19, n: 40, k: 23, transposed: (true, false), alpha: 0.5), Case(m: 19, n: 40, k: 23, transposed: (false, true), bias: true),
      Case(m: 19, n: 40, k: 1023, transposed: (true, true), bias: true, addend: true, alpha: -2), Case(m: 343, n: 72, k: 24, bias: true),
    ]

  /// A chain of k roundings of a sum below k / 2 in size: the error is far below `1e-7 * k`.
  @Test(arguments: ISA.available, cases)
  func equalsDoubleLoop(isa: ISA, test: Case) {
    var random = SplitMix64(seed: UInt64(test.k))
    let (m, n, k) = (test.m, test.n, test.k), matMul = isa.table.matMul
    let aLine = (test.transposed.a ? m : k) + 3, bLine = (test.transposed.b ? k : n) + 2, cRow = n + 5
    let a = GuardedFloats((test.transposed.a ? k : m) * aLine), b = GuardedFloats((test.transposed.b ? n : k) * bLine), c = GuardedFloats(m * cRow)
    let aRow = test.transposed.a ? 1 : aLine, aColumn = test.transposed.a ? aLine : 1
    let bRow = test.transposed.b ? 1 : bLine, bColumn = test.transposed.b ? bLine : 1
    for l in 0..<k {
      for i in 0..<m { a[i * aRow + l * aColumn] = random.float() }
      for j in 0..<n { b[l * bRow + j * bColumn] = random.float() }
    }
    let bias = GuardedFloats((0..<n).map { _ in random.float() }), start = GuardedFloats((0..<m * n).map { _ in random.float() })
    let packed = GuardedFloats(matMul.packedCount(k: k, n: n))
    matMul.pack(k, n, b.floats, bRow, bColumn, test.alpha, packed.p)
    #expect(packed.marginIsIntact)
    func multiply(_ c: GuardedFloats, _ rows: Range<Int>, _ panels: Range<Int>, addend: Floats, addendRow: Int) {
      let first = panels.lowerBound * matMul.panelColumns, end = min(n, panels.upperBound * matMul.panelColumns)
      matMul.multiply(
        rows.count, end - first, k, a.floats + rows.lowerBound * aRow, aRow, aColumn, packed.floats + first * k,
        test.bias ? bias.floats + first : nil,
        test.addend ? addend + rows.lowerBound * addendRow + first : nil, addendRow, c.p + rows.lowerBound * cRow + first, cRow)
    }
    let panels = (n + matMul.panelColumns - 1) / matMul.panelColumns
    multiply(c, 0..<m, 0..<panels, addend: start.floats, addendRow: n)
    for i in 0..<m {
      for j in 0..<n {
        var want = Double(test.bias ? bias[j] : 0) + Double(test.addend ? start[i * n + j] : 0)
        for l in 0..<k { want += Double(test.alpha) * Double(a[i * aRow + l * aColumn]) * Double(b[l * bRow + j * bColumn]) }
        let error = abs(Double(c[i * cRow + j]) - want)
        if !(error <= 1e-7 * Double(k + 4)) { Issue.record("row \(i), column \(j): \(c[i * cRow + j]), not \(want)") }
      }
      for j in n..<cRow { #expect(c.isUntouched(i * cRow + j)) }
    }
    #expect(c.marginIsIntact)

    // Cut into rows and panels, and with the addend in place: the same bits.
    let cut = GuardedFloats(m * cRow)
    for i in 0..<m { for j in 0..<n { cut[i * cRow + j] = start[i * n + j] } }
    for panel in 0..<panels {
      for rows in [0..<m / 3, m / 3..<m] { multiply(cut, rows, panel..<panel + 1, addend: cut.floats, addendRow: cRow) }
    }
    #expect(cut.bits == c.bits)
  }
}

@Suite("attention")
struct AttentionTests {
  /// Scores of order 1: exponentials are good to 3e-7, the result is a mean of values below 1.
  @Test(arguments: ISA.available, [(1, 1, 1), (5, 7, 3), (9, 16, 8), (17, 27, 12), (49, 49, 8), (60, 343, 8), (12, 64, 32)])
  func equalsDoubleLoop(isa: ISA, sizes: (queries: Int, tokens: Int, size: Int)) {
    for (hasBias, hasMask) in [(true, true), (true, false), (false, true), (false, false)] {
      var random = SplitMix64(seed: 1)
      let (queries, tokens, size) = sizes, matMul = isa.table.matMul, valueSize = size + 1, scale: Float = 0.3, hasRegions = queries == tokens
      // Queries run along columns of their tensor, values lie in a wider one.
      let q = GuardedFloats((0..<queries * size).map { _ in random.float(3) }), k = GuardedFloats((0..<tokens * (size + 2)).map { _ in random.float() })
      let v = GuardedFloats((0..<tokens * 2 * valueSize).map { _ in random.float() }),
        bias = GuardedFloats((0..<queries * tokens).map { _ in random.float(2) })
      let mask = GuardedFloats((0..<queries * tokens).map { $0 % 5 == 3 ? -100 : 0 }), y = GuardedFloats(queries * (valueSize + 2))
      let regions = GuardedFloats((0..<tokens).map { Float($0 % 3) })
      let scratch = GuardedFloats(matMul.attentionScratch(tokens: tokens, keySize: size, valueSize: valueSize))
      func attend(_ range: Range<Int>, _ y: GuardedFloats) {
        let shape = AttentionShape(
          queries: range.count, tokens: tokens, keySize: size, valueSize: valueSize, query: .init(row: 1, number: queries),
          key: .init(row: size + 2, number: 1), value: .init(row: 2 * valueSize, number: 2), resultRow: valueSize + 2, scale: scale)
        let first = range.lowerBound
        func packed(_ matrix: GuardedFloats) -> GuardedFloats {
          let packed = GuardedFloats(matMul.packedCount(k: tokens, n: range.count))
          matMul.pack(tokens, range.count, matrix.floats + first * tokens, 1, tokens, 1, packed.p)
          return packed
        }
        let packedBias = packed(bias), packedMask = packed(mask)
        matMul.attend(
          shape, q.floats + first, k.floats, v.floats,
          AttentionAddends(
            bias: hasBias ? packedBias.floats : nil, mask: hasMask ? packedMask.floats : nil,
            regions: hasRegions ? regions.floats : nil, penalty: -50, firstQuery: first),
          y.p + first * (valueSize + 2), scratch.p)
      }
      attend(0..<queries, y)
      for i in 0..<queries {
        let scores = (0..<tokens).map { t in
          (0..<size).reduce(0.0) { $0 + Double(scale) * Double(q[$1 * queries + i]) * Double(k[t * (size + 2) + $1]) }
            + (hasBias ? Double(bias[i * tokens + t]) : 0) + (hasMask ? Double(mask[i * tokens + t]) : 0)
            + (hasRegions && i % 3 != t % 3 ? -50 : 0)
        }
        let largest = scores.max() ?? 0, e = scores.map { exp($0 - largest) }, sum = e.reduce(0, +)
        for c in 0..<valueSize {
          let want = (0..<tokens).reduce(0.0) { $0 + e[$1] / sum * Double(v[($1 * valueSize + c) * 2]) }
          #expect(abs(Double(y[i * (valueSize + 2) + c]) - want) <= 3e-6, "query \(i), number \(c)")
        }
        #expect(y.isUntouched(i * (valueSize + 2) + valueSize))
      }
      #expect(y.marginIsIntact && scratch.marginIsIntact)
      let cut = GuardedFloats(y.count)
      attend(0..<queries / 2, cut)
      attend(queries / 2..<queries, cut)
      #expect(cut.bits == y.bits)
    }
  }
}
