import Graph
import ONNXImport
import TestSupport
import Testing

@Suite("Import")
struct ImportTests {
  @Test func readsNamesShapesAndConstants() throws {
    let graph = try ONNXImport.load(bytes: Examples.small.bytes)
    #expect(graph.operations == ["Relu", "Add", "Conv", "Add"])
    #expect(graph.nodes.map(\.name) == ["relu", "add", "conv", "residual"])
    #expect(graph.inputs.map { graph[$0].name } == ["x"])
    #expect(graph[graph.inputs[0]].declared?.shape == [.named("batch"), .known(1), .known(4), .known(4), .known(4)])
    #expect(graph.outputs.map { graph[$0].name } == ["logits"])
    #expect(graph.origin.producer == "octopi tests")
    #expect(graph.origin.opsets == ["": 17])
    var constants: [String: Tensor] = [:]
    for value in graph.values { constants[value.name] = value.constant }
    #expect(constants["bias"]?.floats == [0.5])
    #expect(constants["b"]?.floats == [0.25])
    #expect(constants["w"]?.shape == [1, 1, 3, 3, 3])
    #expect(constants["w"]?.floats == Examples.weights)
  }

  /// 1, -2 and 3 in every storage form of every element type.
  @Test(arguments: [
    ONNXTensor("t", type: 1, dims: [3], .floats([1, -2, 3])), ONNXTensor("t", type: 1, dims: [3], .raw(littleEndianBytes([1, -2, 3] as [Float]))),
    ONNXTensor("t", type: 11, dims: [3], .doubles([1, -2, 3])),
    ONNXTensor("t", type: 11, dims: [3], .raw(littleEndianBytes([1, -2, 3] as [Double]))),
    ONNXTensor("t", type: 10, dims: [3], .int32s([0x3C00, 0xC000, 0x4200])),
    ONNXTensor("t", type: 10, dims: [3], .raw(littleEndianBytes([0x3C00, 0xC000, 0x4200] as [UInt16]))),
    ONNXTensor("t", type: 16, dims: [3], .int32s([0x3F80, 0xC000, 0x4040])),
    ONNXTensor("t", type: 16, dims: [3], .raw(littleEndianBytes([0x3F80, 0xC000, 0x4040] as [UInt16]))),
    ONNXTensor("t", type: 7, dims: [3], .int64s([1, -2, 3])), ONNXTensor("t", type: 7, dims: [3], .raw(littleEndianBytes([1, -2, 3] as [Int64]))),
    ONNXTensor("t", type: 6, dims: [3], .int32s([1, -2, 3])), ONNXTensor("t", type: 6, dims: [3], .raw(littleEndianBytes([1, -2, 3] as [Int32]))),
    ONNXTensor("t", type: 5, dims: [3], .int32s([1, -2, 3])), ONNXTensor("t", type: 5, dims: [3], .raw(littleEndianBytes([1, -2, 3] as [Int16]))),
    ONNXTensor("t", type: 3, dims: [3], .int32s([1, -2, 3])), ONNXTensor("t", type: 3, dims: [3], .raw(littleEndianBytes([1, -2, 3] as [Int8]))),
  ])
  func readsSignedTensors(tensor: ONNXTensor) throws {
    let read = try constant(tensor)
    #expect(read.doubles == [1, -2, 3])
    #expect(read.element.rawValue == Int32(tensor.type))
  }

