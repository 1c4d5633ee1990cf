import Graph

/// Resolves names, inlines functions and gives attributes their types: descriptions become a `Graph`.
struct GraphBuilder {
  let file: String
  let functions: [FunctionKey: FunctionDescription]
  let needs: Needs
  let budget: NodeBudget
  private(set) var graph = Graph()

  /// Where nodes are being added: whose names they see and what surrounds them.
  struct Context {
    /// Values by name; nil stands for an optional input of a function that its caller left out.
    var scope: [String: ValueID?] = [:]
    var opsets: [String: Int]
    /// Attributes of the function call around the nodes, for references to them.
    var attributes: [String: AttributeDescription] = [:]
    /// Functions being inlined, outermost first.
    var calls: [FunctionKey] = []
    /// Goes before the names of nodes and values of inlined functions.
    var prefix = ""
  }

  /// Nodes that may still be added. Inlining can multiply nodes; a file cannot ask for more than its own size justifies.
  final class NodeBudget {
    var left: Int
    init(fileBytes: Int) { left = 1 << 16 + fileBytes / 16 }
  }

  static func build(_ model: ModelDescription, file: String, fileBytes: Int, needs: Needs) throws(ImportError) -> Graph {
    var builder = GraphBuilder(file: file, functions: model.functions, needs: needs, budget: NodeBudget(fileBytes: fileBytes))
    var context = Context(opsets: model.opsets)
    try builder.fill(from: model.graph, captures: [], in: &context)
    guard !builder.graph.outputs.isEmpty else { throw builder.damaged("graph '\(model.graph.name)'", "it has no outputs") }
    builder.graph.origin = model.origin
    return builder.graph
  }

  private func damaged(_ place: String, _ reason: String) -> ImportError { .damaged(file: file, place: place, reason: reason) }

  /// Adds inputs, initialisers, nodes and outputs. `captures` become inputs after the graph's own.
  private mutating func fill(from description: GraphDescription, captures: [String], in context: inout Context) throws(ImportError) {
    let constants = Set(description.initialisers.map(\.name))
    for input in description.inputs where !constants.contains(input.name) {
      graph.inputs.append(try define(input.name, Value(name: input.name, declared: input.declared), place: "graph input", in: &context))
    }
    for name in captures { graph.inputs.append(try define(name, Value(name: name), place: "inner graph", in: &context)) }
    for (name, tensor) in description.initialisers {
      _ = try define(name, Value(name: name, constant: tensor), place: "initialiser", in: &context)
    }
    try add(description.nodes, in: &context)
    for output in description.outputs { try addOutput(output, in: context) }
  }

  private mutating func define(_ name: String, _ value: Value, place: String, in context: inout Context) throws(ImportError) -> ValueID {
    guard context.scope[name] == nil else { throw damaged(place, "'\(name)' is defined twice") }
    let id = graph.add(value)
    context.scope[name] = .some(id)
    return id
  }

  private mutating func addOutput(_ output: ValueDescription, in context: Context) throws(ImportError) {
    guard let known = context.scope[output.name], var id = known else {
      throw damaged("output '\(output.name)'", "no node makes it")
    }
    if graph[id].name != output.name || graph.outputs.contains(id) {
      // The value has another name already (an input of a function, an output twice): a copy carries this one.
      let copy = graph.add(Value(name: output.name))
      graph.nodes.append(Node(name: output.name, operation: Identity(), inputs: [id], outputs: [copy]))
      id = copy
    }
    graph[id].declared = graph[id].declared ?? output.declared
    graph.outputs.append(id)
  }

  private mutating func add(_ nodes: [NodeDescription], in context: inout Context) throws(ImportError) {
    switch NodeOrder(nodes).sorted() {
    case .success(let order): for index in order { try add(nodes[index], in: &context) }
    case .failure(let cycle):
      throw damaged(nodes[cycle.nodes[0]].place, "it depends on its own result, by way of \(cycle.nodes.count - 1) other nodes")
    }
  }

