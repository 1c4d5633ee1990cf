/// What an operator sees of one input while types are inferred: its type, and its values where they are constant.
public struct Operand: Sendable {
  public let type: TensorType
  public let constant: Tensor?
  public init(_ type: TensorType, constant: Tensor? = nil) {
    self.type = type
    self.constant = constant
  }

  public init(_ constant: Tensor) {
    self.init(constant.type, constant: constant)
  }

  /// The values of an integer operand that a shape depends on. Throws when they are not constant or beyond `Limits.integer`.
  public func integers(_ name: String) throws(GraphError) -> [Int] {
    let values = try wideIntegers(name)
    if let absurd = values.first(where: { !Limits.integer.contains($0) }) {
      throw .invalid(place: "input '\(name)'", reason: "\(absurd) is beyond any dimension")
    }
    return values
  }

  /// Like `integers`, for the first definitions of a few operators, which hold lengths in the element type of the data.
  public func wholeNumbers(_ name: String) throws(GraphError) -> [Int] {
    guard type.element.isFloatingPoint, let constant else { return try integers(name) }
    var values: [Int] = []
    for number in constant.doubles {
      guard let value = Int(exactly: number), Limits.integer.contains(value) else {
        throw .invalid(place: "input '\(name)'", reason: "\(number) is no length")
      }
      values.append(value)
    }
    return values
  }

  /// Like `integers`, for operands in which the largest integers mean "to the end".
  public func wideIntegers(_ name: String) throws(GraphError) -> [Int] {
    guard !type.element.isFloatingPoint else { throw .invalid(place: "input '\(name)'", reason: "the values are not integers") }
    guard let values = constant?.integers else {
      throw .unsupported(place: "input '\(name)'", reason: "a shape depends on values that are known only when the network runs")
    }
    return values.map { Int($0) }
  }
}

/// An operation with its attributes already typed. Conforming types live in `Operators/<Family>.swift`, one struct an operator.
public protocol Operator: Sendable {
  static var declaration: OperatorDeclaration { get }

  /// From what `declaration.make` builds an equal operation; its inverse. An operator without attributes has nothing to say.
  var definition: OperatorDefinition { get }

  /// Types of the results for concrete input types. Throws when the inputs contradict the operator's rules, or when a shape would
  /// depend on values that are not constant.
  func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType]

  /// Plain loops, any rank: folds constants, is the oracle of passes, and runs where no kernel exists. Callers give it only inputs
  /// for which `outputs(of:)` has succeeded with the same values; results are rounded to their element type.
  func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor]
}

extension Operator {
  public var definition: OperatorDefinition { OperatorDefinition() }
}

/// The schema of one ONNX operator: name, domain, the opsets at which its meaning changed, and how to build it from a node's attributes.
public struct OperatorDeclaration: Sendable {
  public let domain: String
  public let name: String
  /// All opset versions at which ONNX (re)defined this operator; a model's opset selects the largest that is not above it. `make`
  /// refuses those that it cannot do.
  public let opsets: [Int]
  /// How many inputs a node may list; those up to the lower bound are present, trailing optional ones are filled up with nil.
  public let inputs: ClosedRange<Int>
  /// How many outputs a node may list.
  public let outputs: ClosedRange<Int>
  /// Element types of the first input that `evaluate` accepts; documented in Docs/Operators.md.
  public let elements: [ElementType]
  public let make: @Sendable (AttributeReader) throws(GraphError) -> any Operator

  /// For operators with any number of inputs or outputs.
  public static let many = 1 << 20

  public init(
    _ name: String, domain: String = "", opsets: [Int], inputs: ClosedRange<Int> = 1...1, outputs: ClosedRange<Int> = 1...1,
    elements: [ElementType], make: @escaping @Sendable (AttributeReader) throws(GraphError) -> any Operator
  ) {
    self.domain = domain
    self.name = name
    self.opsets = opsets
    self.inputs = inputs
    self.outputs = outputs
    self.elements = elements
    self.make = make
  }
}

extension Array {
  /// The input at `index`, which the operator cannot do without. Never traps.
  public func required<T>(_ index: Int, _ name: String) throws(GraphError) -> T where Element == T? {
    guard let value = optional(index) else { throw .invalid(place: "", reason: "input '\(name)' is missing") }
    return value
  }

  /// The input at `index`, or nil where it is absent or not listed.
  public func optional<T>(_ index: Int) -> T? where Element == T? {
    indices.contains(index) ? self[index] : nil
  }
}
