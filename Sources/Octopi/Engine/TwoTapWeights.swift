import Kernels

/// Points and phases of F(4, 2) along each axis for convolutions of stride 2, and their weights.
///
/// Of the 125 points, a phase with one tap along an axis has no product at infinity there; `phases[p]` lists those that have one at point p.
struct TwoTapPoints: Sendable {
  static let count = 125
  private static let finite: [Double] = [0.5, -0.5, 1.25, -1.25]

  /// Phases (bits 4 z, 2 y, 1 x: two taps) of each point, ascending.
  let phases: [[Int]]
  /// Pairs of point and phase before each point.
  let starts: [Int]
  let pairs: Int
  /// Products of two phases before each point: where a transposed layer has so few outputs that two phases share a block of 16 columns.
  let halfStarts: [Int]
  let halves: Int

  init() {
    var phases: [[Int]] = [], starts: [Int] = [], pairs = 0, halfStarts: [Int] = [], halves = 0
    for point in 0..<Self.count {
      let axes = [point / 25, point / 5 % 5, point % 5]
      starts.append(pairs)
      phases.append((0..<8).filter { f in (0..<3).allSatisfy { axes[$0] < 4 || f & (4 >> $0) != 0 } })
      halfStarts.append(halves)
      pairs += phases[point].count
      halves += (phases[point].count + 1) / 2
    }
    (self.phases, self.starts, self.pairs) = (phases, starts, pairs)
    (self.halfStarts, self.halves) = (halfStarts, halves)
  }

  /// Weight of tap 0...2 of the filter at a point along one axis. Forward, a phase with two taps sees taps 0 and 2; transposed, 2 and 0.
  private static func factor(_ point: Int, two: Bool, tap: Int, transposed: Bool) -> Double {
    let index = two ? (tap == 1 ? nil : (tap == 0) == transposed ? 1 : 0) : (tap == 1 ? 0 : nil)
    guard let index else { return 0 }
    if point == 4 { return two && index == 1 ? 1 : 0 }
    let norm = finite.reduce(1) { $1 == finite[point] ? $0 : $0 * (finite[point] - $1) }
    return (index == 1 ? finite[point] : 1) / norm
  }

  /// For each pair of point and phase, in order of `starts`: the taps of the kernel that count and their factors.
  private func taps(transposed: Bool) -> [[(tap: Int, factor: Double)]] {
    var all: [[(Int, Double)]] = []
    for point in 0..<Self.count {
      for phase in phases[point] {
        all.append(
          (0..<27).compactMap { t in
            let z = Self.factor(point / 25, two: phase & 4 != 0, tap: t / 9, transposed: transposed)
            let y = Self.factor(point / 5 % 5, two: phase & 2 != 0, tap: t / 3 % 3, transposed: transposed)
            let x = Self.factor(point % 5, two: phase & 1 != 0, tap: t % 3, transposed: transposed)
            return z * y * x == 0 ? nil : (t, z * y * x)
          })
      }
    }
    return all
  }

  /// Forward `[point][output block][phase][input channel][16]`, transposed `[point][phase][output block][input channel][16]`, with up to 8
  /// outputs `[point][pair of phases][input channel][2][8]`; in double, rounded once.
  func weights(_ problem: ConvolutionProblem, pool: ThreadPool) -> FloatStorage {
    let inputs = problem.geometry.inputChannels, blocks = problem.inputRanges.count, taps = taps(transposed: problem.transposed)
    let isHalved = problem.hasHalvedPhases
    return FloatStorage(count: (isHalved ? halves : pairs * blocks) * inputs * 16) { target in
      guard let u = target.baseAddress else { return }
      nonisolated(unsafe) let out = u
      pool.run(Self.count * blocks) { task, _ in
        let point = task / blocks, block = task % blocks, phases = phases[point]
        for index in phases.indices {
          let taps = taps[starts[point] + index]
          let place = problem.transposed ? index * blocks + block : block * phases.count + index
          for channel in 0..<inputs {
            var sums = InlineArray<16, Double>(repeating: 0)
            for (tap, factor) in taps {
              let source = problem.weights.pointer + problem.weightStarts[block] + (tap * inputs + channel) * 16
              for lane in 0..<16 { sums[lane] += factor * Double(source[lane]) }
            }
            if isHalved {
              let row = out + ((halfStarts[point] + index / 2) * inputs + channel) * 16 + index % 2 * 8
              for lane in 0..<8 { row[lane] = Float(sums[lane]) }
            } else {
              let row = out + (starts[point] * blocks * inputs + place * inputs + channel) * 16
              for lane in 0..<16 { row[lane] = Float(sums[lane]) }
            }
          }
        }
      }
    }
  }
}

extension ConvolutionProblem {
  /// A 3x3x3 convolution of stride 2, or a transposed one whose odd outputs have two taps.
  var isTwoTap: Bool {
    let one = Axes(repeating: 1), two = Axes(repeating: 2)
    guard kernel == Axes(repeating: 3), strides == two, dilations == one, geometry.groups == 1 else { return false }
    return !transposed || (pads == one && output.z <= 2 * input.z && output.y <= 2 * input.y && output.x <= 2 * input.x)
  }

  /// Two phases share a block of 16 columns of the product.
  var hasHalvedPhases: Bool { transposed && geometry.outputChannels <= 8 }

  /// Outputs of the first phase along each axis: all, or transposed the even ones.
  var twoTapOutputs: Axes { transposed ? Axes((output.z + 1) / 2, (output.y + 1) / 2, (output.x + 1) / 2) : output }

  /// Border that whole tiles read.
  var twoTapBorder: (before: Axes, after: Axes) {
    let tiles = twoTapOutputs
    func after(_ axis: KeyPath<Axes, Int>) -> Int {
      let n = input[keyPath: axis], grid = (tiles[keyPath: axis] + 3) / 4
      return max(0, transposed ? 4 * grid - n + 1 : 8 * grid - pads[keyPath: axis] - n + 1)
    }
    return (transposed ? Axes(repeating: 0) : pads, Axes(after(\.z), after(\.y), after(\.x)))
  }
}
