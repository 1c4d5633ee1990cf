import KernelTable
import TestSupport

private struct Case: Sendable {
  let width: Int, channels: Int, rows: Int, count: Int, offset: Float
  var text: String { "of \(channels) channels in blocks of \(width), \(rows) rows of \(count), offset \(offset)" }
}

private let cases = [
  Case(width: 16, channels: 16, rows: 1, count: 1, offset: 0), Case(width: 16, channels: 13, rows: 3, count: 2, offset: 3),
  Case(width: 16, channels: 16, rows: 5, count: 7, offset: 100), Case(width: 16, channels: 1, rows: 4, count: 127, offset: 5000),
  Case(width: 16, channels: 4, rows: 2, count: 128, offset: -5000), Case(width: 16, channels: 16, rows: 3, count: 129, offset: 1),
  Case(width: 8, channels: 8, rows: 9, count: 96, offset: 0), Case(width: 8, channels: 3, rows: 7, count: 5, offset: 5000),
  Case(width: 8, channels: 1, rows: 1, count: 1, offset: 2), Case(width: 8, channels: 8, rows: 2, count: 1031, offset: 20000),
]

/// Deviations from a float mean are exact or rounded once, their sums have at most 32 terms a chain: 1e-6 of the deviation.
private func check(_ test: Case, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(test.count))
  let row = (test.count + 2) * test.width, x = GuardedFloats(test.rows * row)
  for r in 0..<test.rows {
    for v in 0..<test.count { for c in 0..<test.channels { x[r * row + v * test.width + c] = random.float(Float(c + 1), offset: test.offset) } }
  }
  var state = [Double](repeating: .nan, count: 2 * test.width)
  kernels.normalization.moments(test.width, test.rows, test.count, x.floats, row, 0, &state)
  for c in 0..<test.channels {
    let values = (0..<test.rows).flatMap { r in (0..<test.count).map { Double(x[r * row + $0 * test.width + c]) } }
    let mean = values.reduce(0, +) / Double(values.count), m2 = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (m2 / Double(values.count)).squareRoot()
    report.expect(abs(state[c] - mean) <= 1e-6 * deviation + 1e-12 * abs(mean), "mean of channel \(c) is \(state[c]), not \(mean)")
    report.expect(abs(state[test.width + c] - m2) <= 1e-6 * m2, "squares of channel \(c) are \(state[test.width + c]), not \(m2)")
  }
}

/// Rows may be dealt out to several calls.
private func checkCuts(_ width: Int, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: 1)
  let rows = 6, count = 37, x = GuardedFloats(rows * count * width) { _ in random.float(2, offset: 7) }
  var whole = [Double](repeating: .nan, count: 2 * width), cut = whole
  let moments = kernels.normalization.moments
  moments(width, rows, count, x.floats, count * width, 0, &whole)
  moments(width, 2, count, x.floats, count * width, 0, &cut)
  moments(width, 4, count, x.floats + 2 * count * width, count * width, 2 * count, &cut)
  report.expect(whole == cut, "two calls: other bits")
}

let momentsChecks =
  cases.map { test in KernelCheck("moments \(test.text)") { check(test, $0, $1) } }
  + [8, 16].map { width in KernelCheck("moments do not depend on cuts, blocks of \(width)") { checkCuts(width, $0, $1) } }
