import Kernels
import TestSupport
import Testing

@Suite("moments")
struct MomentsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let width: Int, channels: Int, rows: Int, count: Int, offset: Float
    var testDescription: String { "\(width) wide, \(channels) channels, \(rows) rows of \(count), offset \(offset)" }
  }

  static let cases = [
    Case(width: 16, channels: 16, rows: 1, count: 1, offset: 0), Case(width: 16, channels: 13, rows: 3, count: 2, offset: 3),
    Case(width: 16, channels: 16, rows: 5, count: 7, offset: 100), Case(width: 16, channels: 1, rows: 4, count: 127, offset: 5000),
    Case(width: 16, channels: 4, rows: 2, count: 128, offset: -5000), Case(width: 16, channels: 16, rows: 3, count: 129, offset: 1),
    Case(width: 8, channels: 8, rows: 9, count: 96, offset: 0), Case(width: 8, channels: 3, rows: 7, count: 5, offset: 5000),
    Case(width: 8, channels: 1, rows: 1, count: 1, offset: 2), Case(width: 8, channels: 8, rows: 2, count: 1031, offset: 20000),
  ]

  /// Deviations from a float mean are exact or rounded once, their sums have at most 32 terms a chain: 1e-6 of the deviation.
  @Test(arguments: ISA.available, cases)
  func equalsDoubleLoop(isa: ISA, test: Case) {
    var random = SplitMix64(seed: UInt64(test.count))
    let row = (test.count + 2) * test.width, x = GuardedFloats(test.rows * row),
      state = UnsafeMutablePointer<Double>.allocate(capacity: 2 * test.width)
    defer { state.deallocate() }
    state.initialize(repeating: .nan, count: 2 * test.width)
    for r in 0..<test.rows {
      for v in 0..<test.count { for c in 0..<test.channels { x[r * row + v * test.width + c] = random.float(Float(c + 1), offset: test.offset) } }
    }
    isa.table.normalization.moments(test.width, test.rows, test.count, x.floats, row, 0, state)
    for c in 0..<test.channels {
      let values = (0..<test.rows).flatMap { r in (0..<test.count).map { Double(x[r * row + $0 * test.width + c]) } }
      let mean = values.reduce(0, +) / Double(values.count), m2 = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (m2 / Double(values.count)).squareRoot()
      #expect(abs(state[c] - mean) <= 1e-6 * deviation + 1e-12 * abs(mean), "channel \(c)")
      #expect(abs(state[test.width + c] - m2) <= 1e-6 * m2, "channel \(c)")
    }
  }

  /// Rows may be dealt out to several calls; parts may be joined afterwards.
  @Test(arguments: ISA.available, [8, 16])
  func doesNotDependOnCuts(isa: ISA, width: Int) {
    var random = SplitMix64(seed: 1)
    let rows = 6, count = 37, x = GuardedFloats((0..<rows * count * width).map { _ in random.float(2, offset: 7) })
    var whole = [Double](repeating: .nan, count: 2 * width), cut = whole, left = whole, right = whole
    let moments = isa.table.normalization.moments
    moments(width, rows, count, x.floats, count * width, 0, &whole)
    moments(width, 2, count, x.floats, count * width, 0, &cut)
    moments(width, 4, count, x.floats + 2 * count * width, count * width, 2 * count, &cut)
    #expect(whole == cut)
    moments(width, 2, count, x.floats, count * width, 0, &left)
    moments(width, 4, count, x.floats + 2 * count * width, count * width, 0, &right)
    var joined = [Double](repeating: .nan, count: 2 * width)
    Moments.merge(width: width, left, count: 2 * count, into: &joined, merged: 0)
    Moments.merge(width: width, right, count: 4 * count, into: &joined, merged: 2 * count)
    for i in 0..<2 * width { #expect(abs(joined[i] - whole[i]) <= 1e-12 * abs(whole[i])) }
  }

  @Test func affineMapNormalises() {
    // mean 3, M2 32 over 8 voxels: variance 4.
    var norm = [Float](repeating: .nan, count: 32)
    let state = [Double](repeating: 3, count: 8) + [Double](repeating: 32, count: 8)
    let gamma = (0..<8).map { Float($0) }, beta = (0..<8).map { Float(10 * $0) }
    Moments.affine(width: 8, state, count: 8, epsilon: 0, gamma: gamma, beta: beta, into: &norm)
    for lane in 0..<8 {
      #expect(norm[lane] == gamma[lane] / 2)
      #expect(norm[8 + lane] == beta[lane])
    }
    Moments.affine(width: 8, state, count: 8, epsilon: 12, gamma: nil, beta: nil, into: &norm)
    #expect(norm[..<8].allSatisfy { $0 == 0.25 })
    #expect(norm[8..<16].allSatisfy { $0 == 0 })
  }
}

@Suite("normalize")
struct NormalizeTests {
  /// What stands beside the first summand, which is normed unless `plainFirst`.
  enum Second: CaseIterable, Sendable { case none, plain, normed }

