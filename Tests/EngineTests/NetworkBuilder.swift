import Graph
import Testing
import TestSupport

/// Writes small graphs down node by node; constants are random, the seed is part of the case.
struct NetworkBuilder {
  private(set) var graph = Graph()
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func input(_ name: String) -> ValueID {
    let id = graph.add(Value(name: name, declared: (element: .float32, shape: nil)))
    graph.inputs.append(id)
    return id
  }

  /// Independent normal numbers, scaled and shifted.
  mutating func constant(_ shape: [Int], scale: Float = 1, shift: Float = 0) -> ValueID {
    let values = Tensor.normal(shape, &random)
    return graph.add(Value(name: "c\(graph.values.count)", constant: Tensor(values.type, .floats((values.floats ?? []).map { $0 * scale + shift }))))
  }

  mutating func floats(_ values: [Float]) -> ValueID {
    graph.add(Value(name: "f\(graph.values.count)", constant: Tensor(TensorType(.float32, [values.count]), .floats(values))))
  }

  mutating func add(_ constant: Tensor) -> ValueID { graph.add(Value(name: "t\(graph.values.count)", constant: constant)) }

  mutating func integers(_ values: [Int]) -> ValueID {
    let tensor = Tensor(TensorType(.int64, [values.count]), .integers(values.map(Int64.init)))
    return graph.add(Value(name: "i\(graph.values.count)", constant: tensor))
  }

  /// One node as a model file would declare it; nil stands for an input that is left out.
  mutating func node(_ name: String, _ inputs: [ValueID?], opset: Int = 18, _ attributes: [String: Attribute] = [:]) throws -> ValueID {
    let declaration = try #require(Operators.declaration(of: name))
    let version = try #require(declaration.opsets.last { $0 <= opset })
    let operation = try declaration.make(
      AttributeReader(node: name, opset: version, inputCount: inputs.count, outputCount: 1, attributes: attributes))
    let output = graph.add(Value(name: "v\(graph.values.count)"))
    graph.nodes.append(Node(name: "\(name)\(graph.nodes.count)", operation: operation, inputs: inputs, outputs: [output]))
    return output
  }

  mutating func convolution(_ x: ValueID, _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1) throws -> ValueID {
    let w = constant([outputs, inputs, kernel, kernel, kernel], scale: 1 / Float(inputs * kernel * kernel * kernel).squareRoot())
    return try node(
      "Conv", [x, w, constant([outputs])],
      ["pads": .ints([Int64](repeating: Int64(kernel / 2), count: 6)), "strides": .ints([Int64](repeating: Int64(stride), count: 3))])
  }

  mutating func upsampling(_ x: ValueID, _ inputs: Int, _ outputs: Int) throws -> ValueID {
    let w = constant([inputs, outputs, 3, 3, 3], scale: 0.2)
    return try node(
      "ConvTranspose", [x, w, constant([outputs])],
      ["pads": .ints([1, 1, 1, 1, 1, 1]), "strides": .ints([2, 2, 2]), "output_padding": .ints([1, 1, 1])])
  }

  mutating func instanceNorm(_ x: ValueID, _ channels: Int, offset: Float = 0) throws -> ValueID {
    try node("InstanceNormalization", [x, constant([channels], scale: 0.2, shift: 1), constant([channels], scale: 0.2, shift: offset)])
  }

  mutating func finish(_ outputs: [ValueID]) -> Graph {
    graph.outputs = outputs
    return graph
  }
}
