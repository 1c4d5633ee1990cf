/// An attribute as it stands in the file, before the operator's schema gives it a meaning.
public enum Attribute: Sendable {
  case float(Float)
  case int(Int64)
  case string(String)
  case tensor(Tensor)
  case floats([Float])
  case ints([Int64])
  case strings([String])
  case graph(Graph)
}

/// Reads a node's attributes once, by name and type, and knows afterwards which were never asked for.
///
/// `opset` is the version of the operator's own definition that applies, `inputCount` and `outputCount` what the node lists.
public final class AttributeReader {
  public let node: String
  public let opset: Int
  public let inputCount: Int
  public let outputCount: Int
  private let attributes: [String: Attribute]
  private var asked: Set<String> = []

  public init(node: String, opset: Int, inputCount: Int, outputCount: Int, attributes: [String: Attribute]) {
    self.node = node
    self.opset = opset
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.attributes = attributes
  }

  /// Names of attributes that no one has asked for: not part of the operator's definition.
  public var unknown: [String] { attributes.keys.filter { !asked.contains($0) }.sorted() }

  public func has(_ name: String) -> Bool { attributes[name] != nil }

  private func read<T>(_ name: String, _ kind: String, _ pick: (Attribute) -> T?) throws(GraphError) -> T? {
    asked.insert(name)
    guard let attribute = attributes[name] else { return nil }
    guard let value = pick(attribute) else { throw .invalid(place: node, reason: "attribute '\(name)' is not \(kind)") }
    return value
  }

  public func float(_ name: String) throws(GraphError) -> Float? {
    try read(name, "a float") { if case .float(let v) = $0 { v } else { nil } }
  }
  /// An integer that stands for a size, an axis or a choice; beyond `Limits.integer` it is refused.
  public func int(_ name: String) throws(GraphError) -> Int? {
    let value = try wideInt(name)
    if let value { try check(value, name) }
    return value
  }
  /// An integer of any size.
  public func wideInt(_ name: String) throws(GraphError) -> Int? {
    try read(name, "an integer") { if case .int(let v) = $0 { Int(v) } else { nil } }
  }
  public func bool(_ name: String) throws(GraphError) -> Bool? { try wideInt(name).map { $0 != 0 } }
  public func string(_ name: String) throws(GraphError) -> String? {
    try read(name, "a string") { if case .string(let v) = $0 { v } else { nil } }
  }
  public func tensor(_ name: String) throws(GraphError) -> Tensor? {
    try read(name, "a tensor") { if case .tensor(let v) = $0 { v } else { nil } }
  }
  public func floats(_ name: String) throws(GraphError) -> [Float]? {
    try read(name, "a list of floats") {
      switch $0 {
      case .floats(let v): v
      case .ints(let v) where v.isEmpty: []
      default: nil
      }
    }
  }
  /// Integers that stand for sizes, axes, pads or strides; beyond `Limits.integer` they are refused.
  public func ints(_ name: String) throws(GraphError) -> [Int]? {
    let values = try wideInts(name)
    for value in values ?? [] { try check(value, name) }
    return values
  }
  /// Integers of any size.
  public func wideInts(_ name: String) throws(GraphError) -> [Int]? {
    try read(name, "a list of integers") {
      switch $0 {
      case .ints(let v): v.map { Int($0) }
      case .floats(let v) where v.isEmpty: []
      default: nil
      }
    }
  }
  public func strings(_ name: String) throws(GraphError) -> [String]? {
    try read(name, "a list of strings") { if case .strings(let v) = $0 { v } else { nil } }
  }
  public func graph(_ name: String) throws(GraphError) -> Graph? {
    try read(name, "a graph") { if case .graph(let v) = $0 { v } else { nil } }
  }

  /// Marks an attribute as known where it has no meaning for results (hints, legacy).
  public func ignore(_ names: String...) { asked.formUnion(names) }

  private func check(_ value: Int, _ name: String) throws(GraphError) {
    guard Limits.integer.contains(value) else { throw .invalid(place: node, reason: "attribute '\(name)' is \(value), beyond any size") }
  }
}