  private mutating func add(_ node: NodeDescription, in context: inout Context) throws(ImportError) {
    budget.left -= 1
    guard budget.left >= 0 else { throw damaged(node.place, "inlined functions make more nodes than a file of this size should have") }
    var inputs: [ValueID?] = []
    for name in node.inputs { inputs.append(name.isEmpty ? nil : try find(name, for: node, in: context)) }
    var attributes: [String: AttributeDescription] = [:]
    for (name, attribute) in node.attributes {
      if case .reference(let outer) = attribute { attributes[name] = context.attributes[outer] } else { attributes[name] = attribute }
    }
    let key = FunctionKey(domain: node.domain, name: node.operation, overload: node.overload)
    if let function = functions[key] {
      try inline(function, key, node, inputs, attributes, in: &context)
    } else if let (declaration, opset) = try lookUp(node, context) {
      try addOperation(node, declaration, opset, inputs, attributes, in: &context)
    } else {
      // Its needs are noted; its results exist, so that reading goes on and finds the others.
      for name in node.outputs where !name.isEmpty { _ = try define(name, Value(name: name), place: node.place, in: &context) }
    }
  }

  private func find(_ name: String, for node: NodeDescription, in context: Context) throws(ImportError) -> ValueID? {
    guard let id = context.scope[name] else { throw damaged(node.place, "its input '\(name)' is defined nowhere") }
    return id
  }

  // MARK: - Functions

  private mutating func inline(
    _ function: FunctionDescription, _ key: FunctionKey, _ node: NodeDescription, _ inputs: [ValueID?],
    _ attributes: [String: AttributeDescription], in context: inout Context
  ) throws(ImportError) {
    guard !context.calls.contains(key), context.calls.count < MessageReader.depthLimit else {
      throw damaged(node.place, "functions call themselves or are nested deeper than \(MessageReader.depthLimit)")
    }
    guard inputs.count <= function.inputs.count, node.outputs.count <= function.outputs.count else {
      throw damaged(node.place, "the function has \(function.inputs.count) inputs and \(function.outputs.count) outputs")
    }
    var inner = Context(opsets: function.opsets, attributes: function.defaults.merging(attributes) { $1 }, calls: context.calls + [key])
    inner.prefix = context.prefix + (node.name.isEmpty ? node.operation : node.name) + "/"
    for (index, name) in function.inputs.enumerated() {
      guard inner.scope.updateValue(inputs.optional(index), forKey: name) == nil else {
        throw damaged("function '\(key.name)'", "'\(name)' is defined twice")
      }
    }
    let firstNew = graph.values.count
    try add(function.nodes, in: &inner)
    for (name, result) in zip(node.outputs, function.outputs) where !name.isEmpty {
      guard let known = inner.scope[result], let id = known else { throw damaged("function '\(key.name)'", "no node makes its output '\(result)'") }
      guard context.scope.updateValue(.some(id), forKey: name) == nil else { throw damaged(node.place, "'\(name)' is defined twice") }
      if id.index >= firstNew { graph[id].name = context.prefix + name }
    }
  }

  // MARK: - Operators

  /// The declaration for a node and the version of its definition; nil, and a need noted, where there is none.
  private func lookUp(_ node: NodeDescription, _ context: Context) throws(ImportError) -> (OperatorDeclaration, Int)? {
    let shown = (node.domain.isEmpty ? "" : node.domain + ".") + node.operation
    guard let declaration = Operators.declaration(of: node.operation, domain: node.domain) else {
      needs.add("operator \(shown)", at: node.place)
      return nil
    }
    guard let opset = context.opsets[node.domain] else { throw damaged(node.place, "its domain '\(node.domain)' is not imported") }
    guard opset >= 1 else { throw damaged("", "opset \(opset) does not exist") }
    if node.domain.isEmpty, opset > Operators.newestOpset {
      needs.add("opset \(opset), the newest known is \(Operators.newestOpset)", at: "")
      return nil
    }
    guard let version = declaration.opsets.last(where: { $0 <= opset }) else {
      needs.add("operator \(shown) at opset \(opset), before its first definition in opset \(declaration.opsets.first ?? 0)", at: node.place)
      return nil
    }
    return (declaration, version)
  }

