extension Graph {
  /// The graph without nodes, results and constants that no output depends on. Inputs stay, used or not.
  public func withoutDeadCode() -> Graph {
    var isLive = [Bool](repeating: false, count: values.count)
    for id in outputs { isLive[id.index] = true }
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: { $0.map { isLive[$0.index] } ?? false }) {
      for case let id? in node.inputs { isLive[id.index] = true }
      kept.append(node)
    }
    for id in inputs { isLive[id.index] = true }

    var result = Graph(origin: origin)
    var renumbered = [ValueID?](repeating: nil, count: values.count)
    for (index, value) in values.enumerated() where isLive[index] { renumbered[index] = result.add(value) }
    result.nodes = kept.reversed().map { node in
      var node = node
      node.inputs = node.inputs.map { $0.flatMap { renumbered[$0.index] } }
      node.outputs = node.outputs.map { $0.flatMap { renumbered[$0.index] } }
      while node.outputs.count > 1, case nil? = node.outputs.last { node.outputs.removeLast() }
      return node
    }
    result.inputs = inputs.compactMap { renumbered[$0.index] }
    result.outputs = outputs.compactMap { renumbered[$0.index] }
    return result
  }
}
