/// One axis, and which of equal values an arg-reduction names.
public struct ArgReduction: Sendable, Hashable {
  /// May be negative: counted from the last axis.
  public let axis: Int
  /// The axis stays, with length 1.
  public let keepsAxis: Bool
  /// Of equal values the last; else the first.
  public let takesLast: Bool

  init(_ node: AttributeReader) throws(GraphError) {
    axis = try node.int("axis") ?? 0
    keepsAxis = try node.bool("keepdims") ?? true
    takesLast = node.opset >= 12 ? try node.bool("select_last_index") ?? false : false
  }

  /// What `init(_:)` reads.
  var definition: OperatorDefinition {
    OperatorDefinition(["axis": .integer(axis), "keepdims": .flag(keepsAxis), "select_last_index": .flag(takesLast)])
  }

  func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    var shape = try inputs.required(0, "data").type.shape
    let axis = try normalizedAxis(axis, rank: shape.count)
    guard shape[axis] > 0 || shape.contains(0) && TensorType(.int64, shape.enumerated().filter { $0.offset != axis }.map(\.element)).count == 0
    else { throw .shape(place: "", reason: "axis \(axis) of \(shape) is empty: nothing to choose from") }
    if keepsAxis { shape[axis] = 1 } else { shape.remove(at: axis) }
    return [TensorType(.int64, shape)]
  }

  /// The position along the axis of a value that no other `beats`; NaN beats all.
  func evaluate(_ inputs: [Tensor?], float: (Double, Double) -> Bool, integer: (Int64, Int64) -> Bool) throws(GraphError) -> [Tensor] {
    let data: Tensor = try inputs.required(0, "data")
    let type = try outputs(of: [Operand(data)])[0]
    let groups = ReductionGroups(shape: data.shape, axes: [try normalizedAxis(axis, rank: data.shape.count)])
    let places: [Int] =
      if let integers = data.integers { groups.map(integers) { winner($0, integer) } }
      else { groups.map(data.doubles) { winner($0) { float($0, $1) || $0.isNaN && !$1.isNaN } } }
    return [Tensor(type, .integers(places.map { Int64($0) }))]
  }

  private func winner<T>(_ values: [T], _ beats: (T, T) -> Bool) -> Int {
    values.indices.dropFirst().reduce(0) { best, at in
      beats(values[at], values[best]) || takesLast && !beats(values[best], values[at]) ? at : best
    }
  }
}

/// Position of the largest value along one axis; NaN counts as largest (ONNX ArgMax 1, 11, 12, 13).
public struct ArgMax: Operator {
  public let reduction: ArgReduction

  public static let declaration = OperatorDeclaration("ArgMax", opsets: [1, 11, 12, 13], elements: ElementType.numeric) {
    (node) throws(GraphError) in ArgMax(reduction: try ArgReduction(node))
  }

  public var definition: OperatorDefinition { reduction.definition }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { try reduction.outputs(of: inputs) }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let element = (try inputs.required(0, "data") as Tensor).element
    return try reduction.evaluate(inputs, float: >) { element.isBelow($1, $0) }
  }
}

/// Position of the smallest value along one axis; NaN counts as smallest (ONNX ArgMin 1, 11, 12, 13).
public struct ArgMin: Operator {
  public let reduction: ArgReduction

  public static let declaration = OperatorDeclaration("ArgMin", opsets: [1, 11, 12, 13], elements: ElementType.numeric) {
    (node) throws(GraphError) in ArgMin(reduction: try ArgReduction(node))
  }

  public var definition: OperatorDefinition { reduction.definition }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { try reduction.outputs(of: inputs) }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let element = (try inputs.required(0, "data") as Tensor).element
    return try reduction.evaluate(inputs, float: <) { element.isBelow($0, $1) }
  }
}
