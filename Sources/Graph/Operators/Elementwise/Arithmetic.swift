/// `A + B` (ONNX Add 1, 6, 7, 13, 14).
public struct Add: Binary {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Add() }
  public init() { oldBroadcast = nil }
  private init(_ node: AttributeReader) throws(GraphError) { oldBroadcast = try OldBroadcast(node) }

  public static let declaration = OperatorDeclaration(
    "Add", opsets: [1, 6, 7, 13, 14], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in try Add(node) }

  func apply(_ a: Double, _ b: Double) -> Double { a + b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }
}

/// `A - B` (ONNX Sub 1, 6, 7, 13, 14).
public struct Sub: Binary {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Sub() }
  public init() { oldBroadcast = nil }
  private init(_ node: AttributeReader) throws(GraphError) { oldBroadcast = try OldBroadcast(node) }

  public static let declaration = OperatorDeclaration(
    "Sub", opsets: [1, 6, 7, 13, 14], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in try Sub(node) }

  func apply(_ a: Double, _ b: Double) -> Double { a - b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &- b }
}

/// `A * B` (ONNX Mul 1, 6, 7, 13, 14).
public struct Mul: Binary {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Mul() }
  public init() { oldBroadcast = nil }
  private init(_ node: AttributeReader) throws(GraphError) { oldBroadcast = try OldBroadcast(node) }

  public static let declaration = OperatorDeclaration(
    "Mul", opsets: [1, 6, 7, 13, 14], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in try Mul(node) }

  func apply(_ a: Double, _ b: Double) -> Double { a * b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &* b }
}

/// `A / B`, for integers toward zero; an integer divided by zero gives zero (ONNX Div 1, 6, 7, 13, 14).
public struct Div: Binary {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Div() }
  public init() { oldBroadcast = nil }
  private init(_ node: AttributeReader) throws(GraphError) { oldBroadcast = try OldBroadcast(node) }

  public static let declaration = OperatorDeclaration(
    "Div", opsets: [1, 6, 7, 13, 14], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in try Div(node) }

  func apply(_ a: Double, _ b: Double) -> Double { a / b }
  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
}

/// The remainder of `A / B`; an integer modulo zero gives zero (ONNX Mod 10, 13, 28).
public struct Mod: Binary {
  /// The quotient is rounded toward zero, as C's `fmod` does: the result has the sign of A. Else down: the sign of B.
  public let truncates: Bool

  var oldBroadcast: OldBroadcast? { nil }
  var modern: any Operator { self }

  public static let declaration = OperatorDeclaration(
    "Mod", opsets: [10, 13, 28], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in Mod(truncates: try node.bool("fmod") ?? false) }

  public var definition: OperatorDefinition { OperatorDefinition(["fmod": .flag(truncates)]) }

  func apply(_ a: Double, _ b: Double) -> Double {
    let rest = a.truncatingRemainder(dividingBy: b)
    if truncates { return rest }
    if rest == 0 { return b < 0 ? -0.0 : 0.0 }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }

  func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I {
    if b == 0 { return 0 }
    let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
    return !truncates && rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
  }
}

/// `A` to the power of `B`, of A's type; B may be of another one (ONNX Pow 1, 7, 12, 13, 15).
public struct Pow: OldBroadcasting, Hashable {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Pow(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "Pow", opsets: [1, 7, 12, 13, 15], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in Pow(oldBroadcast: try OldBroadcast(node)) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let a = try inputs.required(0, "X").type, b = try inputs.required(1, "Y").type
    guard b.element != .bool else { throw .invalid(place: "", reason: "the exponent is bool") }
    return [TensorType(a.element, try BroadcastPair(a.shape, b.shape, oldBroadcast).shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let a: Tensor = try inputs.required(0, "X"), b: Tensor = try inputs.required(1, "Y")
    let pair = try BroadcastPair(a.shape, b.shape, oldBroadcast)
    let type = TensorType(a.element, pair.shape), walk = pair.walk
    if let x = a.integers {
      if let y = b.integers { return [Tensor(type, wrapping: combine(x, y, along: walk) { Self.power($0, $1) })] }
      return [Tensor(type, wrapping: combine(a.doubles, b.doubles, along: walk) { Int64(exactlyOrSmallest: Real.pow($0, $1)) })]
    }
    return [Tensor(type, rounding: combine(a.doubles, b.doubles, along: walk) { Real.pow($0, $1) })]
  }

  /// By squaring, modulo 2^64; negative exponents truncate to zero but for bases 1 and -1.
  private static func power(_ base: Int64, _ exponent: Int64) -> Int64 {
    if exponent < 0 { return base == 1 ? 1 : base == -1 ? (exponent & 1 == 0 ? 1 : -1) : 0 }
    var result: Int64 = 1, square = base, rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result &* square }
      square = square &* square
      rest >>= 1
    }
    return result
  }
}
