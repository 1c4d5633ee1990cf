import Graph
import Kernels
import Synchronization
import Testing
import TestSupport

@testable import OctopiEngine

extension LogitLayout {
  /// Calls `body` with the class, the number of the voxel in the window, and the place in a span of `planes` of every logit.
  func forEachLogit(planes: Range<Int>, rows: Int, voxels: Int, _ body: (_ class: Int, _ voxel: Int, _ place: Int) -> Void) {
    for block in blocks {
      for (i, c) in block.classes.enumerated() {
        for z in planes {
          for y in 0..<rows {
            for x in 0..<voxels {
              let place = block.first + i * classStep + (z - planes.lowerBound) * planeStep + y * rowStep + x * voxelStep
              body(c, (z * rows + y) * voxels + x, place)
            }
          }
        }
      }
    }
  }
}

@Suite("window session")
struct WindowSessionTests {
  /// Logits that are handed out plane by plane are those of the whole pass, whatever the blocks of channels.
  @Test(arguments: [3, 8, 20], [1, 3])
  func handsOutTheLogits(classes: Int, threads: Int) throws {
    var n = NetworkBuilder(seed: 7)
    let x = n.input("x")
    let graph = n.finish([try n.convolution(x, 1, classes)])
    let size = [5, 6, 19], plane = size[1] * size[2], count = size[0] * plane
    var random = SplitMix64(seed: 9)
    let input = Tensor.normal([1, 1] + size, &random), values = try #require(input.floats)
    let pool = ThreadPool(threads: threads), kernels = ISA.available[ISA.available.count - 1].table
    let want = try #require(try Session(Plan(graph, inputShapes: [input.shape], kernels: kernels, pool: pool), pool: pool).run([input])[0].floats)
    let session = try WindowSession(graph, size: size, classes: classes, kernels: kernels, pool: pool)
    for _ in 0..<2 {
      let got = Mutex([Float](repeating: .nan, count: classes * count))
      try session.predict { planes, window in
        for i in window.indices { window[i] = values[planes.lowerBound * plane + i] }
      } take: { planes, logits in
        #expect(logits.count == session.layout.count(planes: planes.count, rows: size[1], voxels: size[2]))
        got.withLock { got in
          session.layout.forEachLogit(planes: planes, rows: size[1], voxels: size[2]) { c, voxel, place in got[c * count + voxel] = logits[place] }
        }
      }
      #expect(got.withLock { $0 } == want)
    }
  }
}
