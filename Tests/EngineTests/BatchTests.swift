import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// The bytes of an image depend neither on the images beside it, nor on threads, nor on what ran before.
@Suite("batches")
struct BatchTests {
  /// Networks whose first axis is that of images: residual units of a U-Net, its way up, units of a SegResNet (preactivation, group norm), of a
  /// DynUNet (leaky), joins, pooling and gates.
  static let cases: [PlanCase] = [
    .residualUnit, .twins, .upPath, .preactivation, .groupNorm, .sharedNormalization, .joinedTwice, .narrowJoin, .batchNorm, .pooled, .gates,
  ]

  @Test(arguments: ISA.available, cases)
  func giveTheSameBits(isa: ISA, c: PlanCase) throws {
    let (graph, shapes) = try c.graph()
    let rest = Array(try #require(shapes.first).dropFirst())
    var random = SplitMix64(seed: 17)
    let images = (0..<3).map { _ in Tensor.normal([1] + rest, &random) }
    let joined = Tensor(TensorType(.float32, [3] + rest), .floats(try images.flatMap { try #require($0.floats) }))
    func session(_ batch: Int, threads: Int) throws -> Session {
      let pool = ThreadPool(threads: threads)
      return try Session(Plan(graph, inputShapes: [[batch] + rest], kernels: isa.table, pool: pool), pool: pool)
    }
    let alone = try session(1, threads: 1), want = try images.map { try bits(alone.run([$0])) }
    for threads in [1, 2, 3] {
      let together = try session(3, threads: threads)
      for _ in 0..<2 {
        let got = try bits(together.run([joined]))
        for output in got.indices { #expect(got[output] == want.flatMap { $0[output] }, "output \(output), \(threads) threads") }
      }
    }
  }

  /// Of each output.
  private func bits(_ outputs: [Tensor]) throws -> [[UInt32]] { try outputs.map { try #require($0.floats).map(\.bitPattern) } }
}
