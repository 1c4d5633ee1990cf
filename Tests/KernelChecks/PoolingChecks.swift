import KernelTable
import TestSupport

private struct Case: Sendable {
  let inputs: Int, kernel: Int, stride: Int
  var dilation = 1, before = 0, after = 0, ceil = false

  var text: String { "\(inputs) voxels, kernel \(kernel), stride \(stride), dilation \(dilation), pads \(before), \(after)" + (ceil ? ", ceil" : "") }

  /// ONNX: a last window that would start in the end padding is dropped.
  var count: Int {
    let span = inputs + before + after - dilation * (kernel - 1) - 1
    let count = (ceil ? span + stride - 1 : span) / stride + 1
    return ceil && (count - 1) * stride >= inputs + before ? count - 1 : count
  }
}

private let cases = [
  Case(inputs: 1, kernel: 1, stride: 1), Case(inputs: 8, kernel: 2, stride: 2), Case(inputs: 9, kernel: 2, stride: 2, ceil: true),
  Case(inputs: 9, kernel: 3, stride: 2, before: 1, after: 1), Case(inputs: 10, kernel: 3, stride: 3, before: 1, after: 1, ceil: true),
  Case(inputs: 7, kernel: 3, stride: 1, dilation: 2, before: 2, after: 2), Case(inputs: 5, kernel: 5, stride: 1),
  Case(inputs: 3, kernel: 5, stride: 1, before: 2, after: 2), Case(inputs: 6, kernel: 2, stride: 3, dilation: 3, before: 1, after: 2),
  Case(inputs: 4, kernel: 3, stride: 2, before: 2, after: 1, ceil: true),
]

/// Rows of a neighbourhood along y: three of five exist, two are padding.
private func check(_ test: Case, _ kernels: KernelTable, _ report: Report) {
  for (width, channels) in [(8, 1), (8, 8), (16, 13), (16, 16)] {
    report.place = "\(channels) channels in blocks of \(width)"
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
    kernels.pooling.max(width, shape(exist), 3, offsets, x.floats, largest.p)
    kernels.pooling.average(width, shape(exist), 3, offsets, 3, x.floats, mean.p)
    kernels.pooling.average(width, shape(padded), 3, offsets, 5, x.floats, paddedMean.p)
    for o in 0..<test.count {
      let positions = (0..<test.kernel).map { o * test.stride - test.before + $0 * test.dilation }
      let paddedCount = 5 * positions.filter { padded.contains($0) }.count
      for c in 0..<channels {
        var most = -Double.infinity, sum = 0.0, count = 0
        for r in rows {
          for position in positions where exist.contains(position) {
            let value = Double(x[r * row + (position + 1) * width + c])
            most = max(most, value)
            sum += value
            count += 1
          }
        }
        let i = o * width + c
        report.expect(largest[i], most, within: 0, "largest \(o), channel \(c)")
        report.expect(mean[i], sum / Double(count), within: 5e-7, "mean \(o), channel \(c)")
        report.expect(paddedMean[i], sum / Double(paddedCount), within: 5e-7, "mean with padding \(o), channel \(c)")
      }
    }
    for memory in [largest, mean, paddedMean] { report.expectIntact(memory) }
  }
}

private func checkMaximumOfNothingAndOfNaN(_ width: Int, _ kernels: KernelTable, _ report: Report) {
  let x = GuardedFloats(3 * width) { $0 == width + 2 ? .nan : Float($0) }, y = GuardedFloats(2 * width)
  kernels.pooling.max(width, PoolingRow(count: 2, inputs: 3, kernel: 3, stride: 4, dilation: 1, before: 0, counted: 0..<3), 1, [0], x.floats, y.p)
  for c in 0..<width {
    report.expect(y[c], equals: c == 2 ? .nan : Float(2 * width + c), "channel \(c)")
    report.expect(y[width + c], equals: -.infinity, "channel \(c) of nothing")
  }
}

extension KernelFamily {
  public static let pooling = KernelFamily(
    "pooling",
    cases.map { test in KernelCheck(test.text) { check(test, $0, $1) } }
      + [8, 16].map { width in KernelCheck("maximum of nothing and of NaN, blocks of \(width)") { checkMaximumOfNothingAndOfNaN(width, $0, $1) } })
}
