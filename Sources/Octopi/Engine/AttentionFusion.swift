#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif
import Graph

/// `softmax(Q Kᵀ + addends) V` over the last two axes, for every index of the axes before: what a chain of nodes says in a dozen steps, each
/// of which would write all scores to memory.
///
/// Inputs: Q `[..., queries, size]`, K `[..., tokens, size]`, or its transpose, V `[..., tokens, values]`. Internal to the engine.
struct FusedAttention: Operator {
  /// A constant added to the scores: `matrices` of queries times tokens, and which one each matrix of the batch gets.
  struct Addend: Sendable {
    let values: [Float]
    /// By matrix of the batch: the first element of its addend.
    let offsets: [Int]
  }

  let batch: Int, queries: Int, tokens: Int, size: Int, valueSize: Int
  let transposesKeys: Bool
  /// Up to two.
  let addends: [Addend]
  let outputShape: [Int]

  static let declaration = OperatorDeclaration("FusedAttention", domain: "octopi", opsets: [1], inputs: 3...3, elements: [.float32]) {
    (node) throws(GraphError) in throw .unsupported(place: node.node, reason: "FusedAttention is made by the compiler, not read from files")
  }

  func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [TensorType(.float32, outputShape)] }

  func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    guard let q = inputs[0]?.floats, let k = inputs[1]?.floats, let v = inputs[2]?.floats else {
      throw .unsupported(place: "FusedAttention", reason: "operands that are not float")
    }
    var y: [Float] = []
    for b in 0..<batch {
      for row in 0..<queries {
        let query = Array(q[(b * queries + row) * size..<(b * queries + row + 1) * size])
        var scores = [Double](repeating: 0, count: tokens)
        for t in 0..<tokens {
          for i in 0..<size {
            let key = transposesKeys ? k[(b * size + i) * tokens + t] : k[(b * tokens + t) * size + i]
            scores[t] += Double(query[i]) * Double(key)
          }
          for addend in addends { scores[t] += Double(addend.values[addend.offsets[b] + row * tokens + t]) }
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }, sum = weights.reduce(0, +)
        for j in 0..<valueSize {
          var total = 0.0
          for t in 0..<tokens { total += weights[t] * Double(v[(b * tokens + t) * valueSize + j]) }
          y.append(Float(total / sum))
        }
      }
    }
    return [Tensor(TensorType(.float32, outputShape), .floats(y))]
  }
}

extension Graph {
  /// This specialised graph with attention as single nodes, where all that lies between the two products is used there alone.
  func withFusedAttention() -> Graph {
    var search = AttentionSearch(self)
    var graph = self
    for (index, node) in nodes.enumerated() {
      if let fused = search.attention(endingAt: node) { graph.nodes[index] = fused }
    }
    return graph.withoutDeadCode()
  }
}

/// Follows the nodes from a second product back to the first.
private struct AttentionSearch {
  let graph: Graph
  private var producers: [Int: Node] = [:]
  private var uses: [Int: Int] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    for node in graph.nodes {
      for case let id? in node.outputs { producers[id.index] = node }
      for case let id? in node.inputs { uses[id.index, default: 0] += 1 }
    }
    for id in graph.outputs { uses[id.index, default: 0] += 1 }
  }

  private func producer(_ id: ValueID?) -> Node? {
    guard let id, uses[id.index] == 1 else { return nil }
    return producers[id.index]
  }

  private func shape(_ id: ValueID?) -> [Int] { id.flatMap { graph[$0].type?.shape } ?? [] }

  mutating func attention(endingAt node: Node) -> Node? {
    guard node.operation is MatMul, let v = node.inputs[1], graph[v].constant == nil, shape(v).count >= 3 else { return nil }
    var id = node.inputs[0]
    while let reshape = producer(id), reshape.operation is Reshape { id = reshape.inputs[0] }
    guard let softmax = producer(id), let operation = softmax.operation as? Softmax, case let scores = shape(id), scores.count >= 3,
      let extents = try? operation.group.extents(of: scores),  // types were inferred: it cannot throw
      extents.inner == 1, extents.length == scores[scores.count - 1]
    else { return nil }
    return chain(from: softmax.inputs[0], softmax, node)
  }

  /// The addends between the first product and the softmax, the last first.
  private func chain(from start: ValueID?, _ softmax: Node, _ last: Node) -> Node? {
    var id = start, addends: [FusedAttention.Addend] = []
    let tail = Array(shape(softmax.inputs[0]).suffix(2))
    while let step = producer(id) {
      guard Array(shape(id).suffix(2)) == tail else { return nil }
      if step.operation is MatMul { return fused(first: step, addends, softmax, last, tail) }
      if step.operation is Reshape {
        id = step.inputs[0]
      } else if step.operation is Add, let (rest, addend) = addend(step, tail) {
        addends.append(addend)
        id = rest
      } else {
        return nil
      }
    }
    return nil
  }

  /// A constant of whole matrices, one for each index of some of the leading axes.
  private func addend(_ node: Node, _ tail: [Int]) -> (ValueID?, FusedAttention.Addend)? {
    for (x, c) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let x, let c, graph[x].constant == nil, let constant = graph[c].constant, let values = constant.floats else { continue }
      let full = shape(node.outputs[0]), own = [Int](repeating: 1, count: max(0, full.count - constant.shape.count)) + constant.shape
      guard own.count == full.count, Array(own.suffix(2)) == tail, shape(x) == full else { return nil }
      let leading = Array(full.dropLast(2)), matrix = tail.reduce(1, *), steps = StridedMap.rowMajor(Array(own.dropLast(2)))
      let offsets = (0..<leading.reduce(1, *)).map { index in
        var rest = index, offset = 0
        for axis in leading.indices.reversed() {
          if own[axis] != 1 { offset += rest % leading[axis] * steps[axis] }
          rest /= leading[axis]
        }
        return offset * matrix
      }
      return (x, FusedAttention.Addend(values: values, offsets: offsets))
    }
    return nil
  }

  private func fused(first: Node, _ addends: [FusedAttention.Addend], _ softmax: Node, _ last: Node, _ tail: [Int]) -> Node? {
    let q = shape(first.inputs[0]), v = shape(last.inputs[1]), batch = q.dropLast(2).reduce(1, *)
    guard addends.count <= 2, let keys = first.inputs[1], graph[keys].constant == nil, q.count >= 3, let output = last.outputs[0] else { return nil }
    guard shape(keys).dropLast(2).reduce(1, *) == batch, v.dropLast(2).reduce(1, *) == batch, q[q.count - 2] == tail[0], v[v.count - 2] == tail[1],
      addends.allSatisfy({ $0.offsets.count == batch })
    else { return nil }
    var source = keys, isTransposed = true
    if let node = producer(keys), let transpose = node.operation as? Transpose, let x = node.inputs[0] {
      let rank = shape(x).count, order = try? transpose.order(rank: rank)  // types were inferred: it cannot throw
      if order == Array(0..<rank - 2) + [rank - 1, rank - 2] { (source, isTransposed) = (x, false) }
    }
    let operation = FusedAttention(
      batch: batch, queries: tail[0], tokens: tail[1], size: q[q.count - 1], valueSize: v[v.count - 1], transposesKeys: isTransposed,
      addends: addends, outputShape: shape(output))
    return Node(name: softmax.name, operation: operation, inputs: [first.inputs[0], source, last.inputs[1]], outputs: [output])
  }
}
