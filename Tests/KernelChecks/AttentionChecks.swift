import CLibm
import KernelTable
import TestSupport

/// One head. Queries run along columns of their tensor, values lie in a wider one.
private struct Head {
  let queries: Int, tokens: Int, size: Int, hasBias: Bool, hasMask: Bool
  let q: GuardedFloats, k: GuardedFloats, v: GuardedFloats, bias: GuardedFloats, mask: GuardedFloats, regions: GuardedFloats
  let scale: Float = 0.3, penalty: Float = -50

  enum Scores {
    /// Of order 1.
    case near
    /// Exact, thousands from zero and some of them -infinity.
    case far
    /// Those of every third query 64 times as large.
    case mixed
  }

  /// - scores: see `Scores`.
  init(queries: Int, tokens: Int, size: Int, hasBias: Bool, hasMask: Bool, scores: Scores) {
    (self.queries, self.tokens, self.size, self.hasBias, self.hasMask) = (queries, tokens, size, hasBias, hasMask)
    var random = SplitMix64(seed: 1)
    let isFar = scores == .far
    q = GuardedFloats(queries * size) { i in isFar ? 0 : random.float(3) * (scores == .mixed && i % queries % 3 == 0 ? 64 : 1) }
    k = GuardedFloats(tokens * (size + 2)) { _ in random.float() }
    v = GuardedFloats(tokens * 2 * (size + 1)) { _ in random.float() }
    bias = GuardedFloats(queries * tokens) { _ in isFar ? 4096 + Float(Int(random.float(2) * 64)) / 64 : random.float(2) }
    mask = GuardedFloats(queries * tokens) { $0 % 5 == 3 ? (isFar ? -.infinity : -100) : 0 }
    regions = GuardedFloats(tokens) { Float($0 % 3) }
  }

  /// Keys with a bias follow each other without gaps.
  var keyRow: Int { hasBias ? size : size + 2 }
  var valueSize: Int { size + 1 }
  var resultRow: Int { valueSize + 2 }
  var hasRegions: Bool { queries == tokens }
  /// Of bias and mask.
  var bound: Float {
    func largest(_ matrix: GuardedFloats) -> Float { (0..<matrix.count).reduce(0) { max($0, abs(matrix[$1])) } }
    return (hasBias ? largest(bias) : 0) + (hasMask ? largest(mask) : 0)
  }

  /// The queries `range` of this head.
  func attend(_ range: Range<Int>, _ kernels: MatMulKernels, _ y: GuardedFloats, scratch: GuardedFloats) {
    let shape = AttentionShape(
      queries: range.count, tokens: tokens, keySize: size, valueSize: valueSize, query: .init(row: 1, number: queries),
      key: .init(row: keyRow, number: 1), value: .init(row: 2 * valueSize, number: 2), resultRow: resultRow, scale: scale)
    let first = range.lowerBound
    func packed(_ matrix: GuardedFloats) -> GuardedFloats {
      let packed = GuardedFloats(kernels.packedCount(k: tokens, n: range.count))
      kernels.pack(tokens, range.count, matrix.floats + first * tokens, 1, tokens, 1, packed.p)
      return packed
    }
    let packedBias = packed(bias), packedMask = packed(mask), keyBounds = GuardedFloats(size)
    kernels.keyBounds(shape, k.floats, keyBounds.p)
    kernels.attend(
      shape, q.floats + first, k.floats, v.floats,
      AttentionAddends(
        bias: hasBias ? packedBias.floats : nil, mask: hasMask ? packedMask.floats : nil, regions: hasRegions ? regions.floats : nil,
        penalty: penalty, firstQuery: first, bound: bound, keyBounds: keyBounds.floats),
      y.p + first * resultRow, scratch.p)
  }

  /// The result of query i in double.
  func want(_ i: Int) -> [Double] {
    var scores: [Double] = [], largest = -Double.infinity, sum = 0.0
    for t in 0..<tokens {
      var score = (hasBias ? Double(bias[i * tokens + t]) : 0) + (hasMask ? Double(mask[i * tokens + t]) : 0)
      if hasRegions && i % 3 != t % 3 { score += Double(penalty) }
      for c in 0..<size { score += Double(scale) * Double(q[c * queries + i]) * Double(k[t * keyRow + c]) }
      scores.append(score)
      largest = max(largest, score)
    }
    let weights = scores.map { clibm_exp($0 - largest) }
    for weight in weights { sum += weight }
    return (0..<valueSize).map { c in
      var result = 0.0
      for t in 0..<tokens { result += weights[t] / sum * Double(v[(t * valueSize + c) * 2]) }
      return result
    }
  }
}

/// Scores of order 1, or exact ones: exponentials are good to 3e-7, the result is a mean of values below 1. Of larger scores a rounding counts more.
private func check(_ queries: Int, _ tokens: Int, _ size: Int, _ scores: Head.Scores, _ kernels: KernelTable, _ report: Report) {
  for (hasBias, hasMask) in [(true, true), (true, false), (false, true), (false, false)] {
    report.place = (hasBias ? "bias " : "") + (hasMask ? "mask" : "")
    let head = Head(queries: queries, tokens: tokens, size: size, hasBias: hasBias, hasMask: hasMask, scores: scores), matMul = kernels.matMul
    let y = GuardedFloats(queries * head.resultRow), cut = GuardedFloats(y.count)
    let scratch = GuardedFloats(matMul.attentionScratch(tokens: tokens, keySize: size, valueSize: head.valueSize))
    head.attend(0..<queries, matMul, y, scratch: scratch)
    for i in 0..<queries {
      let want = head.want(i), tolerance = scores == .mixed && i % 3 == 0 ? 1e-4 : 3e-6
      for c in 0..<head.valueSize { report.expect(y[i * head.resultRow + c], want[c], within: tolerance, "query \(i), number \(c)") }
      report.expect(y.isUntouched(i * head.resultRow + head.valueSize), "query \(i): wrote beyond its result")
    }
    report.expectIntact(y)
    report.expectIntact(scratch, "scratch")
    head.attend(0..<queries / 2, matMul, cut, scratch: scratch)
    head.attend(queries / 2..<queries, matMul, cut, scratch: scratch)
    report.expect(cut.bits == y.bits, "cut: other bits")
  }
}

let attentionChecks =
  [(1, 1, 1), (5, 7, 3), (9, 16, 8), (17, 27, 12), (49, 49, 8), (60, 343, 8), (12, 64, 32)].map { queries, tokens, size in
    KernelCheck("attention of \(queries) queries to \(tokens) tokens of \(size)") { check(queries, tokens, size, .near, $0, $1) }
  } + [KernelCheck("attention to scores far from zero") { check(20, 27, 8, .far, $0, $1) }]
  + [KernelCheck("attention to scores near and far") { check(67, 67, 8, .mixed, $0, $1) }]