  @Test(arguments: [
    ONNXTensor("t", type: 2, dims: [2], .int32s([7, 200])), ONNXTensor("t", type: 2, dims: [2], .raw([7, 200])),
    ONNXTensor("t", type: 4, dims: [2], .int32s([7, 200])), ONNXTensor("t", type: 4, dims: [2], .raw(littleEndianBytes([7, 200] as [UInt16]))),
    ONNXTensor("t", type: 12, dims: [2], .uint64s([7, 200])), ONNXTensor("t", type: 12, dims: [2], .raw(littleEndianBytes([7, 200] as [UInt32]))),
    ONNXTensor("t", type: 13, dims: [2], .uint64s([7, 200])), ONNXTensor("t", type: 13, dims: [2], .raw(littleEndianBytes([7, 200] as [UInt64]))),
  ])
  func readsUnsignedTensors(tensor: ONNXTensor) throws { #expect(try constant(tensor).doubles == [7, 200]) }

  @Test(arguments: [ONNXTensor("t", type: 9, dims: [3], .int32s([0, 1, 1])), ONNXTensor("t", type: 9, dims: [3], .raw([0, 1, 255]))])
  func readsBooleans(tensor: ONNXTensor) throws { #expect(try constant(tensor).integers == [0, 1, 1]) }

  @Test func readsScalarsAndEmptyTensors() throws {
    #expect(try constant(ONNXTensor("t", type: 1, dims: [], .floats([4]))).shape == [])
    #expect(try constant(ONNXTensor("t", type: 7, dims: [0], .raw([]))).count == 0)
  }

  private func constant(_ tensor: ONNXTensor) throws -> Tensor {
    let graph = try ONNXImport.load(bytes: Examples.chain([ONNXNode("Identity", ["t"], ["y"])], initialisers: [tensor]).bytes)
    return try #require(graph.values.first { $0.name == "t" }?.constant)
  }

  /// Files of IR 3 list initialisers among the inputs.
  @Test func takesAnInputWithInitialiserAsConstant() throws {
    let model = ONNXModel(
      ONNXGraph(
        [ONNXNode("Add", ["x", "w"], ["y"])], inputs: [ONNXValue("x", [1]), ONNXValue("w", [1])], outputs: [ONNXValue("y", [1])],
        initialisers: [.floats("w", [1], [3])]))
    let graph = try ONNXImport.load(bytes: model.bytes)
    #expect(graph.inputs.count == 1)
    #expect(try graph([4]) == [7])
  }

  @Test func ordersNodesByTheirUse() throws {
    let graph = try ONNXImport.load(
      bytes: Examples.chain([
        ONNXNode("Neg", ["b"], ["y"], name: "last"), ONNXNode("Exp", ["a"], ["b"], name: "middle"), ONNXNode("Abs", ["x"], ["a"], name: "first"),
      ]).bytes)
    #expect(graph.nodes.map(\.name) == ["first", "middle", "last"])
  }

  @Test func takesEmptyNamesForAbsentInputsAndDropsTrailingOnes() throws {
    let clip = Examples.chain([ONNXNode("Clip", ["x", "", "high"], ["y"])], initialisers: [ONNXTensor("high", type: 1, dims: [], .floats([2]))])
    let graph = try ONNXImport.load(bytes: clip.bytes)
    #expect(graph.nodes[0].inputs.map { $0 == nil } == [false, true, false])
    #expect(try graph([5]) == [2])
    let alone = try ONNXImport.load(bytes: Examples.chain([ONNXNode("Clip", ["x", "", ""], ["y"])]).bytes)
    #expect(alone.nodes[0].inputs.map { $0 == nil } == [false, true, true])
    #expect(try alone([5]) == [5])
  }

  /// Softmax means other things before and after opset 13; a newer opset that does not touch it keeps its meaning.
  @Test(arguments: [11, 12, 13, 17, 28] as [Int64])
  func looksUpTheDefinitionThatApplies(opset: Int64) throws {
    let graph = try ONNXImport.load(bytes: Examples.node("Softmax", ["axis": .int(1)], opset: opset).bytes)
    let x = Tensor(TensorType(.float32, [1, 3, 2, 2, 2]), .floats([Float](repeating: 0, count: 24)))
    let expected: Float = opset < 13 ? 1.0 / 24 : 1.0 / 3
    #expect(try graph.evaluate([x])[0].floats?.allSatisfy { abs($0 - expected) < 1e-7 } == true)
  }

  @Test func saysEverythingThatIsMissingAtOnce() throws {
    let model = Examples.chain(
      [
        ONNXNode("Frobnicate", ["x"], ["a"], name: "one"), ONNXNode("Frobnicate", ["a"], ["b"], name: "two"),
        ONNXNode("Relu", ["b"], ["c"], ["slope": .float(1)], name: "three"), ONNXNode("Mish", ["c"], ["d"], name: "four"),
        ONNXNode("Gelu", ["d"], ["y"], name: "five", domain: "com.example"),
      ], domains: ["com.example"])
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: model.bytes) }
    #expect(
      error
        == .unsupported(
          file: "model",
          needs: [
            "operator Frobnicate (2 times, first in node 'one' (Frobnicate))", "attribute 'slope' of Relu (node 'three' (Relu))",
            "operator Mish at opset 17, before its first definition in opset 18 (node 'four' (Mish))",
            "operator com.example.Gelu (node 'five' (com.example.Gelu))",
          ]))
  }
}
