import Kernels
import TestSupport
import Testing

@Suite("pooling rows")
struct PoolingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let inputs: Int, kernel: Int, stride: Int
    var dilation = 1, before = 0, after = 0, ceil = false
    var testDescription: String {
      "\(inputs) voxels, kernel \(kernel), stride \(stride), dilation \(dilation), pads \(before), \(after)\(ceil ? ", ceil" : "")"
    }

    /// ONNX: a last window that would start in the end padding is dropped.
    var count: Int {
      let span = inputs + before + after - dilation * (kernel - 1) - 1
      let count = (ceil ? span + stride - 1 : span) / stride + 1
      return ceil && (count - 1) * stride >= inputs + before ? count - 1 : count
    }
  }

  static let cases = [
    Case(inputs: 1, kernel: 1, stride: 1), Case(inputs: 8, kernel: 2, stride: 2), Case(inputs: 9, kernel: 2, stride: 2, ceil: true),
    Case(inputs: 9, kernel: 3, stride: 2, before: 1, after: 1), Case(inputs: 10, kernel: 3, stride: 3, before: 1, after: 1, ceil: true),
    Case(inputs: 7, kernel: 3, stride: 1, dilation: 2, before: 2, after: 2), Case(inputs: 5, kernel: 5, stride: 1),
    Case(inputs: 3, kernel: 5, stride: 1, before: 2, after: 2),
    Case(inputs: 6, kernel: 2, stride: 3, dilation: 3, before: 1, after: 2), Case(inputs: 4, kernel: 3, stride: 2, before: 2, after: 1, ceil: true),
  ]

  /// Rows of a neighbourhood along y: three of five exist, two are padding.
  @Test(arguments: ISA.available, cases)
  func equalDoubleLoops(isa: ISA, test: Case) {
    for (width, channels) in [(8, 1), (8, 8), (16, 13), (16, 16)] {
      var random = SplitMix64(seed: 2)
      let row = (test.inputs + 2) * width, x = GuardedFloats(4 * row)
      for r in 0..<4 { for v in 0..<test.inputs { for c in 0..<channels { x[r * row + (v + 1) * width + c] = random.float() } } }
      let rows = [0, 3, 2], offsets = rows.map { $0 * row + width }
      let exist = 0..<test.inputs, padded = -test.before..<test.inputs + test.after
      func shape(_ counted: Range<Int>) -> PoolingRow {
        PoolingRow(
          count: test.count, inputs: test.inputs, kernel: test.kernel, stride: test.stride, dilation: test.dilation, before: test.before,
          counted: counted)
      }
      let largest = GuardedFloats(test.count * width), mean = GuardedFloats(test.count * width), paddedMean = GuardedFloats(test.count * width)
      isa.table.pooling.max(width, shape(exist), 3, offsets, x.floats, largest.p)
      isa.table.pooling.average(width, shape(exist), 3, offsets, 3, x.floats, mean.p)
      isa.table.pooling.average(width, shape(padded), 3, offsets, 5, x.floats, paddedMean.p)
      for o in 0..<test.count {
        let positions = (0..<test.kernel).map { o * test.stride - test.before + $0 * test.dilation }
        for c in 0..<channels {
          let values = rows.flatMap { r in positions.filter(exist.contains).map { Double(x[r * row + ($0 + 1) * width + c]) } }
          let sum = values.reduce(0, +), i = o * width + c, paddedCount = 5 * positions.filter(padded.contains).count
          #expect(Double(largest[i]) == values.max(), "result \(o), channel \(c)")
          #expect(abs(Double(mean[i]) - sum / Double(values.count)) <= 5e-7, "result \(o), channel \(c)")
          #expect(abs(Double(paddedMean[i]) - sum / Double(paddedCount)) <= 5e-7, "result \(o), channel \(c)")
        }
      }
      #expect(largest.marginIsIntact && mean.marginIsIntact && paddedMean.marginIsIntact)
    }
  }

  @Test(arguments: ISA.available, [8, 16])
  func maximumOfNothingAndOfNaN(isa: ISA, width: Int) {
    let x = GuardedFloats((0..<3 * width).map { $0 == width + 2 ? .nan : Float($0) }), y = GuardedFloats(2 * width)
    let shape = PoolingRow(count: 2, inputs: 3, kernel: 3, stride: 4, dilation: 1, before: 0, counted: 0..<3)
    isa.table.pooling.max(width, shape, 1, [0], x.floats, y.p)
    for c in 0..<width {
      #expect(c == 2 ? y[c].isNaN : y[c] == Float(2 * width + c))
      #expect(y[width + c] == -.infinity)
    }
  }
}
