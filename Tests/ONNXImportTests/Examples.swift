import Graph
import ONNXImport
import TestSupport

/// Models of a few nodes that several suites read.
enum Examples {
  /// Weights of the convolution in `small`.
  static let weights: [Float] = (0..<27).map { Float($0) / 8 - 1 }

  /// `logits = Conv(Relu(x) + bias) + x` with constants in two forms; input `x` `[batch, 1, 4, 4, 4]`.
  static let small = ONNXModel(
    ONNXGraph(
      [
        ONNXNode("Constant", [], ["bias"], ["value": .tensor(.floats("", [1], [0.5]))], name: "constant"),
        ONNXNode("Relu", ["x"], ["r"], name: "relu"),
        ONNXNode("Add", ["r", "bias"], ["a"], name: "add"),
        ONNXNode(
          "Conv", ["a", "w", "b"], ["c"],
          ["kernel_shape": .ints([3, 3, 3]), "pads": .ints([1, 1, 1, 1, 1, 1]), "group": .int(1), "auto_pad": .string("NOTSET")], name: "conv"),
        ONNXNode("Add", ["c", "x"], ["logits"], name: "residual"),
      ],
      inputs: [ONNXValue("x", ["batch", 1, 4, 4, 4])], outputs: [ONNXValue("logits", ["batch", 1, 4, 4, 4])],
      initialisers: [
        .floats("w", [1, 1, 3, 3, 3], weights), ONNXTensor("b", type: 1, dims: [1], .floats([0.25])),
      ]))

  /// A graph of one node with float inputs `a`, `b`, ... of open shape and output `y`.
  static func node(
    _ operation: String, inputs: Int = 1, _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], opset: Int64 = 17
  ) -> ONNXModel {
    let names = ["a", "b", "c", "d"].prefix(inputs)
    return ONNXModel(
      ONNXGraph(
        [ONNXNode(operation, Array(names), ["y"], attributes, name: "n")], inputs: names.map { ONNXValue($0, nil) }, outputs: [ONNXValue("y", nil)]),
      opset: opset)
  }

  /// Nodes in any order between input `x` and output `y`, all of one element.
  static func chain(_ nodes: [ONNXNode], initialisers: [ONNXTensor] = [], functions: [ONNXFunction] = [], domains: [String] = []) -> ONNXModel {
    ONNXModel(
      ONNXGraph(nodes, inputs: [ONNXValue("x", [1])], outputs: [ONNXValue("y", [1])], initialisers: initialisers), domains: domains,
      functions: functions)
  }
}

extension Graph {
  /// The single result for one float vector.
  func callAsFunction(_ values: [Float]) throws -> [Float] {
    try evaluate([Tensor(TensorType(.float32, [values.count]), .floats(values))])[0].floats ?? []
  }

  /// ONNX names of the operators, in order.
  var operations: [String] { nodes.map { type(of: $0.operation).declaration.name } }
}
