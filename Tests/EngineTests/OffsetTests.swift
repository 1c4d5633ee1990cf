import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Tomograms are not centred: a mean of thousands of deviations must cost no digits.
@Suite("large offsets")
struct OffsetTests {
  /// The input is exact in float32, so that only the plan rounds: differences from the mean are exact, and two roundings follow. With scale
  /// and shift alone the error would be a rounding of the mean, 2e-4 deviations.
  @Test(arguments: ISA.available, [5, 20])
  func normalisesAroundTheMean(isa: ISA, channels: Int) throws {
    var n = NetworkBuilder(seed: 5)
    let x = n.input("x"), gamma = (0..<channels).map { 0.5 + Float($0) / 8 }, beta = (0..<channels).map { Float($0) - 2 }
    let graph = n.finish([try n.node("InstanceNormalization", [x, n.floats(gamma), n.floats(beta)])])
    var random = SplitMix64(seed: 3)
    let noise = try #require(Tensor.normal([2, channels, 6, 7, 8], &random).floats)
    let input = Tensor(TensorType(.float32, [2, channels, 6, 7, 8]), .floats(noise.map { 3000 + ($0 * 1024).rounded() / 1024 }))
    let pool = ThreadPool(threads: 2)
    let session = try Session(Plan(graph, inputShapes: [input.shape], kernels: isa.table, pool: pool), pool: pool)
    let got = try #require(try session.run([input])[0].floats), values = try #require(input.floats), voxels = 6 * 7 * 8
    for image in 0..<2 * channels {
      let range = image * voxels..<(image + 1) * voxels, c = image % channels
      let mean = values[range].reduce(0.0) { $0 + Double($1) } / Double(voxels)
      let variance = values[range].reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(voxels)
      for i in range {
        let want = (Double(values[i]) - mean) / (variance + 1e-5).squareRoot() * Double(gamma[c]) + Double(beta[c])
        #expect(abs(Double(got[i]) - want) < 1e-6 * (1 + abs(want) + Double(gamma[c])), "channel \(c), voxel \(i - range.lowerBound)")
      }
    }
  }
}
