import Foundation
import TestSupport
import Testing

/// Networks that are damaged or mean harm, as a user meets them: the code that is documented, the place by name, no crash, and no more memory
/// than a small file can justify.
@Suite("damaged networks", .tags(.command))
struct DamagedNetworkTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int
    /// Part of the message.
    let message: String
    let write: @Sendable (TemporaryFolder) throws -> Void

    init(_ name: String, _ code: Int, _ message: String, _ model: ONNXModel) {
      self.init(name, code, message) { try Networks.write(model, to: $0) }
    }

    init(_ name: String, _ code: Int, _ message: String, write: @escaping @Sendable (TemporaryFolder) throws -> Void) {
      (testDescription, self.code, self.message, self.write) = (name, code, message, write)
    }
  }

  /// Nodes between `x` of 4 numbers and `y`.
  private static func chain(_ nodes: [ONNXNode], _ initialisers: [ONNXTensor] = []) -> ONNXModel {
    ONNXModel(ONNXGraph(nodes, inputs: [ONNXValue("x", [4])], outputs: [ONNXValue("y", nil)], initialisers: initialisers))
  }

  private static func external(_ location: String, offset: String = "0", prepare: @escaping @Sendable (TemporaryFolder) throws -> Void = { _ in })
    -> @Sendable (TemporaryFolder) throws -> Void
  {
    { folder in
      try prepare(folder)
      let tensor = ONNXTensor("t", type: 1, dims: [4], .external([("location", location), ("offset", offset)]))
      try Networks.write(chain([ONNXNode("Add", ["x", "t"], ["y"])], [tensor]), to: folder)
    }
  }

  /// `If` within `If`, so many times.
  private static func nested(_ depth: Int) -> ONNXModel {
    let leaf = ONNXGraph([ONNXNode("Identity", ["x"], ["y"])], outputs: [ONNXValue("y", nil)])
    var graph = leaf
    for _ in 0..<depth {
      graph = ONNXGraph([ONNXNode("If", ["c"], ["y"], ["then_branch": .graph(graph), "else_branch": .graph(leaf)])], outputs: [ONNXValue("y", nil)])
    }
    graph.inputs = [ONNXValue("x", [4]), ONNXValue("c", [1], type: 9)]
    return ONNXModel(graph)
  }

  static let cases = [
    Case(
      "cycle", 65, "node 'p' (Add): it depends on its own result",
      chain([ONNXNode("Add", ["x", "b"], ["a"], name: "p"), ONNXNode("Neg", ["a"], ["b"]), ONNXNode("Neg", ["b"], ["y"])])),
    Case("result twice", 65, "'y' is defined twice", chain([ONNXNode("Neg", ["x"], ["y"]), ONNXNode("Abs", ["x"], ["y"])])),
    Case("initialiser twice", 65, "'t' is defined twice", chain([ONNXNode("Add", ["x", "t"], ["y"])], [.floats("t", [1], [1]), .floats("t", [1], [2])])),
    Case("missing input", 65, "its input 'nowhere' is defined nowhere", chain([ONNXNode("Add", ["x", "nowhere"], ["y"], name: "p")])),
    Case("missing output", 65, "output 'y': no node makes it", chain([ONNXNode("Neg", ["x"], ["z"])])),
    Case("unknown operator", 69, "operator Frobnicate", chain([ONNXNode("Frobnicate", ["x"], ["y"])])),
    Case("more values promised than there are", 65, "tensor 't'", chain([ONNXNode("Add", ["x", "t"], ["y"])], [ONNXTensor("t", type: 1, dims: [1 << 33], .raw([0, 0, 0, 0]))])),
    Case("overflowing dimensions", 65, "is absurd", chain([ONNXNode("Add", ["x", "t"], ["y"])], [ONNXTensor("t", type: 1, dims: [1 << 31, 1 << 31, 1 << 31], .floats([]))])),
    Case("absurd constant", 65, "is absurd", chain([ONNXNode("ConstantOfShape", ["s"], ["y"], name: "p")], [.ints("s", [1 << 31, 1 << 31])])),
    Case("absurd repetition", 65, "node 'p' (Tile): input 'repeats': 1125899906842624 is beyond any dimension", chain([ONNXNode("Tile", ["x", "s"], ["y"], name: "p")], [.ints("s", [1 << 50])])),
    Case("absurd padding", 65, "node 'p' (Pad): input 'pads': 1152921504606846976 is beyond any dimension", chain([ONNXNode("Pad", ["x", "s"], ["y"], name: "p")], [.ints("s", [1 << 60, 1 << 60])])),
    Case("absurd range", 65, "absurd", chain([ONNXNode("Range", ["a", "b", "c"], ["y"], name: "p")], [
      ONNXTensor("a", type: 7, dims: [], .int64s([0])), ONNXTensor("b", type: 7, dims: [], .int64s([.max])), ONNXTensor("c", type: 7, dims: [], .int64s([1])),
    ])),
    Case("nested graphs", 65, "nested deeper than 16", nested(20)),
    Case("external data above the folder", 65, "must lie in the model's folder", write: external("../secret")),
    Case("external data by an absolute path", 65, "must lie in the model's folder", write: external("/etc/passwd")),
    Case("external data through a link", 65, "a symbolic link leads out", write: external("link") { folder in
      try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "/etc/passwd")
    }),
    Case("external data that is not there", 66, "gone.bin", write: external("gone.bin")),
    Case("external data that is short", 65, "16 bytes from byte 0 on are needed, the file has 15", write: external("short.bin") { folder in
      try folder.write("fifteen bytes!!", to: "short.bin")
    }),
    Case("external data from beyond the end", 65, "the file has 15", write: external("short.bin", offset: "9223372036854775807") { folder in
      try folder.write("fifteen bytes!!", to: "short.bin")
    }),
    Case("an empty file", 65, "model.onnx") { try $0.write("", to: "model.onnx") },
    Case("text", 65, "model.onnx") { try $0.write(String(repeating: "no network ", count: 1000), to: "model.onnx") },
    Case("messages within messages", 65, "model.onnx") { folder in
      // Each byte pair opens a message of the graph's field that never ends.
      try Data([UInt8](repeating: 0x3A, count: 200_000)).write(to: URL(filePath: folder.path("model.onnx")))
    },
  ]

  /// 1.5 GB of addresses are some hundred times what these files need, and far less than they ask for.
  @Test(arguments: cases)
  func areRefused(damaged: Case) async throws {
    let folder = try TemporaryFolder()
    try damaged.write(folder)
    let outcome = try await Program.run("/bin/sh", ["-c", "ulimit -v 1500000; exec '\(Program.path)' info model.onnx --plan"], in: folder)
    #expect(outcome.code == damaged.code, "\(outcome.errors)\(outcome.output)")
    #expect(outcome.errors.contains(damaged.message), "\(outcome.errors)")
    #expect(outcome.output == "")
  }
}
