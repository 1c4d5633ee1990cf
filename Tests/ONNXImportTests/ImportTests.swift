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
  @Test(arguments: (1...28) as ClosedRange<Int64>)
  func looksUpTheDefinitionThatApplies(opset: Int64) throws {
    let graph = try ONNXImport.load(bytes: Examples.node("Softmax", ["axis": .int(1)], opset: opset).bytes)
    let x = Tensor(TensorType(.float32, [1, 3, 2, 2, 2]), .floats([Float](repeating: 0, count: 24)))
    let expected: Float = opset < 13 ? 1.0 / 24 : 1.0 / 3
    #expect(try graph.evaluate([x])[0].floats?.allSatisfy { abs($0 - expected) < 1e-7 } == true)
  }

  /// GroupNormalization scales groups before opset 21, channels since.
  @Test(arguments: (18...28) as ClosedRange<Int64>)
  func looksUpWhatIsScaled(opset: Int64) throws {
    let graph = try ONNXImport.load(bytes: Examples.node("GroupNormalization", inputs: 3, ["num_groups": .int(1)], opset: opset).bytes)
    let x = Tensor(TensorType(.float32, [1, 2, 1]), .floats([1, 3])), one = Tensor(TensorType(.float32, [1]), .floats([1]))
    let two = Tensor(TensorType(.float32, [2]), .floats([1, 1])), fitting = opset < 21 ? one : two, other = opset < 21 ? two : one
    #expect(try graph.evaluate([x, fitting, fitting])[0].floats?.map { ($0 * 100).rounded() / 100 } == [0, 2])
    #expect(throws: GraphError.self) { try graph.evaluate([x, other, other]) }
  }

  struct Unclaimed: Sendable, CustomTestStringConvertible {
    let operation: String
    var inputs = 1
    let opset: Int64
    let attributes: KeyValuePairs<String, ONNXAttribute>
    /// What is said of it, with the operator and the opset of its definition.
    let need: String
    var testDescription: String { "\(operation) of opset \(opset)" }
  }

  /// What a definition allows, or what only another has.
  static let unclaimed = [
    Unclaimed(operation: "BatchNormalization", inputs: 5, opset: 6, attributes: [:], need: "BatchNormalization (opset 6): BatchNormalization in training mode"),
    Unclaimed(operation: "Cast", opset: 5, attributes: ["to": .string("STRING")], need: "Cast (opset 1): conversion to 'STRING'"),
    Unclaimed(operation: "Cast", opset: 22, attributes: ["to": .int(17)], need: "Cast (opset 21): conversion to data type 17"),
    Unclaimed(operation: "Resize", inputs: 3, opset: 17, attributes: ["antialias": .int(1)], need: "attribute 'antialias' of Resize (opset 13)"),
    Unclaimed(operation: "ArgMax", opset: 11, attributes: ["select_last_index": .int(1)], need: "attribute 'select_last_index' of ArgMax (opset 11)"),
    Unclaimed(operation: "Softmax", opset: 13, attributes: ["axes": .ints([1])], need: "attribute 'axes' of Softmax (opset 13)"),
    Unclaimed(operation: "ScatterND", inputs: 3, opset: 13, attributes: ["reduction": .string("add")], need: "attribute 'reduction' of ScatterND (opset 13)"),
    Unclaimed(operation: "Add", inputs: 2, opset: 7, attributes: ["broadcast": .int(1)], need: "attribute 'broadcast' of Add (opset 7)"),
    Unclaimed(operation: "Swish", opset: 23, attributes: [:], need: "operator Swish at opset 23, before its first definition in opset 24"),
    Unclaimed(operation: "Loop", inputs: 2, opset: 21, attributes: [:], need: "operator Loop"),
    Unclaimed(operation: "Relu", opset: 29, attributes: [:], need: "opset 29, the newest known is 28"),
  ]

  @Test(arguments: unclaimed)
  func saysWhichDefinitionIsNotClaimed(test: Unclaimed) throws {
    var model = Examples.node(test.operation, inputs: min(test.inputs, 4), opset: test.opset)
    model.graph.nodes[0].attributes = test.attributes.map { ($0.key, $0.value) }
    if test.inputs > 4 { model.graph.nodes[0].inputs += ["a"] }
    let bytes = model.bytes
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: bytes) }
    guard case .unsupported(_, let needs)? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(needs.count == 1 && needs[0].hasPrefix(test.need), "\(needs)")
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
            "operator Frobnicate (2 times, first in node 'one' (Frobnicate))", "attribute 'slope' of Relu (opset 14) (node 'three' (Relu))",
            "operator Mish at opset 17, before its first definition in opset 18 (node 'four' (Mish))",
            "operator com.example.Gelu (node 'five' (com.example.Gelu))",
          ]))
  }
}
