extension Graph {
  /// The graph with everything that follows from constants computed, up to a limit of elements for each result: what specialising left
  /// because it is large, and passes did not find a better form for.
  public func withFoldedConstants() -> Graph {
    var result = self
    result.nodes = nodes.filter { node in
      let inputs = node.inputs.map { $0.flatMap { result[$0].constant } }
      guard zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }) else { return true }
      // An operator that refuses keeps its node, which will say why when it runs.
      guard let types = try? node.results(of: inputs.map { $0.map(Operand.init) }), types.allSatisfy({ $0.count <= Self.largestFolded }),
        let tensors = try? node.evaluate(inputs, types: types)
      else { return true }
      for (id, tensor) in zip(node.outputs, tensors) { if let id { result[id].constant = tensor } }
      return false
    }
    return result.nodes.count == nodes.count ? self : result.withoutDeadCode()
  }

  private static let largestFolded = 1 << 26
}
