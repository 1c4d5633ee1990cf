extension Graph {
  /// The graph with each chain of nodes that only move numbers of one tensor (pad, roll, cut into windows, put together again) as one
  /// gather of runs, where the runs are whole rows of the tensor's last axis.
  public func withFusedMovement() -> Graph {
    let movement = MovementRoots(Pattern(self))
    return rewritten { node, pattern, graph in
      guard let id = node.outputs.first ?? nil, node.outputs.count == 1, let chain = movement.chain(endingIn: id),
        let map = RunMap(pattern, chain)
      else { return nil }
      let entries = graph.add(
        constant: Tensor(TensorType(.int64, [map.runs.count]), .integers(map.runs)), name: graph[id].name + ".map")
      let operation = RunGather(length: map.length, shape: pattern.shape(id) ?? [])
      return [node.replaced(by: operation, [chain.root, entries])]
    }
  }
}

/// For every value that only moves numbers of another one: which that is.
private struct MovementRoots {
  struct Chain {
    let root: ValueID
    let end: ValueID
    /// Nodes between them, in order.
    let nodes: [Node]
  }

  private let pattern: Pattern
  private var roots: [ValueID: ValueID] = [:]
  /// Values that someone needs who is not part of the same movement.
  private var ends: Set<ValueID> = []

  init(_ pattern: Pattern) {
    self.pattern = pattern
    ends = Set(pattern.graph.outputs)
    for node in pattern.graph.nodes {
      let sources = node.inputs.compactMap { $0 }.filter { pattern.constant($0) == nil }
      let origins = Set(sources.map { roots[$0] ?? $0 })
      if origins.count == 1, let root = origins.first, Self.moves(node, pattern, sources) {
        for case let id? in node.outputs { roots[id] = root }
      } else {
        ends.formUnion(sources)
      }
    }
  }

  private static func moves(_ node: Node, _ pattern: Pattern, _ sources: [ValueID]) -> Bool {
    switch node.operation {
    case is Concat: return sources.count == node.inputs.count
    case let pad as Pad:
      guard pad.mode == .constant, sources.count == 1, let element = pattern.element(sources[0]) else { return false }
      return pad.value(node.inputs.map { pattern.constant($0) }, element: element).scalar == 0
    case is Reshape, is Transpose, is Slice, is Split, is Gather: return sources.count == 1 && node.inputs.optional(0) == sources[0]
    default: return false
    }
  }

  /// The chain that ends in a value which is needed for itself; nil where there is none, or where one node does all of it.
  func chain(endingIn end: ValueID) -> Chain? {
    guard ends.contains(end), let root = roots[end] else { return nil }
    var wanted: Set<ValueID> = [], open = [end]
    while let id = open.popLast() {
      guard id != root, wanted.insert(id).inserted, let node = pattern.producer(of: id)?.node else { continue }
      open += node.inputs.compactMap { $0 }.filter { pattern.constant($0) == nil }
    }
    let nodes = pattern.graph.nodes.filter { node in node.outputs.contains { $0.map(wanted.contains) ?? false } }
    return nodes.filter { !($0.operation is Reshape) }.count > 1 ? Chain(root: root, end: end, nodes: nodes) : nil
  }
}

/// Which rows of the root follow each other in a chain's result.
private struct RunMap {
  let length: Int
  let runs: [Int64]

  private static let largestMap = 1 << 20

  init?(_ pattern: Pattern, _ chain: MovementRoots.Chain) {
    guard let shape = pattern.shape(chain.root), let length = shape.last, length >= 4, let count = pattern.graph[chain.end].type?.count,
      count % length == 0, count / length <= Self.largestMap, let type = pattern.graph[chain.root].type, type.count <= 1 << 26
    else { return nil }
    // Numbers from 1 on go through the chain; padding shows as zero.
    var known = [chain.root: Tensor(TensorType(.int64, shape), .integers((0..<Int64(type.count)).map { $0 + 1 }))]
    var readers: [ValueID: Int] = [chain.end: 1]
    for node in chain.nodes { for case let id? in node.inputs { readers[id, default: 0] += 1 } }
    for node in chain.nodes {
      var inputs = node.inputs.map { id in id.flatMap { known[$0] ?? pattern.constant($0) } }
      if node.operation is Pad, inputs.count > 2 { inputs[2] = nil }  // zero, of another type
      guard let results = try? node.operation.evaluate(inputs) else { return nil }  // types were inferred: it cannot throw
      for (id, tensor) in zip(node.outputs, results) { if let id, readers[id] != nil { known[id] = tensor } }
      for case let id? in node.inputs {
        readers[id, default: 0] -= 1
        if readers[id] == 0 { known[id] = nil }
      }
    }
    guard let numbers = known[chain.end]?.integers else { return nil }
    var runs: [Int64] = []
    runs.reserveCapacity(numbers.count / length)
    for start in stride(from: 0, to: numbers.count, by: length) {
      let first = numbers[start]
      guard first == 0 || (first - 1) % Int64(length) == 0 else { return nil }
      for k in 0..<length where numbers[start + k] != (first == 0 ? 0 : first + Int64(k)) { return nil }
      runs.append(first == 0 ? -1 : (first - 1) / Int64(length))
    }
    self.length = length
    self.runs = runs
  }
}
