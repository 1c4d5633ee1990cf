extension Graph {
  /// The graph for concrete input shapes: every value has a type, shape arithmetic and all else that follows from constants is
  /// computed, and nodes that hand their input on unchanged, or that no output needs, are gone.
  ///
  /// - shapes: one for each input, in order. Fixed dimensions of the file must agree.
  /// - constants: values of inputs (by index) that are known beforehand; such inputs stay in the list, unused. A network whose shapes
  ///   depend on the values of an input needs them.
  public func specialised(to shapes: [[Int]], constants: [Int: Tensor] = [:]) throws(GraphError) -> Graph {
    guard shapes.count == inputs.count else {
      throw .shape(place: "", reason: "the network has \(inputs.count) inputs, \(shapes.count) shapes were given")
    }
    var operands: [Operand] = []
    for (index, id) in inputs.enumerated() {
      let element = constants[index]?.element ?? self[id].declared?.element
      guard let element else { throw .invalid(place: "input '\(self[id].name)'", reason: "the model does not say its element type") }
      let type = TensorType(element, shapes[index])
      try self[id].check(type)
      if let constant = constants[index], constant.type != type {
        throw .shape(place: "input '\(self[id].name)'", reason: "shape \(shapes[index]) and values of shape \(constant.shape) were given")
      }
      do { operands.append(Operand(try type.checked(), constant: constants[index])) } catch { throw error.at("input '\(self[id].name)'") }
    }
    return try specialised(to: operands)
  }

  /// The same for operands, whose types need not be declared.
  func specialised(to operands: [Operand]) throws(GraphError) -> Graph {
    var specialiser = Specialiser()
    specialiser.result.origin = origin
    try specialiser.run(self, operands)
    return specialiser.result.withoutDeadCode()
  }
}

/// Walks a graph in order and builds another one beside it.
private struct Specialiser {
  var result = Graph()
  /// Readers of each value of `result` that have not been visited yet, and whether a node that stays reads it.
  private var pending: [Int] = []
  private var isKept: [Bool] = []
  private var isComputed: [Bool] = []
  /// Elements of all constants that were computed and are still held.
  private var held = 0

  /// Constants larger than this stay nodes, and so do those that are large and many times as large as what they are made of: a pass
  /// may know a better form for them, and the file that holds the graph need not grow.
  private static let largestConstant = 1 << 26
  private static let largestExpansion = (count: 1 << 20, factor: 64)
  /// All computed constants that are held at one time.
  private static let largestSum = 1 << 28

  mutating func run(_ graph: Graph, _ operands: [Operand]) throws(GraphError) {
    let uses = graph.useCounts()
    var bound: [ValueID] = []
    for (id, operand) in zip(graph.inputs, operands) {
      var value = graph[id]
      value.type = operand.type
      let input = add(value)
      result.inputs.append(input)
      // An input of known value is read as a constant of its own.
      bound.append(operand.constant.map { add(Value(name: value.name, constant: $0)) } ?? input)
    }
    for (id, name) in zip(try visit(graph, uses: uses, inputs: bound), graph.outputs.map { graph[$0] }) { addOutput(id, like: name) }
  }

  private mutating func add(_ value: Value) -> ValueID {
    pending.append(0)
    isKept.append(false)
    isComputed.append(false)
    return result.add(value)
  }

  private mutating func addComputed(_ name: String, _ constant: Tensor) -> ValueID {
    let id = add(Value(name: name, constant: constant))
    isComputed[id.index] = true
    held += constant.count
    return id
  }

