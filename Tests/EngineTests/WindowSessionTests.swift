import Graph
import Kernels
import Synchronization
import Testing
import TestSupport

@testable import OctopiEngine

extension LogitPart {
  /// Calls `body` with the class, the number of the voxel in a window of planes of `size` y, x, and the place in the span of every logit.
  func forEachLogit(_ size: (y: Int, x: Int), _ body: (_ class: Int, _ voxel: Int, _ place: Int) -> Void) {
    for block in layout.blocks {
      for (i, c) in block.classes.enumerated() {
        for z in planes {
          for y in rows {
            let first = block.first + i * layout.classStep + (z - planes.lowerBound) * layout.planeStep + (y - rows.lowerBound) * layout.rowStep
            for x in 0..<size.x { body(c, (z * size.y + y) * size.x + x, first + x * layout.voxelStep) }
          }
        }
      }
    }
  }
}

@Suite("window session")
struct WindowSessionTests {
  /// How the last layer of a network leaves its logits.
  enum LastLayer: String, CaseIterable {
    case direct, winograd, pointwise
  }

  /// Logits that are handed out part by part are those of the whole pass, each once, whatever the blocks of channels: from the plan's output,
  /// or from the tiles of the last layer, of which a task may have some of one plane of tiles and some of the next.
  @Test(arguments: LastLayer.allCases, [(3, 3), (8, 1), (8, 3), (20, 3)])
  func handsOutTheLogits(last: LastLayer, case: (classes: Int, threads: Int)) throws {
    let (classes, threads) = `case`
    var n = NetworkBuilder(seed: 7)
    let x = n.input("x")
    let hidden = last == .direct ? x : try n.convolution(x, 1, 8)
    let y =
      switch last {
      case .direct: try n.convolution(x, 1, classes)
      case .winograd: try n.convolution(hidden, 8, classes)
      case .pointwise: try n.convolution(hidden, 8, classes, kernel: 1)
      }
    let graph = n.finish([y]), size = [14, 22, 19], count = size[0] * size[1] * size[2], plane = size[1] * size[2]
    var random = SplitMix64(seed: 9)
    let input = Tensor.normal([1, 1] + size, &random), values = try #require(input.floats)
    let pool = ThreadPool(threads: threads), kernels = ISA.available[ISA.available.count - 1].table
    let whole = try Plan(graph, inputShapes: [input.shape], kernels: kernels, pool: pool)
    let want = try #require(try Session(whole, pool: pool).run([input])[0].floats)
    let session = try WindowSession(graph, size: size, classes: classes, kernels: kernels, pool: pool)
    #expect((session.plan.steps.last?.kernel.hasSuffix("unpack") == true) == (last == .winograd && classes >= 8))
    for _ in 0..<2 {
      let got = Mutex([Float](repeating: .nan, count: classes * count)), parts = Mutex(0)
      try session.predict { planes, window in
        for i in window.indices { window[i] = values[planes.lowerBound * plane + i] }
      } take: { part, logits in
        #expect(logits.count == part.floats(voxels: size[2]))
        parts.withLock { $0 += part.logits(voxels: size[2]) }
        got.withLock { got in part.forEachLogit((size[1], size[2])) { c, voxel, place in got[c * count + voxel] = logits[place] } }
      }
      #expect(got.withLock { $0 } == want)
      #expect(parts.withLock { $0 } == classes * count)
    }
  }
}
