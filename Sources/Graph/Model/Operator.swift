/// What an operator sees of one input while types are inferred: its type, and its values where they are constant.
public struct Operand: Sendable {
  public let type: TensorType
  public let constant: Tensor?
  public init(_ type: TensorType, constant: Tensor? = nil) {
    self.type = type
    self.constant = constant
  }
}

/// An operation with its attributes already typed. Conforming types live in `Operators/<Family>.swift`, one struct an operator.
public protocol Operator: Sendable {
  static var declaration: OperatorDeclaration { get }

  /// Types of the results for concrete input types. Throws when the inputs contradict the operator's rules, or when a shape would
  /// depend on values that are not constant.
  func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType]

  /// Plain loops, any rank: folds constants, is the oracle of passes, and runs where no kernel exists.
  func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor]
}

/// The schema of one ONNX operator: name, domain, the opsets at which its meaning changed, and how to build it from a node's attributes.
public struct OperatorDeclaration: Sendable {
  public let domain: String
  public let name: String
  /// Opset versions since which a definition of this operator exists; a model's opset selects the largest that is not above it.
  public let opsets: [Int]
  /// Element types of the first input that `evaluate` accepts; documented in Docs/Operators.md.
  public let elements: [ElementType]
  public let make: @Sendable (AttributeReader) throws(GraphError) -> any Operator

  public init(
    _ name: String, domain: String = "", opsets: [Int], elements: [ElementType],
    make: @escaping @Sendable (AttributeReader) throws(GraphError) -> any Operator
  ) {
    self.domain = domain
    self.name = name
    self.opsets = opsets
    self.elements = elements
    self.make = make
  }
}
