/// Operators that contain graphs.
enum Control {
  static let operators = [If.declaration]
}

/// One of two graphs, by a condition (ONNX If 1 to 25).
///
/// Input 0 is the condition. What the branches read from around them follows, in the order of their own inputs; both list all of it.
public struct If: Operator {
  public let thenBranch: Graph
  public let elseBranch: Graph

  public static let declaration = OperatorDeclaration(
    "If", opsets: [1, 11, 13, 16, 19, 21, 23, 24, 25], inputs: 1...1, outputs: 0...OperatorDeclaration.many, elements: [.bool]
  ) { (node) throws(GraphError) in
    guard let thenBranch = try node.graph("then_branch"), let elseBranch = try node.graph("else_branch") else {
      throw .invalid(place: node.node, reason: "a branch is missing")
    }
    guard thenBranch.outputs.count >= node.outputCount, elseBranch.outputs.count >= node.outputCount else {
      throw .invalid(place: node.node, reason: "a branch has fewer than \(node.outputCount) outputs")
    }
    return If(thenBranch: thenBranch, elseBranch: elseBranch)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["then_branch": .graph(thenBranch), "else_branch": .graph(elseBranch)]) }

  /// The branch that a constant condition takes; nil while it is not known.
  func branch(for condition: Operand?) -> Graph? {
    guard let value = condition?.constant?.integers?.first else { return nil }
    return value != 0 ? thenBranch : elseBranch
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let condition: Operand = try inputs.required(0, "cond")
    guard condition.type.count == 1 else { throw .invalid(place: "", reason: "the condition has \(condition.type.count) elements") }
    let captured = inputs.dropFirst().compactMap { $0 }
    if let branch = branch(for: condition) { return try types(of: branch, captured) }
    let types = try types(of: thenBranch, captured)
    guard try self.types(of: elseBranch, captured) == types else {
      throw .unsupported(place: "", reason: "its branches give different shapes, and the condition is known only when the network runs")
    }
    return types
  }

  private func types(of branch: Graph, _ captured: [Operand]) throws(GraphError) -> [TensorType] {
    let graph = try branch.specialised(to: captured)
    return graph.outputs.compactMap { graph[$0].type }
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let condition: Tensor = try inputs.required(0, "cond")
    let branch = condition.integers?.first ?? 0 != 0 ? thenBranch : elseBranch
    return try branch.evaluate(inputs.dropFirst().compactMap { $0 })
  }
}
