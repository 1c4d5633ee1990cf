import Graph

/// Reads graphs. What they say is never trusted: operators are made by their declarations, and every value is defined before it is read.
struct GraphReader {
  let tensors: [StoredTensor]
  /// Weights of convolutions stay where they lie; all other constants are read.
  let keepsWeights: Bool
  private let known = Known()

  /// Tensors that have been read: values that share one share its memory.
  private final class Known {
    var tensors: [Int: Tensor] = [:]
  }

  init(tensors: [StoredTensor], keepsWeights: Bool) {
    self.tensors = tensors
    self.keepsWeights = keepsWeights
  }

  private func read(_ index: Int) -> Tensor {
    if let tensor = known.tensors[index] { return tensor }
    let tensor = tensors[index].tensor()
    known.tensors[index] = tensor
    return tensor
  }

  private static let deepest = 8

  func graph(_ reader: inout ByteReader, depth: Int = 0) throws(ModelFileError) -> Graph {
    guard depth < Self.deepest else { throw reader.damaged("graphs are nested deeper than \(Self.deepest)") }
    var graph = Graph(origin: try origin(&reader))
    graph.values = try reader.list(entryBytes: 5) { (reader) throws(ModelFileError) in try value(&reader) }
    let count = try reader.count(entryBytes: 36)
    graph.nodes.reserveCapacity(count)
    for _ in 0..<count { graph.nodes.append(try node(&reader, values: graph.values.count, depth)) }
    graph.inputs = try reader.ids(below: graph.values.count)
    graph.outputs = try reader.ids(below: graph.values.count)
    try check(graph, reader)
    return graph
  }

  private func origin(_ reader: inout ByteReader) throws(ModelFileError) -> Graph.Origin {
    var origin = Graph.Origin()
    origin.producer = try reader.text()
    origin.irVersion = Int(try reader.integer(Int64.self))
    for _ in 0..<(try reader.count(entryBytes: 12)) {
      let domain = try reader.text()
      origin.opsets[domain] = Int(try reader.integer(Int64.self))
    }
    for _ in 0..<(try reader.count(entryBytes: 8)) {
      let key = try reader.text()
      origin.metadata[key] = try reader.text()
    }
    return origin
  }

  private func value(_ reader: inout ByteReader) throws(ModelFileError) -> Value {
    let name = try reader.text(), declared = try reader.declaration(), flags = try reader.integer(UInt8.self)
    guard flags < 4 else { throw reader.damaged("value '\(name)' has unknown properties") }
    let type = flags & 1 != 0 ? try reader.type() : nil
    guard flags & 2 != 0 else { return Value(name: name, declared: declared, type: type) }
    let index = try tensor(&reader), stored = tensors[index]
    var value = keepsWeights && stored.layout != .rowMajor ? Value(name: name, stored: stored) : Value(name: name, constant: read(index))
    value.declared = declared
    return value
  }

  private func tensor(_ reader: inout ByteReader) throws(ModelFileError) -> Int {
    let index = Int(try reader.integer(UInt32.self))
    guard tensors.indices.contains(index) else { throw reader.damaged("it names tensor \(index) of \(tensors.count)") }
    return index
  }

  private func node(_ reader: inout ByteReader, values: Int, _ depth: Int) throws(ModelFileError) -> Node {
    let name = try reader.text(), layer = try reader.text(), domain = try reader.text(), operation = try reader.text()
    let opset = Int(try reader.integer(UInt32.self))
    var inputs = try reader.optionalIDs(below: values)
    let outputs = try reader.optionalIDs(below: values), outputCount = Int(try reader.integer(UInt32.self))
    var attributes: [String: Attribute] = [:]
    for _ in 0..<(try reader.count(entryBytes: 6)) {
      let key = try reader.text()
      attributes[key] = try attribute(&reader, depth)
    }
    let place = "node '\(name)' (\(operation))"
    guard let declaration = Operators.declaration(of: operation, domain: domain) else {
      throw .unsupported(file: reader.file, place: "\(reader.place): \(place)", reason: "there is no such operator")
    }
    let listed = inputs.count - inputs.reversed().prefix { $0 == nil }.count
    guard listed >= declaration.inputs.lowerBound, !inputs.prefix(declaration.inputs.lowerBound).contains(nil),
      listed <= declaration.inputs.upperBound || operation == If.declaration.name, !outputs.isEmpty,
      outputCount >= outputs.count, outputCount <= declaration.outputs.upperBound
    else { throw reader.damaged("\(place) has \(listed) inputs and \(outputs.count) outputs") }
    if declaration.inputs.upperBound < OperatorDeclaration.many, inputs.count < declaration.inputs.upperBound {
      inputs += [ValueID?](repeating: nil, count: declaration.inputs.upperBound - inputs.count)
    }
    do throws(GraphError) {
      let made = try declaration.operation(opset: opset, attributes: attributes, place: place, inputs: listed, outputs: outputCount)
      return Node(name: name, operation: made, inputs: inputs, outputs: outputs, layer: layer)
    } catch {
      throw ModelFileError(error, file: reader.file, place: reader.place)
    }
  }

