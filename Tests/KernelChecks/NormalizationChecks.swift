import KernelTable
import TestSupport

/// What stands beside the first summand.
private enum Second: CaseIterable { case none, plain, normed }

private func prelu(_ t: Double, _ slope: Float) -> Double { t > 0 ? t : t * Double(slope) }

/// `Coefficients` of channel c of a block, which start at `first`, applied to x, in double.
func normed(_ x: Float, _ coefficients: GuardedFloats, from first: Int = 0, _ width: Int, _ c: Int) -> Double {
  let scale = Double(coefficients[first + c]), shift = Double(coefficients[first + width + c]), mean = Double(coefficients[first + 3 * width + c])
  return prelu(scale * (Double(x) - mean) + shift, coefficients[first + 2 * width + c])
}

/// Rounds at most five times, each by 6e-8 of a term: terms are below 2.
private func check(_ width: Int, _ count: Int, _ second: Second, activated: Bool, plainFirst: Bool, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: 7)
  let rows = 3, row = (count + 1) * width
  func tensor() -> GuardedFloats {
    let t = GuardedFloats(rows * row)
    for r in 0..<rows { for i in 0..<count * width { t[r * row + i] = random.float() } }
    return t
  }
  func parameters() -> GuardedFloats { GuardedFloats(4 * width) { _ in random.float() } }
  let a = tensor(), b = tensor(), aNorm = parameters(), bNorm = parameters(), slope = parameters(), y = GuardedFloats(rows * row)
  kernels.normalization.normalize(
    width, rows, count, NormalizedOperand(a.floats, row: row, norm: plainFirst ? nil : aNorm.floats),
    second == .none ? nil : NormalizedOperand(b.floats, row: row, norm: second == .plain ? nil : bNorm.floats), activated ? slope.floats : nil, y.p, row)
  for r in 0..<rows {
    for i in 0..<count * width {
      let c = i % width, at = r * row + i
      var want = plainFirst ? Double(a[at]) : normed(a[at], aNorm, width, c)
      if second != .none { want += second == .plain ? Double(b[at]) : normed(b[at], bNorm, width, c) }
      if activated { want = prelu(want, slope[c]) }
      report.expect(y[at], want, within: 6e-7, "row \(r), float \(i)")
    }
    for i in count * width..<row { report.expect(y.isUntouched(r * row + i), "row \(r): wrote beyond its end") }
  }
  report.expectIntact(y)
}

private func checkAll(_ width: Int, _ count: Int, _ kernels: KernelTable, _ report: Report) {
  for second in Second.allCases {
    for activated in [false, true] {
      for plainFirst in [false, true] {
        report.place = (plainFirst ? "plain" : "normed") + (second == .none ? "" : second == .plain ? " + plain" : " + normed") + (activated ? ", activated" : "")
        check(width, count, second, activated: activated, plainFirst: plainFirst, kernels, report)
      }
    }
  }
}

private func checkInPlace(_ width: Int, _ kernels: KernelTable, _ report: Report) {
  let x = GuardedFloats(width * 3) { $0 == 4 ? .nan : Float($0) - 20 }
  let norm = GuardedFloats(4 * width) { $0 < width ? 2 : $0 < 2 * width ? 1 : $0 < 3 * width ? 0.5 : 0 }
  kernels.normalization.normalize(
    width, 1, 3, NormalizedOperand(x.floats, row: 0, norm: norm.floats), NormalizedOperand(x.floats, row: 0, norm: nil), nil, x.p, 0)
  for i in 0..<width * 3 {
    let was = Float(i) - 20, t = 2 * was + 1
    report.expect(x[i], equals: i == 4 ? .nan : (t > 0 ? t : t / 2) + was, "float \(i)")
  }
}

/// The result is of order 1; about eight roundings.
private func checkLayerNormalize(_ count: Int, _ kernels: KernelTable, _ report: Report) {
  for (offset, hasScale, hasShift) in [(Float(0), true, true), (500, true, false), (-3, false, true), (1, false, false)] {
    report.place = "offset \(offset)"
    var random = SplitMix64(seed: UInt64(count))
    let rows = 3, row = count + 3, x = GuardedFloats(rows * row), y = GuardedFloats(rows * row)
    for r in 0..<rows { for i in 0..<count { x[r * row + i] = random.float(2, offset: offset) } }
    let scale = GuardedFloats(count) { _ in random.float() }, shift = GuardedFloats(count) { _ in random.float() }
    kernels.normalization.layerNormalize(rows, count, x.floats, row, hasScale ? scale.floats : nil, hasShift ? shift.floats : nil, 1e-5, y.p, row)
    for r in 0..<rows {
      let values = (0..<count).map { Double(x[r * row + $0]) }, mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count), deviation = (variance + 1e-5).squareRoot()
      for i in 0..<count {
        let want = (values[i] - mean) / deviation * (hasScale ? Double(scale[i]) : 1) + (hasShift ? Double(shift[i]) : 0)
        // The mean itself is known to a rounding of the offset, which matters where the deviation is small against it.
        report.expect(y[r * row + i], want, within: 2e-6 + 1e-7 * Double(abs(offset)) / deviation, "row \(r), float \(i)")
      }
      for i in count..<row { report.expect(y.isUntouched(r * row + i), "row \(r): wrote beyond its end") }
    }
    report.expectIntact(y)
  }
}

extension KernelFamily {
  public static let normalization = KernelFamily(
    "normalization",
    momentsChecks
      + [(8, 1), (8, 96), (16, 1), (16, 2), (16, 17)].map { width, count in
        KernelCheck("normalize \(count) voxels in blocks of \(width)") { checkAll(width, count, $0, $1) }
      } + [8, 16].map { width in KernelCheck("normalize over an operand, blocks of \(width)") { checkInPlace(width, $0, $1) } }
      + [1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 63, 64, 65, 96, 768].map { count in
        KernelCheck("layer norm of \(count) numbers") { checkLayerNormalize(count, $0, $1) }
      })
}
