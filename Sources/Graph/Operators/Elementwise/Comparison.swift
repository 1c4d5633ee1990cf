/// An operator that says something of two tensors that broadcast against each other.
protocol Comparison: OldBroadcasting, Hashable {
  func holds(_ a: Double, _ b: Double) -> Bool
  /// For signed integers and booleans, and for `UInt64`.
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool
}

extension Comparison {
  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let a = try inputs.required(0, "A").type, b = try inputs.required(1, "B").type
    guard a.element == b.element else { throw .invalid(place: "", reason: "the operands are \(a.element.onnxName) and \(b.element.onnxName)") }
    return [TensorType(.bool, try BroadcastPair(a.shape, b.shape, oldBroadcast).shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let a: Tensor = try inputs.required(0, "A"), b: Tensor = try inputs.required(1, "B")
    let pair = try BroadcastPair(a.shape, b.shape, oldBroadcast)
    let type = TensorType(.bool, pair.shape), walk = pair.walk
    switch (a.values, b.values) {
    case (.floats(let x), .floats(let y)): return [Tensor(type, .integers(combine(x, y, along: walk) { holds(Double($0), Double($1)) ? 1 : 0 }))]
    case (.integers(let x), .integers(let y)) where a.element == .uint64:
      return [Tensor(type, .integers(combine(x, y, along: walk) { holds(UInt64(bitPattern: $0), UInt64(bitPattern: $1)) ? 1 : 0 }))]
    case (.integers(let x), .integers(let y)): return [Tensor(type, .integers(combine(x, y, along: walk) { holds($0, $1) ? 1 : 0 }))]
    default: return [Tensor(type, .integers(combine(a.doubles, b.doubles, along: walk) { holds($0, $1) ? 1 : 0 }))]
    }
  }
}

/// `A == B` (ONNX Equal 1, 7, 11, 13, 19).
public struct Equal: Comparison {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Equal(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "Equal", opsets: [1, 7, 11, 13, 19], inputs: 2...2, elements: ElementType.all
  ) { (node) throws(GraphError) in Equal(oldBroadcast: try OldBroadcast(node)) }

  func holds(_ a: Double, _ b: Double) -> Bool { a == b }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a == b }
}

/// `A > B` (ONNX Greater 1, 7, 9, 13).
public struct Greater: Comparison {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Greater(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "Greater", opsets: [1, 7, 9, 13], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in Greater(oldBroadcast: try OldBroadcast(node)) }

  func holds(_ a: Double, _ b: Double) -> Bool { a > b }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a > b }
}

/// `A < B` (ONNX Less 1, 7, 9, 13).
public struct Less: Comparison {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Less(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "Less", opsets: [1, 7, 9, 13], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in Less(oldBroadcast: try OldBroadcast(node)) }

  func holds(_ a: Double, _ b: Double) -> Bool { a < b }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a < b }
}

/// `A >= B` (ONNX GreaterOrEqual 12, 16).
public struct GreaterOrEqual: Comparison {
  var oldBroadcast: OldBroadcast? { nil }
  var modern: any Operator { self }

  public static let declaration = OperatorDeclaration.plain(
    "GreaterOrEqual", opsets: [12, 16], inputs: 2...2, elements: ElementType.numeric
  ) { GreaterOrEqual() }

  func holds(_ a: Double, _ b: Double) -> Bool { a >= b }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a >= b }
}

/// `A <= B` (ONNX LessOrEqual 12, 16).
public struct LessOrEqual: Comparison {
  var oldBroadcast: OldBroadcast? { nil }
  var modern: any Operator { self }

  public static let declaration = OperatorDeclaration.plain(
    "LessOrEqual", opsets: [12, 16], inputs: 2...2, elements: ElementType.numeric
  ) { LessOrEqual() }

  func holds(_ a: Double, _ b: Double) -> Bool { a <= b }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a <= b }
}
