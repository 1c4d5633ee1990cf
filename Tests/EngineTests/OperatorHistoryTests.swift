import Foundation
import Graph
import Kernels
import ONNXImport
import Testing
import TestSupport

@testable import OctopiEngine

/// Every definition of every operator, from opset 1 on, means what it meant in its time: Scripts/references/operator_history.py.
///
/// `Tests/Data/opsets/<version>` holds `model.onnx` with all operators that were (re)defined at that version, and `data.onnx`, whose
/// constants are the inputs and what ONNX Runtime makes of them.
@Suite("operators through the opsets")
struct OperatorHistoryTests {
  static let root = TestData.root.appending(path: "opsets")
  static let opsets = try? FileManager.default.contentsOfDirectory(atPath: root.path).compactMap(Int.init).sorted()

  @Test func arePresent() {
    #expect(Self.opsets == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28])
  }

  /// By the engine, as `octopi run` does, and by the operators' own loops.
  @Test(arguments: opsets ?? [])
  func meanWhatTheyMeant(opset: Int) throws {
    let folder = Self.root.appending(path: "\(opset)"), pool = ThreadPool(threads: 1), kernels = try #require(ISA.available.last).table
    let graph = try ONNXImport.load(path: folder.appending(path: "model.onnx").path)
    let data = try Self.constants(ONNXImport.load(path: folder.appending(path: "data.onnx").path))
    let inputs = try graph.inputs.map { try #require(data[graph[$0].name]) }
    for output in graph.outputs {
      let name = graph[output].name, want = try #require(data[name], "\(name)"), alone = graph.cut(to: output)
      do {
        expect(try alone.evaluate(inputs)[0], equals: want, "\(name) by its own loops")
        let plan = try Plan(alone, inputShapes: inputs.map(\.shape), kernels: kernels, pool: pool)
        expect(try Session(plan, pool: pool).run(inputs)[0], equals: want, "\(name) by the engine")
      } catch {
        Issue.record("\(name): \(error)")
      }
    }
  }

  /// The file that `octopi convert` writes holds what an operator meant at its opset.
  @Test(arguments: opsets ?? [])
  func meanTheSameInFiles(opset: Int) throws {
    let folder = Self.root.appending(path: "\(opset)"), graph = try ONNXImport.load(path: folder.appending(path: "model.onnx").path)
    let data = try Self.constants(ONNXImport.load(path: folder.appending(path: "data.onnx").path))
    let contents = ModelFileContents(summary: .init(source: "", sha256: "", sourceBytes: 0, program: "", graph: graph), graph: graph)
    let restored = try ModelFile(MappedBytes(contents.bytes()), file: "m").graph()
    let inputs = try graph.inputs.map { try #require(data[graph[$0].name]) }
    for output in restored.outputs {
      let name = restored[output].name
      expect(try restored.cut(to: output).evaluate(inputs)[0], equals: try #require(data[name], "\(name)"), "\(name)")
    }
  }

  private static func constants(_ graph: Graph) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for value in graph.values { tensors[value.name] = value.constant }
    return tensors
  }

  /// Both computed in float32, in another order: some units in the last place of the largest summand, which is below 100.
  private func expect(_ got: Tensor, equals want: Tensor, _ what: Comment) {
    guard got.type == want.type else { Issue.record("\(what): \(got.type) instead of \(want.type)"); return }
    if want.integers != nil {
      #expect(got == want, what)
      return
    }
    for (at, (a, b)) in zip(got.doubles, want.doubles).enumerated() where a != b && !(a.isNaN && b.isNaN) {
      guard abs(a - b) <= 4e-6 + 1e-5 * abs(b) else { Issue.record("\(what): \(a) instead of \(b) at \(at)"); return }
    }
  }
}

extension Graph {
  /// What one of the outputs needs.
  fileprivate func cut(to output: ValueID) -> Graph {
    var alone = self
    alone.outputs = [output]
    return alone.withoutDeadCode()
  }
}