  /// Rounds at most five times, each by 6e-8 of a term: terms are below 2.
  @Test(arguments: ISA.available, [(8, 1), (8, 96), (16, 1), (16, 2), (16, 17)])
  func equalsDoubleLoop(isa: ISA, shape: (width: Int, count: Int)) {
    for second in Second.allCases {
      for activated in [false, true] {
        for plainFirst in [false, true] {
          check(isa, shape.width, shape.count, second, activated, plainFirst)
        }
      }
    }
  }

  private func check(_ isa: ISA, _ width: Int, _ count: Int, _ second: Second, _ activated: Bool, _ plainFirst: Bool) {
    var random = SplitMix64(seed: 7)
    let rows = 3, row = (count + 1) * width
    func tensor() -> GuardedFloats {
      let t = GuardedFloats(rows * row)
      for r in 0..<rows { for i in 0..<count * width { t[r * row + i] = random.float() } }
      return t
    }
    func parameters() -> GuardedFloats { GuardedFloats((0..<4 * width).map { _ in random.float() }) }
    let a = tensor(), b = tensor(), aNorm = parameters(), bNorm = parameters(), slope = parameters(), y = GuardedFloats(rows * row)
    isa.table.normalization.normalize(
      width, rows, count, NormalizedOperand(a.floats, row: row, norm: plainFirst ? nil : aNorm.floats),
      second == .none ? nil : NormalizedOperand(b.floats, row: row, norm: second == .plain ? nil : bNorm.floats), activated ? slope.floats : nil, y.p,
      row)
    func prelu(_ t: Double, _ slope: Float) -> Double { t > 0 ? t : t * Double(slope) }
    func normed(_ x: Float, _ norm: GuardedFloats, _ c: Int) -> Double {
      prelu(Double(norm[c]) * (Double(x) - Double(norm[3 * width + c])) + Double(norm[width + c]), norm[2 * width + c])
    }
    for r in 0..<rows {
      for i in 0..<count * width {
        let c = i % width, at = r * row + i
        var want = plainFirst ? Double(a[at]) : normed(a[at], aNorm, c)
        if second != .none { want += second == .plain ? Double(b[at]) : normed(b[at], bNorm, c) }
        if activated { want = prelu(want, slope[c]) }
        if !(abs(Double(y[at]) - want) <= 6e-7) {
          Issue.record("\(second), activated \(activated), plain \(plainFirst): row \(r), float \(i): \(y[at]), not \(want)")
        }
      }
      for i in count * width..<row { #expect(y.isUntouched(r * row + i)) }
    }
    #expect(y.marginIsIntact)
  }

  @Test(arguments: ISA.available, [8, 16])
  func mayOverwriteAnOperandAndKeepsNaN(isa: ISA, width: Int) {
    let x = GuardedFloats((0..<width * 3).map { $0 == 4 ? .nan : Float($0) - 20 })
    let norm = GuardedFloats((0..<4 * width).map { $0 < width ? 2 : $0 < 2 * width ? 1 : $0 < 3 * width ? 0.5 : 0 })
    isa.table.normalization.normalize(
      width, 1, 3, NormalizedOperand(x.floats, row: 0, norm: norm.floats), NormalizedOperand(x.floats, row: 0, norm: nil), nil, x.p, 0)
    for i in 0..<width * 3 {
      let was = Float(i) - 20, t = 2 * was + 1
      #expect(i == 4 ? x[i].isNaN : x[i] == (t > 0 ? t : t / 2) + was)
    }
  }
}

@Suite("layerNormalize")
struct LayerNormalizeTests {
  /// The result is of order 1; about eight roundings.
  @Test(arguments: ISA.available, [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 63, 64, 65, 96, 768])
  func equalsDoubleLoop(isa: ISA, count: Int) {
    for (offset, hasScale, hasShift) in [(Float(0), true, true), (500, true, false), (-3, false, true), (1, false, false)] {
      var random = SplitMix64(seed: UInt64(count))
      let rows = 3, row = count + 3
      let x = GuardedFloats(rows * row), y = GuardedFloats(rows * row), scale = GuardedFloats(count), shift = GuardedFloats(count)
      for r in 0..<rows { for i in 0..<count { x[r * row + i] = random.float(2, offset: offset) } }
      for i in 0..<count {
        scale[i] = random.float()
        shift[i] = random.float()
      }
      isa.table.normalization.layerNormalize(
        rows, count, x.floats, row, hasScale ? scale.floats : nil, hasShift ? shift.floats : nil, 1e-5, y.p, row)
      for r in 0..<rows {
        let values = (0..<count).map { Double(x[r * row + $0]) }, mean = values.reduce(0, +) / Double(count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        for i in 0..<count {
          let want = (values[i] - mean) / (variance + 1e-5).squareRoot() * (hasScale ? Double(scale[i]) : 1) + (hasShift ? Double(shift[i]) : 0)
          // The mean itself is known to a rounding of the offset, which matters where the deviation is small against it.
          let bound = 2e-6 + 1e-7 * Double(abs(offset)) / (variance + 1e-5).squareRoot()
          #expect(abs(Double(y[r * row + i]) - want) <= bound, "offset \(offset), row \(r), float \(i)")
        }
        for i in count..<row { #expect(y.isUntouched(r * row + i)) }
      }
      #expect(y.marginIsIntact)
    }
  }
}
