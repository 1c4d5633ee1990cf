extension Graph {
  /// The graph with window masks that are computed from region numbers as RegionMask: differences `a[m][j] - a[m][i]` of constants,
  /// followed by operations element by element that give one number where the difference is zero and another one elsewhere.
  public func withRecognisedMasks() -> Graph {
    rewritten { node, pattern, graph in
      guard let id = node.outputs.first ?? nil, pattern.element(id) == .float32, pattern.shape(id)?.count == 3,
        let match = MaskMatch(pattern, node)
      else { return nil }
      let regions = graph.add(constant: match.regions, name: graph[id].name + ".regions")
      return [node.replaced(by: RegionMask(same: match.same, different: match.different), [regions])]
    }
  }
}

/// A chain of nodes between differences of region numbers and one value.
private struct MaskMatch {
  /// `[M, n]`
  let regions: Tensor
  let same: Float
  let different: Float

  init?(_ pattern: Pattern, _ node: Node) {
    guard node.operation is Where || node.operation is Mul || node.operation is Cast, let (chain, root) = Self.chain(pattern, to: node),
      let numbers = Self.regionNumbers(pattern, root), let difference = root.outputs.first ?? nil
    else { return nil }
    // What the chain makes of every difference that occurs.
    let n = numbers.shape[1], values = numbers.doubles
    var differences: Set<Double> = []
    for window in 0..<numbers.shape[0] {
      let distinct = Set(values[window * n..<(window + 1) * n])
      for a in distinct { for b in distinct { differences.insert(a - b) } }
      guard differences.count <= 4096 else { return nil }
    }
    let sorted = differences.sorted()
    var known = [difference: Tensor(TensorType(.float32, [sorted.count]), rounding: sorted)]
    for step in chain {
      let inputs = step.inputs.map { id in id.flatMap { known[$0] ?? pattern.constant($0) } }
      guard let id = step.outputs.first ?? nil, let result = try? step.operation.evaluate(inputs).first else { return nil }  // then it is no mask
      known[id] = result
    }
    guard let id = node.outputs.first ?? nil, let result = known[id]?.floats, result.count == sorted.count,
      let zero = sorted.firstIndex(of: 0), let other = sorted.firstIndex(where: { $0 != 0 }),
      sorted.indices.allSatisfy({ result[$0] == (sorted[$0] == 0 ? result[zero] : result[other]) })
    else { return nil }
    (same, different) = (result[zero], result[other])
    // Numbers of regions need not be whole; their order of appearance is.
    var ids: [Double: Int64] = [:]
    regions = Tensor(
      TensorType(.int64, numbers.shape),
      .integers(
        values.map { value in
          let id = ids[value] ?? Int64(ids.count)
          ids[value] = id
          return id
        }))
  }

  /// The nodes that lead to `node`, in order, if they work element by element on one difference of constants and on numbers.
  private static func chain(_ pattern: Pattern, to node: Node) -> (chain: [Node], root: Node)? {
    var chain: [Node] = [], open = [node], seen: Set<ValueID> = [], root: Node?
    while let next = open.popLast() {
      guard let id = next.outputs.first ?? nil, chain.count < 16 else { return nil }
      if !seen.insert(id).inserted { continue }
      if next.operation is Sub, next.inputs.allSatisfy({ pattern.constant($0).map { $0.count > 1 } ?? false }) {
        if let root, root.outputs != next.outputs { return nil }
        root = next
        continue
      }
      guard Self.isElementwise(next.operation) else { return nil }
      chain.append(next)
      for case let input? in next.inputs where pattern.scalar(input) == nil {
        guard let source = pattern.producer(of: input)?.node else { return nil }
        open.append(source)
      }
    }
    guard let root, !chain.isEmpty else { return nil }
    // In the order of the graph every node comes after what it reads.
    let wanted = Set(chain.compactMap { $0.outputs.first ?? nil })
    return (pattern.graph.nodes.filter { ($0.outputs.first ?? nil).map(wanted.contains) ?? false }, root)
  }

  private static func isElementwise(_ operation: any Operator) -> Bool {
    operation is any Pointwise || operation is any OldBroadcasting || operation is Where || operation is Cast
  }

  /// The numbers `[M, n]` of which `difference` is `a[m][1][j] - a[m][i][1]`, or the other way round.
  private static func regionNumbers(_ pattern: Pattern, _ difference: Node) -> Tensor? {
    guard let a = pattern.constant(difference.inputs.optional(0)), let b = pattern.constant(difference.inputs.optional(1)), a.element == .float32,
      b.element == .float32, a.shape.count == 3, b.shape.count == 3, a.values == b.values, a.shape[0] == b.shape[0]
    else { return nil }
    let n = a.count / max(1, a.shape[0])
    let isPair = Set([a.shape, b.shape]) == Set([[a.shape[0], 1, n], [a.shape[0], n, 1]])
    return isPair ? a.reshaped([a.shape[0], n]) : nil
  }
}