  private mutating func addOperation(
    _ node: NodeDescription, _ declaration: OperatorDeclaration, _ opset: Int, _ inputs: [ValueID?],
    _ attributes: [String: AttributeDescription], in context: inout Context
  ) throws(ImportError) {
    var inputs = try fit(inputs, declaration, node)
    var outputs = node.outputs
    while outputs.last == "" { outputs.removeLast() }
    guard outputs.count <= declaration.outputs.upperBound else {
      throw damaged(node.place, "it lists \(outputs.count) outputs, the operator has \(declaration.outputs.upperBound)")
    }
    let captures = node.captures.filter { context.scope[$0] != .some(nil) }
    var typed: [String: Attribute] = [:]
    for (name, attribute) in attributes { typed[name] = try self.typed(attribute, name, node, captures, context) }
    for name in captures { inputs.append(try find(name, for: node, in: context)) }
    let reader = AttributeReader(
      node: node.place, opset: opset, inputCount: node.inputs.count, outputCount: outputs.count, attributes: typed)
    let operation = try make(declaration, reader, node)
    for name in reader.unknown where operation != nil { needs.add("attribute '\(name)' of \(node.operation) (opset \(opset))", at: node.place) }
    if let constant = operation as? Constant, let name = outputs.first {
      _ = try define(name, Value(name: context.prefix + name, constant: constant.value), place: node.place, in: &context)
      return
    }
    var results: [ValueID?] = []
    for name in outputs {
      results.append(name.isEmpty ? nil : try define(name, Value(name: context.prefix + name), place: node.place, in: &context))
    }
    guard let operation else { return }
    let label = node.name.isEmpty ? "\(node.operation)(\(outputs.first { !$0.isEmpty } ?? ""))" : node.name
    graph.nodes.append(Node(name: context.prefix + label, operation: operation, inputs: inputs, outputs: results, layer: node.layer))
  }

  /// The inputs without trailing absent ones, then filled up with nil to the most that the operator has.
  private func fit(_ inputs: [ValueID?], _ declaration: OperatorDeclaration, _ node: NodeDescription) throws(ImportError) -> [ValueID?] {
    var inputs = inputs
    while let last = inputs.last, last == nil { inputs.removeLast() }
    guard inputs.count >= declaration.inputs.lowerBound, !inputs.prefix(declaration.inputs.lowerBound).contains(nil) else {
      throw damaged(node.place, "it needs \(declaration.inputs.lowerBound) inputs")
    }
    guard inputs.count <= declaration.inputs.upperBound else {
      throw damaged(node.place, "it has \(inputs.count) inputs, the operator takes \(declaration.inputs.upperBound)")
    }
    if declaration.inputs.upperBound < OperatorDeclaration.many {
      inputs += [ValueID?](repeating: nil, count: declaration.inputs.upperBound - inputs.count)
    }
    return inputs
  }

  private func typed(
    _ attribute: AttributeDescription, _ name: String, _ node: NodeDescription, _ captures: [String], _ context: Context
  ) throws(ImportError) -> Attribute? {
    switch attribute {
    case .value(let value): return value
    case .graph(let description):
      var inner = GraphBuilder(file: file, functions: functions, needs: needs, budget: budget)
      var innerContext = Context(opsets: context.opsets, attributes: context.attributes, calls: context.calls)
      for (name, value) in context.scope where value == nil { innerContext.scope[name] = .some(nil) }
      try inner.fill(from: description, captures: captures, in: &innerContext)
      return .graph(inner.graph)
    case .reference: return nil  // to an attribute that the function's caller left out and that has no default
    case .other(let kind):
      needs.add("attribute '\(name)' of \(node.operation), which holds \(kind)", at: node.place)
      return nil
    }
  }

  private func make(_ declaration: OperatorDeclaration, _ reader: AttributeReader, _ node: NodeDescription) throws(ImportError) -> (any Operator)? {
    do {
      return try declaration.make(reader)
    } catch .unsupported(let place, let reason) {
      needs.add("\(node.operation) (opset \(reader.opset)): \(reason)", at: place.isEmpty ? node.place : place)
      return nil
    } catch {
      throw ImportError(error.at(node.place), file: file)
    }
  }
}
