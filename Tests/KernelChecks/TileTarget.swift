import KernelTable
import TestSupport

/// What happens to the outputs of tiles, in all combinations.
struct EpilogueCase: Sendable {
  var hasResidual = false, normsResidual = false, isInPlace = false, hasSlope = false, hasMoments = false
  /// Past the caches, where blocks have 16 channels.
  var streams = false

  static let all = [
    EpilogueCase(),
    EpilogueCase(hasMoments: true),
    EpilogueCase(hasSlope: true, hasMoments: true, streams: true),
    EpilogueCase(hasMoments: true, streams: true),
    EpilogueCase(hasResidual: true, hasSlope: true, streams: true),
    EpilogueCase(hasResidual: true, normsResidual: true, hasMoments: true),
    EpilogueCase(hasResidual: true, isInPlace: true, hasSlope: true, hasMoments: true),
  ]

  var text: String {
    (streams ? "streamed " : "") + (hasResidual ? normsResidual ? "normed residual " : "residual " : "") + (isInPlace ? "in place " : "") + (hasSlope ? "slope " : "")
      + (hasMoments ? "moments" : "")
  }
}

/// Where tiles of a convolution write, with what they add, and what must have become of it. A border of one voxel must stay untouched.
struct TileTarget {
  let test: EpilogueCase, parameters: ConvolutionParameters, size: Extent
  let y: BlockedVolume, residual: BlockedVolume, coefficients: GuardedFloats
  private let added: [Float]
  /// `[block][3][width]`.
  private let moments: GuardedFloats

  init(_ parameters: ConvolutionParameters, _ size: Extent, width: Int, _ test: EpilogueCase, _ random: inout SplitMix64) {
    (self.parameters, self.size, self.test) = (parameters, size, test)
    y = BlockedVolume(channels: parameters.outputs, width: width, size: size.map { $0 + 2 })
    residual = test.isInPlace ? y : BlockedVolume(channels: parameters.outputs, width: width, size: size.map { $0 + 3 })
    moments = GuardedFloats(y.blocks * 3 * width)
    coefficients = GuardedFloats(y.blocks * 4 * width) { _ in random.float() }
    if test.hasResidual {
      for c in 0..<parameters.outputs { for v in 0..<size.count { residual.floats[residual.at(c, size.position(v).map { $0 + 1 })] = random.float() } }
    }
    added = residual.floats.values
  }

  /// The epilogue of tiles of one block: `count` voxels from `origin` on.
  func epilogue(block: Int, origin: Extent, count: Extent, isFirst: Bool) -> TileEpilogue {
    let width = y.width, first = origin.map { $0 + 1 }
    var e = TileEpilogue(y: y.floats.p + y.at(block * width, first), bias: parameters.bias.floats + block * width)
    (e.sz, e.sy, e.sx, e.countZ, e.countY, e.countX) = (y.sz, y.sy, width, count.z, count.y, count.x)
    if test.hasResidual {
      e.residual = residual.floats.floats + residual.at(block * width, first)
      (e.residualZ, e.residualY, e.residualX) = (residual.sz, residual.sy, width)
      if test.normsResidual { e.residualCoefficients = coefficients.floats + block * 4 * width }
    }
    if test.hasSlope { e.slope = parameters.slope.floats + block * width }
    if test.hasMoments { e.moments = moments.p + block * 3 * width }
    e.setsPivot = isFirst
    e.streams = test.streams && width == 16
    return e
  }

  /// The result in double from the convolution's sums, which lie as `size` does.
  private func want(_ sums: [Double], _ c: Int, _ v: Int) -> Double {
    let width = y.width
    var t = sums[c * size.count + v] + Double(parameters.bias[c])
    if test.hasResidual {
      let r = added[residual.at(c, size.position(v).map { $0 + 1 })]
      t += test.normsResidual ? normed(r, coefficients, from: c / width * 4 * width, width, c % width) : Double(r)
    }
    return test.hasSlope && t < 0 ? t * Double(parameters.slope[c]) : t
  }

  /// Largest and rms error relative to the rms of the result, statistics, and what lies around.
  func compare(_ sums: [Double], largest bound: Double, rms rmsBound: Double = 5e-6, _ report: Report) {
    var worst = (error: 0.0, c: 0, v: 0), squares = 0.0, errors = 0.0
    for c in 0..<parameters.outputs {
      for v in 0..<size.count {
        let want = want(sums, c, v), error = abs(Double(y.floats[y.at(c, size.position(v).map { $0 + 1 })]) - want)
        squares += want * want
        errors += error * error
        if !(error <= worst.error) { worst = (error.isNaN ? .infinity : error, c, v) }
      }
    }
    let count = Double(max(1, parameters.outputs * size.count)), rms = (squares / count).squareRoot(), p = size.position(worst.v)
    report.expect(
      worst.error <= bound * rms && (errors / count).squareRoot() <= rmsBound * rms,
      "error \(worst.error / rms) of the rms in channel \(worst.c) at \(p.z), \(p.y), \(p.x); rms \((errors / count).squareRoot() / rms)")
    if test.hasMoments { for c in 0..<parameters.outputs { compareMoments(c, report) } }
    expectUntouchedBorder(report)
    report.expectIntact(y.floats, "y")
    report.expectIntact(moments, "moments")
  }

  /// A sum of n floats is off by at most n roundings of the sum of their sizes.
  private func compareMoments(_ c: Int, _ report: Report) {
    let at = c / y.width * 3 * y.width + c % y.width, pivot = Double(moments[at])
    var sum = 0.0, sizes = 0.0, squares = 0.0
    for v in 0..<size.count {
      let d = Double(y.floats[y.at(c, size.position(v).map { $0 + 1 })]) - pivot
      sum += d
      sizes += abs(d)
      squares += d * d
    }
    let rounding = 6e-8 * Double(size.count + 2)
    report.expect(moments[at + y.width], sum, within: rounding * sizes, "sum of channel \(c)")
    report.expect(moments[at + 2 * y.width], squares, within: rounding * squares, "squares of channel \(c)")
  }

  private func expectUntouchedBorder(_ report: Report) {
    for v in 0..<y.size.count {
      let p = y.size.position(v)
      let isInside = (1...size.z).contains(p.z) && (1...size.y).contains(p.y) && (1...size.x).contains(p.x)
      if !isInside { for c in 0..<y.blocks * y.width { report.expect(y.floats.isUntouched(y.at(c, p)), "wrote at \(p.z - 1), \(p.y - 1), \(p.x - 1)") } }
    }
  }
}
