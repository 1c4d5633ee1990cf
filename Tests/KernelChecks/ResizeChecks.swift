import KernelTable
import TestSupport

/// Nearest, linear and cubic shapes of tables in 3D and 2D; weights below 1, so some 20 roundings of terms below 1.
private func check(rows: Int, taps: Int, _ kernels: KernelTable, _ report: Report) {
  for (width, channels, count) in [(8, 1, 1), (8, 8, 7), (16, 13, 5), (16, 16, 12)] {
    report.place = "\(channels) channels in blocks of \(width), \(count) results"
    var random = SplitMix64(seed: UInt64(count))
    let inputs = 6, row = inputs * width, x = GuardedFloats(rows * row)
    for i in 0..<rows * inputs { for c in 0..<channels { x[i * width + c] = random.float() } }
    let offsets = (0..<rows).map { ($0 * 5 + 2) % rows * row }
    let rowWeights = GuardedFloats(rows) { _ in random.float() }, weights = GuardedFloats(count * taps) { _ in random.float() }
    let positions = (0..<count * taps).map { _ in random.below(inputs) }, y = GuardedFloats(count * width)
    kernels.resize.row(width, count, rows, offsets, rowWeights.floats, taps, positions, weights.floats, x.floats, y.p)
    for o in 0..<count {
      for c in 0..<channels {
        var want = 0.0
        for t in o * taps..<(o + 1) * taps {
          for r in 0..<rows { want += Double(weights[t]) * Double(rowWeights[r]) * Double(x[offsets[r] + positions[t] * width + c]) }
        }
        report.expect(y[o * width + c], want, within: 2e-6, "result \(o), channel \(c)")
      }
    }
    report.expectIntact(y)
  }
}

extension KernelFamily {
  public static let resize = KernelFamily(
    "resize",
    [(1, 1), (2, 2), (4, 2), (1, 2), (16, 4), (3, 3)].map { rows, taps in
      KernelCheck("\(rows) rows, \(taps) taps") { check(rows: rows, taps: taps, $0, $1) }
    })
}
