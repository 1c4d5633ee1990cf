import Kernels

/// Points and phases of F(4, 2) along each axis for convolutions of stride 2, and their weights.
///
/// Of the 125 points, a phase with one tap along an axis has no product at infinity there; `phases[p]` lists those that have one at point p.
struct TwoTapPoints: Sendable {
  static let count = 125
  /// Outputs of a tile, of each phase.
  static let tile = Axes(repeating: 4)

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

  /// Where the weights of an output block of the layer go: forward `[point][output block][phase][input channel][16]`, transposed
  /// `[point][phase][output block][input channel][16]`, with up to 8 outputs `[point][pair of phases][input channel][2][8]`; a line of
  /// padding after each point.
  func weightStart(_ problem: ConvolutionProblem, point: Int) -> Int {
    let unit = problem.geometry.inputChannels * 16
    return (problem.hasHalvedPhases ? halfStarts[point] : starts[point] * problem.inputRanges.count) * unit + point * 16
  }

  /// Floats of all weights.
  func weightFloats(_ problem: ConvolutionProblem) -> Int {
    (problem.hasHalvedPhases ? halves : pairs * problem.inputRanges.count) * problem.geometry.inputChannels * 16 + Self.count * 16
  }

  static let weightScratchFloats = 3456

  /// The offsets that `TwoTapWeightRow` takes, of one output block.
  private func weightOffsets(_ problem: ConvolutionProblem, block: Int) -> [Int] {
    let unit = problem.geometry.inputChannels * 16, blocks = problem.inputRanges.count
    return (0..<729).map { number in
      let axes = [number / 81, number / 9 % 9, number % 9]
      let point = axes.reduce(0) { $0 * 5 + ($1 < 5 ? $1 : $1 - 5) }, phase = axes.reduce(0) { $0 * 2 + ($1 < 5 ? 1 : 0) }
      let index = phases[point].firstIndex(of: phase) ?? 0
      let place =
        problem.hasHalvedPhases ? index / 2 * unit + index % 2 * 8
        : (problem.transposed ? index * blocks + block : block * phases[point].count + index) * unit
      return weightStart(problem, point: point) + place
    }
  }

  /// The weights of a layer, from all its output blocks at once.
  func derived(_ problem: ConvolutionProblem) -> DerivedWeights {
    let inputs = problem.geometry.inputChannels, blocks = problem.inputRanges.count, pieces = (inputs + 15) / 16
    let offsets = (0..<blocks).map { IntStorage(weightOffsets(problem, block: $0)) }
    return DerivedWeights(parts: 1, partFloats: weightFloats(problem)) { _, target, frame in
      frame.pool.run(blocks * pieces) { task, thread in
        let block = task / pieces, first = task % pieces * 16
        var row = TwoTapWeightRow(
          weights: problem.weights.pointer + problem.weightStarts[block] + first * 16, u: target + first * 16, offsets: offsets[block].pointer,
          scratch: frame.scratch(of: thread))
        (row.tapStride, row.channels, row.isTransposed) = (inputs * 16, min(16, inputs - first), problem.transposed)
        row.width = problem.hasHalvedPhases ? 8 : 16
        frame.kernels.convolution.twoTapWeights(&row)
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
