/// `A and B` (ONNX And 1, 7).
public struct And: Comparison {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { And(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "And", opsets: [1, 7], inputs: 2...2, elements: [.bool]
  ) { (node) throws(GraphError) in And(oldBroadcast: try OldBroadcast(node)) }

  func holds(_ a: Double, _ b: Double) -> Bool { a != 0 && b != 0 }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a != 0 && b != 0 }
}

/// `A or B` (ONNX Or 1, 7).
public struct Or: Comparison {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Or(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "Or", opsets: [1, 7], inputs: 2...2, elements: [.bool]
  ) { (node) throws(GraphError) in Or(oldBroadcast: try OldBroadcast(node)) }

  func holds(_ a: Double, _ b: Double) -> Bool { a != 0 || b != 0 }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { a != 0 || b != 0 }
}

/// Either of them and not both (ONNX Xor 1, 7).
public struct Xor: Comparison {
  let oldBroadcast: OldBroadcast?
  var modern: any Operator { Xor(oldBroadcast: nil) }

  public static let declaration = OperatorDeclaration(
    "Xor", opsets: [1, 7], inputs: 2...2, elements: [.bool]
  ) { (node) throws(GraphError) in Xor(oldBroadcast: try OldBroadcast(node)) }

  func holds(_ a: Double, _ b: Double) -> Bool { (a != 0) != (b != 0) }
  func holds<I: FixedWidthInteger>(_ a: I, _ b: I) -> Bool { (a != 0) != (b != 0) }
}

/// `not X` (ONNX Not 1).
public struct Not: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Not", opsets: [1], elements: [.bool]) { Not() }

  func apply(_ x: Double) -> Double { x == 0 ? 1 : 0 }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { x == 0 ? 1 : 0 }
}

/// An operator that says something of every number of a floating-point tensor.
protocol FloatPredicate: Operator, Hashable {
  func holds(_ x: Double) -> Bool
}

extension FloatPredicate {
  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    [TensorType(.bool, try inputs.required(0, "X").type.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    return [Tensor(TensorType(.bool, x.shape), .integers(x.doubles.map { holds($0) ? 1 : 0 }))]
  }
}

/// Whether a number is NaN (ONNX IsNaN 9, 13, 20).
public struct IsNaN: FloatPredicate {
  public static let declaration = OperatorDeclaration.plain("IsNaN", opsets: [9, 13, 20]) { IsNaN() }

  func holds(_ x: Double) -> Bool { x.isNaN }
}

/// Whether a number is infinite, of a sign that counts (ONNX IsInf 10, 20).
public struct IsInf: FloatPredicate {
  public let negative: Bool
  public let positive: Bool

  public static let declaration = OperatorDeclaration(
    "IsInf", opsets: [10, 20], elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    IsInf(negative: try node.bool("detect_negative") ?? true, positive: try node.bool("detect_positive") ?? true)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["detect_negative": .flag(negative), "detect_positive": .flag(positive)]) }

  func holds(_ x: Double) -> Bool { x.isInfinite && (x < 0 ? negative : positive) }
}

/// `condition ? X : Y`, all three broadcast against each other (ONNX Where 9, 16).
public struct Where: Operator, Hashable {
  public static let declaration = OperatorDeclaration.plain("Where", opsets: [9, 16], inputs: 3...3, elements: [.bool]) { Where() }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let condition = try inputs.required(0, "condition").type
    let x = try inputs.required(1, "X").type, y = try inputs.required(2, "Y").type
    guard x.element == y.element else { throw .invalid(place: "", reason: "X is \(x.element.onnxName) and Y is \(y.element.onnxName)") }
    return [TensorType(x.element, try broadcastShape([condition.shape, x.shape, y.shape]))]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let condition: Tensor = try inputs.required(0, "condition"), x: Tensor = try inputs.required(1, "X"), y: Tensor = try inputs.required(2, "Y")
    let walk = StrideWalk(type.shape, strides: [condition, x, y].map { broadcastStrides($0.shape, to: type.shape) })
    let choices = condition.integers ?? []
    switch (x.values, y.values) {
    case (.floats(let x), .floats(let y)): return [Tensor(type, .floats(Self.choose(choices, x, y, walk, type.count)))]
    case (.integers(let x), .integers(let y)): return [Tensor(type, .integers(Self.choose(choices, x, y, walk, type.count)))]
    default: return [Tensor(type, rounding: Self.choose(choices, x.doubles, y.doubles, walk, type.count))]
    }
  }

  private static func choose<T>(_ condition: [Int64], _ x: [T], _ y: [T], _ walk: StrideWalk, _ count: Int) -> [T] {
    var result: [T] = []
    result.reserveCapacity(count)
    let steps = walk.rowStrides, length = walk.rowLength
    walk.forEachRow { offsets in
      for i in 0..<length {
        result.append(condition[offsets[0] + i * steps[0]] != 0 ? x[offsets[1] + i * steps[1]] : y[offsets[2] + i * steps[2]])
      }
    }
    return result
  }
}
