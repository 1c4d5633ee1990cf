/// Order in which the nodes of one graph can run.
struct NodeOrder {
  let nodes: [NodeDescription]
  /// Names that each node reads, those captured by its inner graphs included.
  let reads: [[String]]

  init(_ nodes: [NodeDescription]) {
    self.nodes = nodes
    reads = nodes.map { $0.inputs.filter { !$0.isEmpty } + $0.captures }
  }

  /// Indices of nodes, each after those whose results it reads, else in the order of the file; or nodes that form a cycle.
  func sorted() -> Result<[Int], Cycle> {
    var producer: [String: Int] = [:]
    for (index, node) in nodes.enumerated() { for name in node.outputs { producer[name] = index } }
    var state = [State](repeating: .new, count: nodes.count)
    var order: [Int] = []
    order.reserveCapacity(nodes.count)
    var stack: [(node: Int, next: Int)] = []
    for root in nodes.indices where state[root] == .new {
      stack.append((root, 0))
      state[root] = .open
      while let (node, next) = stack.last {
        guard next < reads[node].count else {
          state[node] = .done
          order.append(node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        guard let source = producer[reads[node][next]], state[source] != .done else { continue }
        if state[source] == .open {
          let start = stack.firstIndex { $0.node == source } ?? 0
          return .failure(Cycle(nodes: stack[start...].map(\.node)))
        }
        state[source] = .open
        stack.append((source, 0))
      }
    }
    return .success(order)
  }

  struct Cycle: Error {
    let nodes: [Int]
  }

  private enum State { case new, open, done }
}

extension NodeDescription {
  /// Names that the node's inner graphs take from around them, in order of first use.
  var captures: [String] {
    var result: [String] = [], seen: Set<String> = []
    for (_, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
      guard case .graph(let graph) = attribute else { continue }
      for name in graph.captures where seen.insert(name).inserted { result.append(name) }
    }
    return result
  }
}

extension GraphDescription {
  /// Names that this graph reads and does not define.
  var captures: [String] {
    var defined = Set(inputs.map(\.name)).union(initialisers.map(\.name))
    for node in nodes { defined.formUnion(node.outputs) }
    var result: [String] = [], seen: Set<String> = [""]
    for name in nodes.flatMap({ $0.inputs + $0.captures }) + outputs.map(\.name) where !defined.contains(name) && seen.insert(name).inserted {
      result.append(name)
    }
    return result
  }
}
