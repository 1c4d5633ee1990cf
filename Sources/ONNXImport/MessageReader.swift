import COnnxProto
import Graph

/// Turns protobuf messages into descriptions: everything that can be wrong with one message alone is refused here.
struct MessageReader {
  let file: String
  let tensors: TensorReader
  let needs: Needs

  /// Graphs within graphs that a file may nest; exporters stay below four.
  static let depthLimit = 16

  init(file: String, folder: ModelFolder, needs: Needs) {
    self.file = file
    self.needs = needs
    tensors = TensorReader(file: file, folder: folder, needs: needs)
  }

  /// The message of a whole file, and the number of its bytes.
  func parse(_ bytes: [UInt8]) throws(ImportError) -> (Message<Onnx__ModelProto>, bytes: Int) {
    guard let message = Message<Onnx__ModelProto>.parse(bytes) else {
      throw damaged("", bytes.isEmpty ? "it is empty" : "the bytes are no ONNX message, or end before it is complete")
    }
    return (message, bytes.count)
  }

  /// What the message says; its numbers are taken from it.
  func model(_ message: Message<Onnx__ModelProto>) throws(ImportError) -> ModelDescription {
    guard let graph = message.graph else { throw damaged("", "it has no graph") }
    var origin = Graph.Origin()
    origin.producer = message.producer
    origin.irVersion = Int(message.irVersion)
    let opsets = try opsets(message.opsets)
    origin.opsets = opsets
    origin.metadata = Dictionary(message.metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    // Files older than IR 3 have no list of opsets; opset 1 is meant. A newer one that lost its list would be read with old meanings.
    if opsets.isEmpty, origin.irVersion >= 3 { throw damaged("", "it does not say of which opset its operators are") }
    return ModelDescription(
      origin: origin, opsets: opsets.isEmpty ? ["": 1] : opsets, graph: try self.graph(graph, depth: 0), functions: try functions(message.functions))
  }

  private func damaged(_ place: String, _ reason: String) -> ImportError { .damaged(file: file, place: place, reason: reason) }

  static func domain(_ name: String) -> String { name == "ai.onnx" ? "" : name }

  private func opsets(_ list: [(domain: String, version: Int64)]) throws(ImportError) -> [String: Int] {
    var result: [String: Int] = [:]
    for (domain, version) in list {
      let domain = Self.domain(domain)
      if let other = result[domain], other != Int(version) { throw damaged("", "domain '\(domain)' is imported in versions \(other) and \(version)") }
      result[domain] = Int(version)
    }
    return result
  }

  private func functions(_ messages: [Message<Onnx__FunctionProto>]) throws(ImportError) -> [FunctionKey: FunctionDescription] {
    var result: [FunctionKey: FunctionDescription] = [:]
    for message in messages {
      let key = FunctionKey(domain: Self.domain(message.domain), name: message.name, overload: message.overload)
      var defaults: [String: AttributeDescription] = [:]
      for attribute in message.attributeDefaults {
        defaults[attribute.name] = try self.attribute(attribute, place: "function '\(key.name)'", depth: 0)
      }
      var nodes: [NodeDescription] = []
      for node in message.nodes { nodes.append(try self.node(node, depth: 0)) }
      let description = FunctionDescription(
        inputs: message.inputs, outputs: message.outputs, defaults: defaults, nodes: nodes, opsets: try opsets(message.opsets))
      guard result.updateValue(description, forKey: key) == nil else { throw damaged("function '\(key.name)'", "it is defined twice") }
    }
    return result
  }

  private func graph(_ message: Message<Onnx__GraphProto>, depth: Int) throws(ImportError) -> GraphDescription {
    guard depth < Self.depthLimit else { throw damaged("graph '\(message.name)'", "graphs are nested deeper than \(Self.depthLimit)") }
    if message.hasSparseInitialisers { needs.add("sparse initialisers", at: "graph '\(message.name)'") }
    var result = GraphDescription(name: message.name, nodes: [], initialisers: [], inputs: [], outputs: [])
    for input in message.inputs { result.inputs.append(try value(input, "input")) }
    for output in message.outputs { result.outputs.append(try value(output, "output")) }
    for tensor in message.initialisers {
      let name = tensor.name
      guard !name.isEmpty else { throw damaged("graph '\(message.name)'", "an initialiser has no name") }
      result.initialisers.append((name, try tensors.tensor(tensor, place: "tensor '\(name)'")))
    }
    for node in message.nodes { result.nodes.append(try self.node(node, depth: depth)) }
    return result
  }

  private func value(_ message: Message<Onnx__ValueInfoProto>, _ role: String) throws(ImportError) -> ValueDescription {
    let place = "\(role) '\(message.name)'"
    guard !message.name.isEmpty else { throw damaged("graph", "an \(role) has no name") }
    switch message.type {
    case .none: return ValueDescription(name: message.name, declared: nil)
    case .other(let kind):
      needs.add("values of type \(kind)", at: place)
      return ValueDescription(name: message.name, declared: nil)
    case .tensor(let code, let dims):
      guard let element = ElementType(rawValue: code) else {
        if code != 0 { needs.add("tensors of \(TensorReader.typeName(code))", at: place) }
        return ValueDescription(name: message.name, declared: nil)
      }
      guard let dims else { return ValueDescription(name: message.name, declared: (element, nil)) }
      guard dims.count <= Limits.rank else { throw damaged(place, "\(dims.count) dimensions are absurd") }
      var shape: [Dimension] = []
      for dim in dims { shape.append(try dimension(dim, place)) }
      return ValueDescription(name: message.name, declared: (element, shape))
    }
  }

  private func dimension(_ dim: Message<Onnx__ValueInfoProto>.Dim, _ place: String) throws(ImportError) -> Dimension {
    switch dim {
    case .unknown: return .unknown
    case .name(let name): return .named(name)
    case .value(-1): return .unknown  // as old converters write an open dimension
    case .value(let length):
      guard Limits.dimension.contains(Int(length)) else { throw damaged(place, "a dimension of \(length) is absurd") }
      return .known(Int(length))
    }
  }

  private func node(_ message: Message<Onnx__NodeProto>, depth: Int) throws(ImportError) -> NodeDescription {
    var node = NodeDescription(
      name: message.name, layer: Self.layer(message.metadata), domain: Self.domain(message.domain), operation: message.operation,
      overload: message.overload, inputs: message.inputs, outputs: message.outputs, attributes: [:])
    guard !node.operation.isEmpty else { throw damaged(node.place, "it has no operator") }
    for attribute in message.attributes {
      let name = attribute.name
      guard !name.isEmpty else { throw damaged(node.place, "an attribute has no name") }
      guard node.attributes.updateValue(try self.attribute(attribute, place: node.place, depth: depth), forKey: name) == nil else {
        throw damaged(node.place, "attribute '\(name)' is given twice")
      }
    }
    return node
  }

  /// The module path that torch's exporter notes, outermost first, joined by dots: `model.encoder.conv`.
  private static func layer(_ metadata: [(key: String, value: String)]) -> String {
    guard let scopes = metadata.first(where: { $0.key == "pkg.torch.onnx.name_scopes" })?.value else { return "" }
    let quoted = scopes.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    return quoted.dropLast().last { !$0.isEmpty } ?? ""  // the last scope is the operation itself
  }

  private func attribute(_ message: Message<Onnx__AttributeProto>, place: String, depth: Int) throws(ImportError) -> AttributeDescription {
    if !message.reference.isEmpty { return .reference(message.reference) }
    switch message.type {
    case 1: return .value(.float(message.float))
    case 2: return .value(.int(message.int))
    case 3: return .value(.string(message.string))
    case 4:
      guard let tensor = message.tensor else { throw damaged(place, "attribute '\(message.name)' has no tensor") }
      return .value(.tensor(try tensors.tensor(tensor, place: "\(place), attribute '\(message.name)'")))
    case 5:
      guard let graph = message.parseGraph() else { throw damaged(place, "attribute '\(message.name)' has no readable graph") }
      return .graph(try self.graph(graph, depth: depth + 1))
    case 6: return .value(.floats(message.floats))
    case 7: return .value(.ints(message.ints))
    case 8: return .value(.strings(message.strings))
    default: return .other("a list of tensors or graphs, a sparse tensor or a type")
    }
  }
}
