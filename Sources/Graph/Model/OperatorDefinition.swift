/// What a declaration's `make` needs to build an operation again: the way in which files of our own hold operations.
///
/// It speaks the language of ONNX files, so that what it says keeps its meaning when a type changes, and so that `make` checks what is read.
public struct OperatorDefinition: Sendable {
  /// The declaration, where several make the same type; nil for the type's own.
  public let name: String?
  /// The definition of this opset applies; nil for the newest.
  public let opset: Int?
  public let attributes: [String: Attribute]
  /// Outputs that the node lists, where the operation depends on it.
  public let outputCount: Int?

  init(_ attributes: [String: Attribute?] = [:], opset: Int? = nil, name: String? = nil, outputCount: Int? = nil) {
    self.name = name
    self.opset = opset
    self.attributes = attributes.compactMapValues { $0 }
    self.outputCount = outputCount
  }
}

extension Attribute {
  static func integer(_ value: Int) -> Attribute { .int(Int64(value)) }
  static func integers(_ values: [Int]) -> Attribute { .ints(values.map { Int64($0) }) }
  static func flag(_ value: Bool) -> Attribute { .int(value ? 1 : 0) }
}

extension [String: Attribute?] {
  /// These attributes and others.
  func and(_ others: [String: Attribute?]) -> [String: Attribute?] { merging(others) { $1 } }
}

extension Operator {
  /// The operator's name, domain and opset as a file names them.
  public var declared: (declaration: OperatorDeclaration, opset: Int) {
    let own = type(of: self).declaration, definition = definition
    let declaration = definition.name.flatMap { Operators.declaration(of: $0, domain: own.domain) } ?? own
    let opset = definition.opset.flatMap { limit in declaration.opsets.last { $0 <= limit } } ?? declaration.opsets.last ?? 1
    return (declaration, opset)
  }
}

extension OperatorDeclaration {
  /// The operation that a definition of this operator describes.
  ///
  /// - place: names the node in messages.
  /// - inputs, outputs: how many the node lists.
  public func operation(
    opset: Int, attributes: [String: Attribute], place: String, inputs: Int, outputs: Int
  ) throws(GraphError) -> any Operator {
    guard opsets.contains(opset) else { throw .unsupported(place: place, reason: "\(name) has no definition of opset \(opset)") }
    let reader = AttributeReader(node: place, opset: opset, inputCount: inputs, outputCount: outputs, attributes: attributes)
    let operation = try make(reader)
    if let unknown = reader.unknown.first { throw .invalid(place: place, reason: "\(name) has no attribute '\(unknown)'") }
    return operation
  }
}
