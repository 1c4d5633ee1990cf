import Kernels

/// The fast forms of a convolution, which trade products for sums of larger numbers.
enum FastForm: Hashable {
  /// Winograd's algorithm.
  case winograd(TileForm)
  /// F(4, 2) by phases along each axis.
  case twoTap

  /// The factor that a tap of weight 1 adds to the squared error of an output, by its number in raster order.
  var tapGrowth: [Double] {
    let row: [Double], plane: [Double]
    switch self {
    case .winograd(let form): (plane, row) = (FastForm.axisGrowth(form.plane), FastForm.axisGrowth(form.row))
    case .twoTap: (plane, row) = (FastForm.twoTapGrowth, FastForm.twoTapGrowth)
    }
    return (0..<27).map { (tap: Int) -> Double in plane[tap / 9] * plane[tap / 3 % 3] * row[tap % 3] }
  }

  /// What a tap of weight 1 adds to the squared error of an output, along an axis, by tap: sums over the rows of `Gᵀ D G`, which bound it for
  /// any weights (Gershgorin). D holds, for each point, the mean square of its column of `A` times the squares of its row of `Bᵀ`: errors of
  /// products, for independent inputs.
  static func axisGrowth(_ outputs: Int) -> [Double] {
    switch outputs {
    case 2: [3, 1, 3]
    case 4: [8.996, 2.437, 7.780]
    default: [35.878, 9.861, 35.878]
    }
  }

  /// The same for F(4, 2), whose second tap of three is the one that stands alone.
  static let twoTapGrowth = [3.267, 2.774, 3.267]
}

/// How much rounding a fast form may cost.
enum RoundingGrowth {
  /// A fast form is taken up to this many times the error of a direct sum in float32: four bits.
  static let limit = 16.0

  /// Independent weights have a growth of 10.4 by `tapGrowth` (without its bound on what is not independent), and 2.2 times the error of a
  /// direct sum as measured.
  fileprivate static let scale = 0.21

  /// Squares of weights that may be met: the transforms must neither overflow nor lose digits to underflow.
  fileprivate static let range = 0x1p-200...0x1p200
}

extension ConvolutionProblem {
  /// How many times the error of a direct sum in float32 a fast form of this layer, whose kernel is 3x3x3, costs with these weights, for the
  /// worst output channel.
  ///
  /// A sum of large and small terms loses the small ones, in every form. A direct sum loses none where the inputs under the large weights are
  /// zero, as behind an activation; a fast form, whose sums are over whole tiles, does. So the error is set against what an output is without
  /// its heaviest tap. Infinite where a weight is not finite, where an output channel has one tap only, or where its weights are
  /// beyond 1e±30. In double and in one order: the same number on every machine. One pass over the weights.
  func roundingGrowth(_ form: FastForm, pool: ThreadPool) -> Double {
    let phases = errorPhases(form), growth = form.tapGrowth, blocks = inputRanges.count
    let worst = UnsafeMutableBufferPointer<Double>.allocate(capacity: blocks)
    defer { worst.deallocate() }
    worst.initialize(repeating: 0)
    let results = SendableDoubles(worst)
    pool.run(blocks) { block, _ in
      let energies = energies(ofBlock: block)
      for lane in 0..<16 {
        for phase in phases {
          var sum = 0.0, largest = 0.0, error = 0.0
          for tap in phase {
            let energy = energies[tap * 16 + lane]
            sum += energy
            largest = max(largest, energy)
            error += growth[tap] * energy
          }
          if sum == 0 { continue }
          let rest = phase.count == 1 ? sum : sum - largest
          let squared = RoundingGrowth.range.contains(sum) && rest > 0 ? error / rest : .infinity
          results.p[block] = max(results.p[block], squared)
        }
      }
    }
    return RoundingGrowth.scale * (worst.max() ?? 0).squareRoot()
  }

  /// Taps that an output sums: all, or those of each phase of a transposed convolution, whose other phases do not touch it.
  private func errorPhases(_ form: FastForm) -> [[Int]] {
    guard form == .twoTap, transposed else { return [Array(0..<27)] }
    // Even outputs have tap 1 along an axis, odd ones taps 0 and 2.
    var phases = [[Int]](repeating: [], count: 8)
    for tap in 0..<27 { phases[(tap / 9 == 1 ? 0 : 4) + (tap / 3 % 3 == 1 ? 0 : 2) + (tap % 3 == 1 ? 0 : 1)].append(tap) }
    return phases
  }

  /// Sums of the squares of the weights of an output block over its input channels, `[tap][16]`.
  private func energies(ofBlock block: Int) -> [Double] {
    let channels = inputRanges[block].count, first = weights.pointer + weightStarts[block]
    return [Double](unsafeUninitializedCapacity: 27 * 16) { sums, count in
      sums.initialize(repeating: 0)
      for tap in 0..<27 {
        for channel in 0..<channels {
          let w = first + (tap * channels + channel) * 16
          for lane in 0..<16 { sums[tap * 16 + lane] += Double(w[lane]) * Double(w[lane]) }
        }
      }
      count = 27 * 16
    }
  }
}

/// One double a task.
private struct SendableDoubles: @unchecked Sendable {
  let p: UnsafeMutableBufferPointer<Double>
  init(_ p: UnsafeMutableBufferPointer<Double>) { self.p = p }
}
