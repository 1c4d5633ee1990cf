public import Graph

/// What a network is, as its file says it.
public struct NetworkInfo: Sendable {
  /// An input or output as the file declares it.
  public struct Port: Sendable, Hashable {
    public let name: String
    /// Type and shape: `float [batch, 1, 96, 96, 96]`.
    public let type: String
  }

  public let path: String
  public let inputs: [Port], outputs: [Port]
  public let nodes: Int
  /// How often each operator stands in the file, by its name.
  public let operators: [(name: String, count: Int)]
  /// Numbers that the file holds, and their bytes in it.
  public let parameters: Int, parameterBytes: Int
  /// Producer, versions and metadata.
  public let origin: Graph.Origin
  /// What `octopi convert` put beside the network; nil for other files.
  public let conversion: ConversionInfo?

  /// - Throws: what `NetworkFile.graph` throws.
  public init(_ network: NetworkFile) throws {
    let graph = try network.graph
    path = network.path
    inputs = network.inputs.map { Port(name: $0.name, type: TypeText.declared($0)) }
    outputs = network.outputs.map { Port(name: $0.name, type: TypeText.declared($0)) }
    nodes = graph.nodes.count
    let names = graph.nodes.map { type(of: $0.operation).declaration.name }
    operators = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +).map { (name: $0.key, count: $0.value) }.sorted { $0.name < $1.name }
    let read = Set(graph.nodes.flatMap { $0.inputs.compactMap(\.self) } + graph.outputs)
    let constants = read.compactMap { graph[$0].constant }
    parameters = constants.reduce(0) { $0 + $1.count }
    parameterBytes = constants.reduce(0) { $0 + $1.count * $1.element.byteCount }
    origin = graph.origin
    conversion = try network.converted.map { try ConversionInfo($0, objects: network.objects) }
  }
}

/// A graph as text for people: a line a node.
public enum GraphText {
  /// `y float [1, 32, 48, 48, 48] = Conv(x, w, b)   encoder.0`; constants in angle brackets.
  public static func lines(_ graph: Graph) -> [String] {
    func name(_ id: ValueID?) -> String {
      guard let id else { return "-" }
      let value = graph[id], shown = value.name.isEmpty ? "%\(id.index)" : value.name
      return value.constant.map { "<\(shown) \($0.shape)>" } ?? shown
    }
    return graph.nodes.map { node in
      let results = node.outputs.map { id in
        name(id) + (id.flatMap { graph[$0].type }.map { " \($0.element.onnxName) \($0.shape)" } ?? "")
      }
      let operation = type(of: node.operation).declaration.name + "(" + node.inputs.map(name).joined(separator: ", ") + ")"
      let place = node.layer.isEmpty ? node.name : "\(node.name) [\(node.layer)]"
      return results.joined(separator: ", ") + " = " + operation + (place.isEmpty ? "" : "   " + place)
    }
  }
}
