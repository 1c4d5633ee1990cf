import Graph

/// A model file as Swift values, before names are resolved and operators looked up.
struct ModelDescription {
  var origin: Graph.Origin
  var opsets: [String: Int]
  var graph: GraphDescription
  var functions: [FunctionKey: FunctionDescription]
}

struct GraphDescription {
  var name: String
  var nodes: [NodeDescription]
  var initialisers: [(name: String, tensor: Tensor)]
  var inputs: [ValueDescription]
  var outputs: [ValueDescription]
}

struct FunctionKey: Hashable {
  var domain: String
  var name: String
  var overload: String
}

struct FunctionDescription {
  var inputs: [String]
  var outputs: [String]
  var defaults: [String: AttributeDescription]
  var nodes: [NodeDescription]
  var opsets: [String: Int]
}

struct ValueDescription {
  var name: String
  var declared: (element: ElementType, shape: [Dimension]?)?
}

struct NodeDescription {
  var name: String
  /// Module path that newer exporters note, for people; may be empty.
  var layer: String
  var domain: String
  var operation: String
  var overload: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: AttributeDescription]

  /// How messages call the node.
  var place: String {
    let label = name.isEmpty ? outputs.first { !$0.isEmpty } ?? "" : name
    return "node '\(label)' (\(domain.isEmpty ? "" : domain + ".")\(operation))"
  }
}

enum AttributeDescription {
  case value(Attribute)
  case graph(GraphDescription)
  /// Stands for an attribute of the function that contains the node.
  case reference(String)
  /// A kind that no operator of ours has.
  case other(String)
}
