import Graph
import Testing

/// Writes a graph down node by node, as an importer would make it.
struct GraphMaker {
  private(set) var graph = Graph()
  var opset = 17

  init(opset: Int = 17) { self.opset = opset }

  mutating func input(_ name: String = "x", _ element: ElementType = .float32) -> ValueID {
    let id = graph.add(Value(name: name, declared: (element, nil)))
    graph.inputs.append(id)
    return id
  }

  mutating func constant(_ tensor: Tensor) -> ValueID { graph.add(Value(name: "c\(graph.values.count)", constant: tensor)) }

  mutating func scalar(_ value: Float) -> ValueID { constant(.float([], [value])) }

  mutating func nodes(_ name: String, _ inputs: [ValueID?], outputs: Int, _ attributes: [String: Attribute] = [:]) throws -> [ValueID] {
    let declaration = try #require(Operators.declaration(of: name))
    let ids = (0..<outputs).map { graph.add(Value(name: "\(name)\(graph.nodes.count).\($0)")) }
    let operation = try SingleNode(name, opset: opset, inputs: inputs.count, outputs: outputs, attributes).operation
    let most = declaration.inputs.upperBound, missing = most == OperatorDeclaration.many ? 0 : most - inputs.count
    graph.nodes.append(
      Node(name: "\(name)\(graph.nodes.count)", operation: operation, inputs: inputs + [ValueID?](repeating: nil, count: missing), outputs: ids))
    return ids
  }

  mutating func node(_ name: String, _ inputs: ValueID?..., attributes: [String: Attribute] = [:]) throws -> ValueID {
    try nodes(name, inputs, outputs: 1, attributes)[0]
  }

  mutating func output(_ ids: ValueID...) { graph.outputs += ids }
}

extension Graph {
  /// ONNX names of the operators, in order.
  var operations: [String] { nodes.map { type(of: $0.operation).declaration.name } }

  /// The operator of the only node that is an `O`.
  func only<O: Operator>(_ type: O.Type) throws -> O {
    let found = nodes.compactMap { $0.operation as? O }
    #expect(found.count == 1)
    return try #require(found.first)
  }
}

/// Runs `pass` on the graph specialised to the inputs' shapes, and expects the same numbers before and after, and that every value keeps its type.
/// - tolerance: of each number, relative to the largest; passes that regroup sums and products round differently.
func checked(
  _ graph: Graph, _ inputs: [Tensor], tolerance: Double = 1e-6, sourceLocation: SourceLocation = #_sourceLocation, _ pass: (Graph) -> Graph
) throws -> Graph {
  let special = try graph.specialised(to: inputs.map(\.shape))
  let after = pass(special)
  let wanted = try special.evaluate(inputs), got = try after.evaluate(inputs)
  #expect(got.map(\.type) == wanted.map(\.type), sourceLocation: sourceLocation)
  for (a, b) in zip(got, wanted) {
    let scale = b.doubles.map(abs).max() ?? 0, worst = zip(a.doubles, b.doubles).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance * max(scale, 1e-30), "differs by \(worst) of \(scale)", sourceLocation: sourceLocation)
    #expect(b.doubles.contains { $0 != b.doubles[0] } || b.count == 1, "all numbers are equal: this proves nothing", sourceLocation: sourceLocation)
  }
  #expect(after.outputs.map { after[$0].name } == special.outputs.map { special[$0].name }, sourceLocation: sourceLocation)
  #expect(after.values.allSatisfy { $0.type != nil }, sourceLocation: sourceLocation)
  return after
}
