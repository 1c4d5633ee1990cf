/// What happens where an update meets a value; without a reduction the last update stays.
public enum ScatterReduction: String, Sendable, CaseIterable {
  case none, add, mul, max, min

  /// Known from opset 16 on, `max` and `min` from 18.
  init(_ node: AttributeReader) throws(GraphError) {
    guard node.opset >= 16 else { self = .none; return }
    self = try node.choice("reduction", default: .none)
    if node.opset < 18, self == .max || self == .min { throw .invalid(place: node.node, reason: "reduction '\(rawValue)' exists since opset 18") }
  }

  /// `data` with runs of `updates` written at `positions`.
  func scatter(_ updates: Tensor, into data: Tensor, at positions: [Int], run: Int) -> Tensor {
    switch (data.values, updates.values) {
    case (.floats(let v), .floats(let u)):
      return Tensor(data.type, rounding: scatter(u, into: v, at: positions, run) { reduce($0, $1) })
    case (.integers(let v), .integers(let u)):
      let isBelow = data.element.isBelow
      return Tensor(
        data.type,
        wrapping: scatter(u, into: v, at: positions, run) { old, new in
          switch self {
          case .none: new
          case .add: old &+ new
          case .mul: old &* new
          case .max: isBelow(old, new) ? new : old
          case .min: isBelow(new, old) ? new : old
          }
        })
    default:
      return Tensor(data.type, rounding: scatter(updates.doubles, into: data.doubles, at: positions, run) { reduce($0, $1) })
    }
  }

  private func reduce<T: BinaryFloatingPoint>(_ old: T, _ new: T) -> T {
    switch self {
    case .none: new
    case .add: old + new
    case .mul: old * new
    case .max: old.isNaN || old >= new ? old : new
    case .min: old.isNaN || old <= new ? old : new
    }
  }

  private func scatter<T>(_ updates: [T], into data: [T], at positions: [Int], _ run: Int, _ reduce: (T, T) -> T) -> [T] {
    var result = data
    for (k, position) in positions.enumerated() {
      for i in 0..<run { result[position + i] = reduce(result[position + i], updates[k * run + i]) }
    }
    return result
  }
}

/// The data with single elements replaced, or reduced, where indices along one axis point (ONNX ScatterElements 11, 13, 16, 18).
public struct ScatterElements: Operator, Hashable {
  public let axis: Int
  public let reduction: ScatterReduction

  public static let declaration = OperatorDeclaration(
    "ScatterElements", opsets: [11, 13, 16, 18], inputs: 3...3, elements: ElementType.all
  ) { (node) throws(GraphError) in ScatterElements(axis: try node.int("axis") ?? 0, reduction: try ScatterReduction(node)) }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis), "reduction": .string(reduction.rawValue)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let data = try inputs.required(0, "data").type, indices = try indexOperand(inputs, 1, "indices")
    let updates = try inputs.required(2, "updates").type
    try checkElementIndices(indices.shape, data: data.shape, axis: try normalizedAxis(axis, rank: data.shape.count))
    guard updates == TensorType(data.element, indices.shape) else {
      throw .shape(place: "", reason: "updates of shape \(updates.shape) do not fit indices of shape \(indices.shape)")
    }
    return [data]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let data: Tensor = try inputs.required(0, "data"), indices: Tensor = try inputs.required(1, "indices")
    let axis = try normalizedAxis(axis, rank: data.shape.count)
    let positions = try elementPositions(indices, in: data.shape, axis: axis)
    return [reduction.scatter(try inputs.required(2, "updates"), into: data, at: positions, run: 1)]
  }
}

/// The former name of ScatterElements without reduction (ONNX Scatter 9, 11).
public struct Scatter: Operator {
  private let operation: ScatterElements

  public static let declaration = OperatorDeclaration(
    "Scatter", opsets: [9, 11], inputs: 3...3, elements: ElementType.all
  ) { (node) throws(GraphError) in Scatter(operation: ScatterElements(axis: try node.int("axis") ?? 0, reduction: .none)) }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(operation.axis)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { try operation.outputs(of: inputs) }
  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] { try operation.evaluate(inputs) }
}

/// The data with slices replaced, or reduced, where index tuples point (ONNX ScatterND 11, 13, 16, 18).
public struct ScatterND: Operator, Hashable {
  public let reduction: ScatterReduction

  public static let declaration = OperatorDeclaration(
    "ScatterND", opsets: [11, 13, 16, 18], inputs: 3...3, elements: ElementType.all
  ) { (node) throws(GraphError) in ScatterND(reduction: try ScatterReduction(node)) }

  public var definition: OperatorDefinition { OperatorDefinition(["reduction": .string(reduction.rawValue)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let data = try inputs.required(0, "data").type, indices = try indexOperand(inputs, 1, "indices").shape
    let updates = try inputs.required(2, "updates").type
    guard let depth = indices.last, depth >= 1, depth <= data.shape.count else {
      throw .shape(place: "", reason: "indices of shape \(indices) do not fit data of shape \(data.shape)")
    }
    guard updates == TensorType(data.element, indices.dropLast() + data.shape[depth...]) else {
      throw .shape(place: "", reason: "updates of shape \(updates.shape) do not fit indices \(indices) into data \(data.shape)")
    }
    return [data]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let data: Tensor = try inputs.required(0, "data"), indices: Tensor = try inputs.required(1, "indices")
    let depth = indices.shape.last ?? 0, run = data.shape[depth...].reduce(1, *)
    let positions = try tuplePositions(indices, axes: Array(data.shape[..<depth]), run: run)
    return [reduction.scatter(try inputs.required(2, "updates"), into: data, at: positions, run: run)]
  }
}
