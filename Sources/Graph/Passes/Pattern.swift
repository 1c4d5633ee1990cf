/// What a pass asks of a specialised graph: who made a value, what is constant, which products and sums it is part of.
struct Pattern {
  let graph: Graph
  private let producers: [Int?]
  private let uses: [Int]

  init(_ graph: Graph) {
    self.graph = graph
    uses = graph.useCounts()
    var producers = [Int?](repeating: nil, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() { for case let id? in node.outputs { producers[id.index] = index } }
    self.producers = producers
  }

  /// The node whose first result is `id`, if its operator is an `O`.
  func source<O: Operator>(of id: ValueID?, as type: O.Type = O.self) -> (operation: O, node: Node)? {
    guard let id, let index = producers[id.index], graph.nodes[index].outputs.first == id else { return nil }
    return (graph.nodes[index].operation as? O).map { ($0, graph.nodes[index]) }
  }

  /// The same, if nobody else reads it.
  func onlySource<O: Operator>(of id: ValueID?, as type: O.Type = O.self) -> (operation: O, node: Node)? {
    guard let id, uses[id.index] == 1 else { return nil }
    return source(of: id, as: type)
  }

  /// The node that makes `id`, and which of its results it is.
  func producer(of id: ValueID) -> (node: Node, position: Int)? {
    guard let index = producers[id.index], let position = graph.nodes[index].outputs.firstIndex(of: id) else { return nil }
    return (graph.nodes[index], position)
  }

  /// What the node's operator sees of its inputs.
  func operands(of node: Node) -> [Operand?] {
    node.inputs.map { id in id.flatMap { id in graph[id].type.map { Operand($0, constant: graph[id].constant) } } }
  }

  func useCount(_ id: ValueID) -> Int { uses[id.index] }

  func constant(_ id: ValueID?) -> Tensor? { id.flatMap { graph[$0].constant } }

  /// The number that a constant of one element holds.
  func scalar(_ id: ValueID?) -> Double? { constant(id)?.scalar }

  func shape(_ id: ValueID?) -> [Int]? { id.flatMap { graph[$0].type?.shape } }

  func element(_ id: ValueID?) -> ElementType? { id.flatMap { graph[$0].type?.element } }

  /// The two operands of a node in an order for which `first` gives something.
  func eitherWay<T>(_ node: Node, _ first: (ValueID) -> T?) -> (found: T, other: ValueID)? {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return nil }
    if let found = first(a) { return (found, b) }
    return first(b).map { ($0, a) }
  }

  /// `id` as a product of other values and a number: multiplications, and divisions by a number, all the way down, but not into `whole`.
  func factors(of id: ValueID, keeping whole: [ValueID] = [], depth: Int = 8) -> Product {
    guard depth > 0, !whole.contains(id) else { return Product(values: [id], scalar: 1) }
    if let (inner, number) = multiple(id) { return factors(of: inner, keeping: whole, depth: depth - 1).scaled(by: number) }
    guard let (_, node) = source(of: id, as: Mul.self), let a = node.inputs.optional(0), let b = node.inputs.optional(1) else {
      return Product(values: [id], scalar: 1)
    }
    let left = factors(of: a, keeping: whole, depth: depth - 1), right = factors(of: b, keeping: whole, depth: depth - 1)
    return Product(values: left.values + right.values, scalar: left.scalar * right.scalar)
  }

  /// `id` as a number times another value.
  func multiple(_ id: ValueID) -> (value: ValueID, number: Double)? {
    if let (_, node) = source(of: id, as: Mul.self) { return eitherWay(node, scalar).map { ($0.other, $0.found) } }
    guard let (_, node) = source(of: id, as: Div.self), let a = node.inputs.optional(0), let b = scalar(node.inputs.optional(1)) else { return nil }
    return (a, 1 / b)
  }

  /// `id` as 1 times itself, and as a number times each value from which multiplications by numbers lead to it.
  func multiples(_ id: ValueID) -> [(value: ValueID, number: Double)] {
    var result = [(value: id, number: 1.0)]
    while result.count < 8, let last = result.last, let (value, number) = multiple(last.value) { result.append((value, number * last.number)) }
    return result
  }

  /// `id` as another value plus a number.
  func shifted(_ id: ValueID) -> (value: ValueID, number: Double)? {
    guard let (_, node) = source(of: id, as: Add.self) else { return nil }
    return eitherWay(node, scalar).map { ($0.other, $0.found) }
  }
}

/// A product of values and one number.
struct Product {
  let values: [ValueID]
  let scalar: Double

  func scaled(by number: Double) -> Product { Product(values: values, scalar: scalar * number) }
}
