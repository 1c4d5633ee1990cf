extension Graph {
  /// Replaces nodes one by one. `body` sees each node with the pattern of the graph as it was, may add values, and returns the nodes that
  /// make the same results, or nil to leave it. What nobody reads afterwards is removed.
  func rewritten(_ body: (Node, Pattern, inout Graph) -> [Node]?) -> Graph {
    let pattern = Pattern(self)
    var result = self
    var isChanged = false
    result.nodes = []
    for node in nodes {
      if let replacement = body(node, pattern, &result) {
        result.nodes += replacement
        isChanged = true
      } else {
        result.nodes.append(node)
      }
    }
    return isChanged ? result.withoutDeadCode() : self
  }

  /// Adds a constant for a pass.
  mutating func add(constant: Tensor, name: String) -> ValueID { add(Value(name: name, constant: constant)) }
}

extension Node {
  /// The same results by another operation.
  func replaced(by operation: any Operator, _ inputs: [ValueID?]) -> Node {
    Node(name: name, operation: operation, inputs: inputs, outputs: outputs, layer: layer)
  }
}
