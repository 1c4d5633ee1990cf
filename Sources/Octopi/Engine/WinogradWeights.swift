import Kernels

/// Weights of F(4x4x4, 3x3x3): `G g Gᵀ` along all three axes in double, rounded once; `[216 points][output block][input channel][16]`.
enum WinogradWeights {
  static let points = 216

  /// Points 0, ±5/8, ±3/2 and infinity, see `F4` in the kernels: the rows of G.
  private static let g: [[Double]] = {
    let a = 0.625, b = 1.5, na = 2 * a * a * (a * a - b * b), nb = 2 * b * b * (b * b - a * a)
    return [
      [1 / (a * a * b * b), 0, 0], [1 / na, a / na, a * a / na], [1 / na, -a / na, a * a / na],
      [1 / nb, b / nb, b * b / nb], [1 / nb, -b / nb, b * b / nb], [0, 0, 1],
    ]
  }()

  static func transformed(_ problem: ConvolutionProblem, pool: ThreadPool) -> FloatStorage {
    let inputs = problem.geometry.inputChannels, blocks = problem.inputRanges.count
    return FloatStorage(count: points * blocks * inputs * 16) { target in
      guard let u = target.baseAddress else { return }
      nonisolated(unsafe) let out = u
      pool.run(blocks * inputs) { task, _ in
        let block = task / inputs, channel = task % inputs
        withUnsafeTemporaryAllocation(of: Double.self, capacity: (27 + 54 + 108 + 216) * 16) { scratch in
          guard let t0 = scratch.baseAddress else { return }
          for tap in 0..<27 {
            // A transposed convolution of stride 1 is a plain one with the kernel mirrored.
            let source = problem.weights.pointer + problem.weightStarts[block] + ((problem.transposed ? 26 - tap : tap) * inputs + channel) * 16
            for lane in 0..<16 { t0[tap * 16 + lane] = Double(source[lane]) }
          }
          // One axis after the other: [9 rest][3] -> [9 rest][6] and so on, the axis in turn being the slowest.
          let t1 = t0 + 27 * 16, t2 = t1 + 54 * 16, t3 = t2 + 108 * 16
          pass(t0, t1, outer: 1, inner: 9)
          pass(t1, t2, outer: 6, inner: 3)
          pass(t2, t3, outer: 36, inner: 1)
          for point in 0..<points {
            let row = out + ((point * blocks + block) * inputs + channel) * 16
            for lane in 0..<16 { row[lane] = Float(t3[point * 16 + lane]) }
          }
        }
      }
    }
  }

  /// `[outer][3][inner][16]` to `[outer][6][inner][16]`.
  private static func pass(_ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, outer: Int, inner: Int) {
    for o in 0..<outer {
      for (p, row) in g.enumerated() {
        let (g0, g1, g2) = (row[0], row[1], row[2])
        let source = x + o * 3 * inner * 16, target = y + (o * 6 + p) * inner * 16
        for i in 0..<inner * 16 { target[i] = g0 * source[i] + g1 * source[inner * 16 + i] + g2 * source[2 * inner * 16 + i] }
      }
    }
  }
}
