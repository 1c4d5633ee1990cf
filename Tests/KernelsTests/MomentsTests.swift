import KernelChecks
import Kernels
import TestSupport
import Testing

@Suite("Moments")
struct MomentsTests {
  /// Parts of an image that were counted apart are joined.
  @Test(arguments: ISA.available, [8, 16])
  func joins(isa: ISA, width: Int) {
    var random = SplitMix64(seed: 1)
    let count = 37, x = GuardedFloats(6 * count * width) { _ in random.float(2, offset: 7) }
    var whole = [Double](repeating: .nan, count: 2 * width), left = whole, right = whole, joined = whole
    let moments = isa.table.normalization.moments
    moments(width, 6, count, x.floats, count * width, 0, &whole)
    moments(width, 2, count, x.floats, count * width, 0, &left)
    moments(width, 4, count, x.floats + 2 * count * width, count * width, 0, &right)
    Moments.merge(width: width, left, count: 2 * count, into: &joined, merged: 0)
    Moments.merge(width: width, right, count: 4 * count, into: &joined, merged: 2 * count)
    for i in 0..<2 * width { #expect(abs(joined[i] - whole[i]) <= 1e-12 * abs(whole[i])) }
  }

  @Test func affineMapNormalises() {
    // mean 3, M2 32 over 8 voxels: variance 4.
    var norm = [Float](repeating: .nan, count: 32)
    let state = [Double](repeating: 3, count: 8) + [Double](repeating: 32, count: 8)
    let gamma = (0..<8).map { Float($0) }, beta = (0..<8).map { Float(10 * $0) }
    Moments.affine(width: 8, state, count: 8, epsilon: 0, gamma: gamma, beta: beta, into: &norm)
    for lane in 0..<8 {
      #expect(norm[lane] == gamma[lane] / 2)
      #expect(norm[8 + lane] == beta[lane])
    }
    Moments.affine(width: 8, state, count: 8, epsilon: 12, gamma: nil, beta: nil, into: &norm)
    #expect(norm[..<8].allSatisfy { $0 == 0.25 })
    #expect(norm[8..<16].allSatisfy { $0 == 0 })
  }
}
