import Foundation
import Graph
import Kernels
import OctopiEngine
import TestSupport
import Testing

@testable import Octopi

/// The four architectures of octopi, as two exporters write them, on the way through a `.octopi` file.
///
/// `Scripts/references/small_networks.py` made them.
@Suite("small networks")
struct SmallNetworkTests {
  static let names = ["unet", "dynunet", "segresnet", "swinunetr"].flatMap { name in ["ts", "dy"].map { "\(name)-\($0)" } }

  private static func path(_ name: String) -> String { TestData.root.appending(path: "small-networks/\(name).onnx").path(percentEncoded: false) }
  private static func size(_ name: String) -> [Int] { name.hasPrefix("swin") ? [64, 32, 32] : [16, 16, 16] }

  private static func input(batch: Int, _ size: [Int]) -> Tensor {
    let type = TensorType(.float32, [batch, 1] + size)
    return Tensor(type, rounding: (0..<type.count).map { Double(($0 * 7919) % 2003) / 500 - 2 })
  }

  /// The network in a file of its own, ready for its window.
  private static func converted(_ name: String, in folder: TemporaryFolder) throws -> NetworkFile {
    let source = try NetworkFile(path: path(name)), graph = try source.graph
    var contents = ModelFileContents(summary: .init(source: name, sha256: "", sourceBytes: 0, program: "", graph: graph), graph: graph)
    contents.windows = [try source.window(size: size(name), classes: nil)]
    let file = folder.path("\(name).octopi")
    try Data(contents.bytes()).write(to: URL(filePath: file))
    return try NetworkFile(path: file)
  }

  /// Ready or not, one window or two: the same bits on every instruction set. Nothing runs by plain loops, and no weight is decoded.
  @Test(arguments: names)
  func giveTheSameBitsConverted(name: String) throws {
    let source = try NetworkFile(path: Self.path(name)), folder = try TemporaryFolder(), file = try Self.converted(name, in: folder)
    let size = Self.size(name), pool = JobThreads.forJob(2), window = try file.window(size: size, classes: 3)
    let weights = window.graph.values.filter { $0.isConstant && ($0.type?.count ?? 0) > 1024 && $0.type?.element == .float32 }
    #expect(weights.count > 3 && weights.allSatisfy { $0.stored != nil })
    for isa in ISA.available {
      let one = Self.input(batch: 1, size), shapes = [one.shape]
      func logits(_ network: NetworkFile) throws -> Tensor {
        let plan = try network.plan(inputShapes: shapes, kernels: isa.table, pool: pool)
        let slow = plan.steps.filter(\.isReference).map(\.name)
        #expect(slow.isEmpty)
        return try Session(plan, pool: pool).run([one])[0]
      }
      let wanted = try logits(source), made = try logits(file)
      #expect(made == wanted && wanted.shape == [1, 3] + size)
      let values = wanted.floats ?? [], isFinite = values.allSatisfy { $0.isFinite }, distinct = Set(values).count
      #expect(isFinite && distinct > values.count / 4)
    }
    let two = Self.input(batch: 2, size), kernels = try JobKernels.forJob()
    let wanted = try ModelRunner(source.graph, kernels: kernels, pool: pool).run([two])
    #expect(try ModelRunner(file.graph, kernels: kernels, pool: pool).run([two]) == wanted && wanted[0].shape[0] == 2)
  }
}
