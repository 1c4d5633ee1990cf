import Foundation
import Graph
import ONNXImport
import TestSupport
import Testing

@Suite("Damaged models")
struct DamageTests {
  /// The graph is the last thing in the file, so that no prefix is a model.
  @Test func everyTruncationIsAnError() {
    let bytes = Examples.small.bytes
    for count in 0..<bytes.count {
      #expect(throws: ImportError.self, "\(count) of \(bytes.count) bytes") { try ONNXImport.load(bytes: Array(bytes[..<count])) }
    }
  }

  /// One bit flipped anywhere: a typed error, or a model that still holds together and says what it is made of.
  @Test func everyFlippedBitIsAnErrorOrAModel() throws {
    let bytes = Examples.small.bytes
    for position in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[position] ^= 1 << bit
        do throws(ImportError) {
          let graph = try ONNXImport.load(bytes: damaged)
          do throws(GraphError) { _ = try graph.specialised(to: graph.inputs.map { _ in [1, 1, 4, 4, 4] }) } catch { #expect(!error.message.isEmpty) }
        } catch {
          #expect(!error.message.isEmpty)
        }
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let model: ONNXModel
    /// Part of the message.
    let message: String
    init(_ description: String, _ model: ONNXModel, _ message: String) { (testDescription, self.model, self.message) = (description, model, message) }
  }

  private static func tensor(_ tensor: ONNXTensor) -> ONNXModel { Examples.chain([ONNXNode("Identity", ["t"], ["y"])], initialisers: [tensor]) }

  static let cases = [
    Case(
      "cycle", Examples.chain([ONNXNode("Add", ["x", "b"], ["a"], name: "p"), ONNXNode("Neg", ["a"], ["b"]), ONNXNode("Neg", ["b"], ["y"])]),
      "node 'p' (Add): it depends on its own result, by way of 1 other node"),
    Case("own input", Examples.chain([ONNXNode("Neg", ["y"], ["y"], name: "p")]), "node 'p' (Neg): it depends on its own result"),
    Case("result twice", Examples.chain([ONNXNode("Neg", ["x"], ["y"]), ONNXNode("Abs", ["x"], ["y"], name: "p")]), "'y' is defined twice"),
    Case("result named as input", Examples.chain([ONNXNode("Neg", ["x"], ["x"]), ONNXNode("Neg", ["x"], ["y"])]), "'x'"),
    Case(
      "initialiser twice", Examples.chain([ONNXNode("Add", ["x", "t"], ["y"])], initialisers: [.floats("t", [1], [1]), .floats("t", [1], [2])]),
      "'t' is defined twice"),
    Case(
      "missing input", Examples.chain([ONNXNode("Add", ["x", "nowhere"], ["y"], name: "p")]), "node 'p' (Add): its input 'nowhere' is defined nowhere"
    ),
    Case("missing output", Examples.chain([ONNXNode("Neg", ["x"], ["z"])]), "output 'y': no node makes it"),
    Case("too few inputs", Examples.chain([ONNXNode("Add", ["x"], ["y"], name: "p")]), "node 'p' (Add): it needs 2 inputs"),
    Case("absent first input", Examples.chain([ONNXNode("Clip", ["", "x"], ["y"], name: "p")]), "node 'p' (Clip): it needs 1 inputs"),
    Case(
      "too many inputs", Examples.chain([ONNXNode("Neg", ["x", "x"], ["y"], name: "p")]), "node 'p' (Neg): it has 2 inputs, the operator takes 1"),
    Case(
      "too many outputs", Examples.chain([ONNXNode("Neg", ["x"], ["y", "z"], name: "p")]), "node 'p' (Neg): it lists 2 outputs, the operator has 1"),
    Case(
      "attribute of another type", Examples.chain([ONNXNode("LeakyRelu", ["x"], ["y"], ["alpha": .int(1)], name: "p")]),
      "attribute 'alpha' is not a float"),
    Case(
      "attribute twice", Examples.chain([ONNXNode("LeakyRelu", ["x"], ["y"], ["alpha": .float(1), "alpha": .float(2)], name: "p")]),
      "attribute 'alpha' is given twice"),
    Case(
      "absurd attribute", Examples.chain([ONNXNode("Concat", ["x"], ["y"], ["axis": .int(.max)], name: "p")]),
      "attribute 'axis' is 9223372036854775807"),
    Case(
      "more data than shape", tensor(ONNXTensor("t", type: 1, dims: [2], .raw([UInt8](repeating: 0, count: 12)))),
      "tensor 't': 12 bytes of data where shape [2] of float takes 8"),
    Case("less data than shape", tensor(ONNXTensor("t", type: 1, dims: [1 << 30], .raw([0, 0, 0, 0]))), "takes 4294967296"),
    Case("fewer numbers than shape", tensor(ONNXTensor("t", type: 7, dims: [5], .int64s([1, 2]))), "tensor 't': 2 values where shape [5] takes 5"),
    Case("negative length", tensor(ONNXTensor("t", type: 1, dims: [-1], .floats([]))), "is absurd"),
    Case("overflowing shape", tensor(ONNXTensor("t", type: 1, dims: [1 << 31, 1 << 31, 1 << 31], .floats([]))), "is absurd"),
    Case("no element type", tensor(ONNXTensor("t", type: 0, dims: [1], .floats([1]))), "tensor 't': the tensor has no element type"),
    Case(
      "absurd dimension",
      ONNXModel(ONNXGraph([ONNXNode("Neg", ["x"], ["y"])], inputs: [ONNXValue("x", [.value(1 << 60)])], outputs: [ONNXValue("y", nil)])),
      "a dimension of 1152921504606846976 is absurd"),
    Case(
      "negative dimension", ONNXModel(ONNXGraph([ONNXNode("Neg", ["x"], ["y"])], inputs: [ONNXValue("x", [-7])], outputs: [ONNXValue("y", nil)])),
      "a dimension of -7 is absurd"),
  ]

  @Test(arguments: cases)
  func contradictionsNameTheirPlace(test: Case) {
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: test.model.bytes, name: "m.onnx") }
    guard case .damaged(let file, _, _)? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(file == "m.onnx")
    #expect(error?.message.contains(test.message) == true, "\(error?.message ?? "")")
  }

  static let unsupported = [
    Case("opset of the future", Examples.node("Neg", opset: 29), "opset 29, the newest known is 28"),
    Case("strings", tensor(ONNXTensor("t", type: 8, dims: [1], .floats([]))), "tensors of string (tensor 't')"),
    Case("bytes of eight-bit floats", tensor(ONNXTensor("t", type: 17, dims: [1], .raw([1]))), "tensors of float8e4m3fn (tensor 't')"),
  ]

  @Test(arguments: unsupported)
  func whatIsLegalButNotSupportedIsSaid(test: Case) {
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: test.model.bytes) }
    guard case .unsupported(_, let needs)? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(needs.contains(test.message), "\(needs)")
  }

  /// Two bytes of file make an empty message, which takes a hundred bytes of memory: that has an end.
  @Test func emptyMessagesDoNotFillTheMemory() {
    let graph = [UInt8](repeating: 0, count: 4_000_000).enumerated().map { $0.offset % 2 == 0 ? UInt8(0x0A) : 0 }
    var writer = ProtobufWriter()
    writer.bytes(7, graph)
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: writer.bytes) }
    guard case .damaged? = error else { Issue.record("\(String(describing: error))"); return }
  }
}
