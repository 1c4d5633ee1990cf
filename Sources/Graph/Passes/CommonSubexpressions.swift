extension Graph {
  /// The graph with one value for all constants that are equal, bit for bit, and for all results of equal operations on the same inputs.
  public func withoutCommonSubexpressions() -> Graph {
    var result = self
    var stands = values.indices.map { ValueID($0) }
    var constants: [ConstantKey: ValueID] = [:]
    for (index, value) in values.enumerated() {
      guard let constant = value.constant else { continue }
      let key = ConstantKey(tensor: constant)
      if let known = constants[key] { stands[index] = known } else { constants[key] = ValueID(index) }
    }
    let named = Set(outputs)
    var expressions: [ExpressionKey: [ValueID?]] = [:]
    result.nodes = nodes.compactMap { node in
      var node = node
      node.inputs = node.inputs.map { $0.map { stands[$0.index] } }
      // A result that leaves the graph keeps its own name.
      guard let operation = node.operation as? any Hashable, !node.outputs.contains(where: { $0.map(named.contains) ?? false }) else { return node }
      let key = ExpressionKey(operation: AnyHashable(operation), inputs: node.inputs, isPresent: node.outputs.map { $0 != nil })
      guard let known = expressions[key] else {
        expressions[key] = node.outputs
        return node
      }
      for case (let id?, let other?) in zip(node.outputs, known) { stands[id.index] = other }
      return nil
    }
    return result.withoutDeadCode()
  }
}

private struct ExpressionKey: Hashable {
  let operation: AnyHashable
  let inputs: [ValueID?]
  let isPresent: [Bool]
}

/// A constant by type and bits. Its hash looks at a few elements only: weights are large, and seldom equal.
public struct ConstantKey: Hashable {
  public let tensor: Tensor

  public init(tensor: Tensor) { self.tensor = tensor }

  public static func == (a: ConstantKey, b: ConstantKey) -> Bool {
    guard a.tensor.type == b.tensor.type else { return false }
    return switch (a.tensor.values, b.tensor.values) {
    case (.floats(let x), .floats(let y)): x.elementsEqual(y) { $0.bitPattern == $1.bitPattern }
    case (.doubles(let x), .doubles(let y)): x.elementsEqual(y) { $0.bitPattern == $1.bitPattern }
    case (.integers(let x), .integers(let y)): x == y
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tensor.type)
    let samples = stride(from: 0, to: tensor.count, by: max(1, tensor.count / 16))
    switch tensor.values {
    case .floats(let v): for i in samples { hasher.combine(v[i].bitPattern) }
    case .doubles(let v): for i in samples { hasher.combine(v[i].bitPattern) }
    case .integers(let v): for i in samples { hasher.combine(v[i]) }
    }
  }
}
