import Kernels
import TestSupport
import Testing

@Suite("resize rows")
struct ResizeTests {
  /// Nearest, linear and cubic shapes of tables in 3D and 2D; weights below 1, so some 20 roundings of terms below 1.
  @Test(arguments: ISA.available, [(1, 1), (2, 2), (4, 2), (1, 2), (16, 4), (3, 3)])
  func equalDoubleLoops(isa: ISA, shape: (rows: Int, taps: Int)) {
    for (width, channels, count) in [(8, 1, 1), (8, 8, 7), (16, 13, 5), (16, 16, 12)] {
      var random = SplitMix64(seed: UInt64(count))
      let inputs = 6, row = inputs * width, x = GuardedFloats(shape.rows * row)
      for i in 0..<shape.rows * inputs { for c in 0..<channels { x[i * width + c] = random.float() } }
      let offsets = (0..<shape.rows).map { ($0 * 5 + 2) % shape.rows * row }
      let rowWeights = GuardedFloats((0..<shape.rows).map { _ in random.float() }),
        weights = GuardedFloats((0..<count * shape.taps).map { _ in random.float() })
      let positions = (0..<count * shape.taps).map { _ in Int(random.next() % UInt64(inputs)) }
      let y = GuardedFloats(count * width)
      isa.table.resize.row(
        width, count, shape.rows, offsets, rowWeights.floats, shape.taps, positions, weights.floats, x.floats, y.p)
      for o in 0..<count {
        for c in 0..<channels {
          var want = 0.0
          for t in o * shape.taps..<(o + 1) * shape.taps {
            for r in 0..<shape.rows { want += Double(weights[t]) * Double(rowWeights[r]) * Double(x[offsets[r] + positions[t] * width + c]) }
          }
          #expect(abs(Double(y[o * width + c]) - want) <= 2e-6, "result \(o), channel \(c)")
        }
      }
      #expect(y.marginIsIntact)
    }
  }
}