  private func attribute(_ reader: inout ByteReader, _ depth: Int) throws(ModelFileError) -> Attribute {
    switch try reader.integer(UInt8.self) {
    case 1: return .float(try reader.float())
    case 2: return .int(try reader.integer())
    case 3: return .string(try reader.text())
    case 4: return .tensor(read(try tensor(&reader)))
    case 5: return .graph(try graph(&reader, depth: depth + 1))
    case 6: return .floats(try reader.numbers(Float.self))
    case 7: return .ints(try reader.numbers(Int64.self))
    case 8: return .strings(try reader.list(entryBytes: 4) { (reader) throws(ModelFileError) in try reader.text() })
    default: throw reader.damaged("an attribute before byte \(reader.position) is of no known kind")
    }
  }

  /// Every value that is read is an input, a constant, or the result of one earlier node.
  private func check(_ graph: Graph, _ reader: ByteReader) throws(ModelFileError) {
    var isDefined = graph.values.map(\.isConstant)
    for id in graph.inputs {
      guard !isDefined[id.index] else { throw reader.damaged("input '\(graph[id].name)' is defined twice") }
      isDefined[id.index] = true
    }
    for node in graph.nodes {
      for case let id? in node.inputs where !isDefined[id.index] {
        throw reader.damaged("\(node.place) reads '\(graph[id].name)' before anything makes it")
      }
      for case let id? in node.outputs {
        guard !isDefined[id.index] else { throw reader.damaged("\(node.place) makes '\(graph[id].name)', which exists") }
        isDefined[id.index] = true
      }
    }
    for id in graph.outputs where !isDefined[id.index] { throw reader.damaged("nothing makes output '\(graph[id].name)'") }
  }
}

extension ByteReader {
  mutating func element() throws(ModelFileError) -> ElementType {
    let code = try integer(UInt8.self)
    guard let element = ElementType(rawValue: Int32(code)) else { throw damaged("\(code) at byte \(position - 1) is no element type") }
    return element
  }

  /// What `ByteWriter.declaration` wrote.
  mutating func declaration() throws(ModelFileError) -> (element: ElementType, shape: [Dimension]?)? {
    let code = try integer(UInt8.self)
    if code == 0 { return nil }
    guard let element = ElementType(rawValue: Int32(code)) else { throw damaged("\(code) at byte \(position - 1) is no element type") }
    guard try integer(UInt8.self) != 0 else { return (element, nil) }
    let shape = try list(entryBytes: 1) { (reader) throws(ModelFileError) -> Dimension in
      switch try reader.integer(UInt8.self) {
      case 0: return .known(Int(try reader.integer(Int64.self)))
      case 1: return .named(try reader.text())
      case 2: return .unknown
      default: throw reader.damaged("a dimension before byte \(reader.position) is of no known kind")
      }
    }
    return (element, shape)
  }

  mutating func type() throws(ModelFileError) -> TensorType {
    let element = try element(), shape = try numbers(Int64.self)
    do throws(GraphError) { return try TensorType(element, shape.map { Int($0) }).checked() } catch { throw damaged(error.reason) }
  }

  mutating func optionalIDs(below count: Int) throws(ModelFileError) -> [ValueID?] {
    var ids: [ValueID?] = []
    for number in try numbers(UInt32.self) {
      if number == .max { ids.append(nil); continue }
      guard number < count else { throw damaged("it names value \(number) of \(count)") }
      ids.append(ValueID(Int(number)))
    }
    return ids
  }

  mutating func ids(below count: Int) throws(ModelFileError) -> [ValueID] {
    let ids = try optionalIDs(below: count)
    guard !ids.contains(nil) else { throw damaged("an input or output is absent") }
    return ids.compactMap { $0 }
  }
}

extension Graph {
  /// This graph with the types of all values, from those of its inputs.
  func typed(file: String, place: String) throws(ModelFileError) -> Graph {
    var graph = self
    do throws(GraphError) { try graph.inferTypes() } catch { throw ModelFileError(error, file: file, place: place) }
    return graph
  }
}