  /// Adds what remains of `graph`; `inputs` stand for its inputs. Returns what stands for its outputs.
  private mutating func visit(_ graph: Graph, uses: [Int], inputs: [ValueID]) throws(GraphError) -> [ValueID] {
    var map = [ValueID?](repeating: nil, count: graph.values.count)
    func missing(_ id: ValueID) -> GraphError { .invalid(place: "'\(graph[id].name)'", reason: "no node makes it") }
    for (index, value) in graph.values.enumerated() where value.constant != nil && uses[index] > 0 { map[index] = add(value) }
    for (id, input) in zip(graph.inputs, inputs) { map[id.index] = input }
    for (index, id) in map.enumerated() { if let id { pending[id.index] += uses[index] } }
    for node in graph.nodes {
      var sources: [ValueID?] = []
      for id in node.inputs {
        guard let id else { sources.append(nil); continue }
        guard let source = map[id.index] else { throw missing(id) }
        sources.append(source)
      }
      for (id, made) in zip(node.outputs, try visit(node, of: graph, sources, uses)) {
        guard let id, let made else { continue }
        map[id.index] = made
        pending[made.index] += uses[id.index]
      }
      for case let source? in sources { release(source) }
    }
    var outputs: [ValueID] = []
    for id in graph.outputs {
      guard let made = map[id.index] else { throw missing(id) }
      isKept[made.index] = true
      outputs.append(made)
    }
    return outputs
  }

  /// Computes, forwards, inlines or keeps one node; returns what stands for its outputs.
  private mutating func visit(_ node: Node, of graph: Graph, _ sources: [ValueID?], _ uses: [Int]) throws(GraphError) -> [ValueID?] {
    var operands: [Operand?] = []
    for source in sources {
      guard let source else { operands.append(nil); continue }
      guard let type = result[source].type else { throw .invalid(place: node.place, reason: "'\(result[source].name)' has no type") }
      operands.append(Operand(type, constant: result[source].constant))
    }
    if let branch = (node.operation as? If)?.branch(for: operands.first ?? nil) {
      return try visit(branch, uses: branch.useCounts(), inputs: sources.dropFirst().compactMap { $0 }).map { $0 }
    }
    let types = try node.results(of: operands)
    let onlyFirst = !node.outputs.dropFirst().contains { id in id.map { uses[$0.index] > 0 } ?? false }
    if onlyFirst, let index = (node.operation as? any Forwarding)?.forwarded(operands, results: types), let source = sources.optional(index) {
      return [source]
    }
    if let constants = try fold(node, operands, types) {
      return zip(node.outputs, constants).map { id, tensor in id.map { addComputed(graph[$0].name, tensor) } }
    }
    var kept = node
    kept.inputs = sources
    for case let source? in sources { isKept[source.index] = true }
    kept.outputs = zip(node.outputs, types).map { id, type in id.map { add(Value(name: graph[$0].name, type: type)) } }
    result.nodes.append(kept)
    return kept.outputs
  }

  private func fold(_ node: Node, _ operands: [Operand?], _ types: [TensorType]) throws(GraphError) -> [Tensor]? {
    let count = types.reduce(0) { $0 + min($1.count, Self.largestSum) }
    guard count <= Self.largestConstant, held + count <= Self.largestSum else { return nil }
    if let operation = node.operation as? any TypeOnly { return try operation.evaluate(types: operands.map { $0?.type }) }
    guard operands.allSatisfy({ $0 == nil || $0?.constant != nil }) else { return nil }
    let given = operands.reduce(0) { $0 + ($1?.type.count ?? 0) }
    guard count <= Self.largestExpansion.count || count / Self.largestExpansion.factor <= given else { return nil }
    return try node.evaluate(operands.map { $0?.constant }, types: types)
  }

  /// One reader of `id` has been visited. A computed constant that no one else reads gives its memory back.
  private mutating func release(_ id: ValueID) {
    pending[id.index] -= 1
    guard pending[id.index] == 0, !isKept[id.index], let constant = result[id].constant else { return }
    if isComputed[id.index] { held -= constant.count }
    result[id].constant = nil
  }

  private mutating func addOutput(_ id: ValueID, like output: Value) {
    var made = id
    if let constant = result[id].constant {
      made = add(Value(name: output.name, constant: constant))
    } else if result.inputs.contains(id) || result.outputs.contains(id) {
      made = add(Value(name: output.name, type: result[id].type))
      result.nodes.append(Node(name: output.name, operation: Identity(), inputs: [id], outputs: [made]))
    }
    result[made].name = output.name
    result[made].declared = output.declared
    result.outputs.append(made)
  }
}
