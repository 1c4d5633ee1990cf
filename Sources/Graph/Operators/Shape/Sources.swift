/// A tensor that stands in the file as a node (ONNX Constant 1 to 25).
public struct Constant: Operator {
  public let value: Tensor

  public static let declaration = OperatorDeclaration(
    "Constant", opsets: [1, 9, 11, 12, 13, 19] + movementOpsets, inputs: 0...0, elements: ElementType.all
  ) { (node) throws(GraphError) in
    if let value = try node.tensor("value") { return Constant(value: value) }
    if let value = try node.float("value_float") { return Constant(value: Tensor(TensorType(.float32, []), .floats([value]))) }
    if let values = try node.floats("value_floats") { return Constant(value: Tensor(TensorType(.float32, [values.count]), .floats(values))) }
    if let value = try node.wideInt("value_int") { return Constant(value: Tensor(TensorType(.int64, []), .integers([Int64(value)]))) }
    if let values = try node.wideInts("value_ints") { return Constant(value: Tensor(shape: values)) }
    for name in ["value_string", "value_strings", "sparse_value"] where node.has(name) {
      throw .unsupported(place: "", reason: "attribute '\(name)'")
    }
    throw .invalid(place: node.node, reason: "it has no value")
  }

  public var definition: OperatorDefinition { OperatorDefinition(["value": .tensor(value)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [value.type] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] { [value] }
}

/// One value in a shape that is an input (ONNX ConstantOfShape 9 to 25).
public struct ConstantOfShape: Operator {
  /// One element; zero by default.
  public let value: Tensor

  public static let declaration = OperatorDeclaration(
    "ConstantOfShape", opsets: [9, 20] + movementOpsets, elements: [.int64]
  ) { (node) throws(GraphError) in
    let value = try node.tensor("value") ?? Tensor(TensorType(.float32, [1]), .floats([0]))
    guard value.count == 1 else { throw .invalid(place: node.node, reason: "attribute 'value' has \(value.count) elements") }
    return ConstantOfShape(value: value)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["value": .tensor(value)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let shape: Operand = try inputs.required(0, "input")
    return [try TensorType(value.element, try shape.integers("input")).checked()]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    return [value.repeated(type.shape)]
  }
}

/// The lengths of a tensor's axes from `start` up to `end` (ONNX Shape 1 to 25).
public struct Shape: TypeOnly {
  public let start: Int
  /// Nil: to the last axis.
  public let end: Int?

  public static let declaration = OperatorDeclaration(
    "Shape", opsets: [1, 13, 15, 19] + movementOpsets, elements: ElementType.all
  ) { (node) throws(GraphError) in
    node.opset < 15 ? Shape(start: 0, end: nil) : Shape(start: try node.int("start") ?? 0, end: try node.int("end"))
  }

  public var definition: OperatorDefinition { OperatorDefinition(["start": .integer(start), "end": end.map(Attribute.integer)]) }

  private func lengths(_ shape: [Int]) -> [Int] {
    func clamped(_ axis: Int) -> Int { min(max(axis < 0 ? axis + shape.count : axis, 0), shape.count) }
    let first = clamped(start), last = clamped(end ?? shape.count)
    return first < last ? Array(shape[first..<last]) : []
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    [TensorType(.int64, [lengths(try inputs.required(0, "data").type.shape).count])]
  }

  func evaluate(types: [TensorType?]) throws(GraphError) -> [Tensor] { [Tensor(shape: lengths(try types.required(0, "data").shape))] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] { try evaluate(types: inputs.map { $0?.type }) }
}

/// The number of elements of a tensor (ONNX Size 1 to 25).
public struct Size: TypeOnly {
  public static let declaration = OperatorDeclaration(
    "Size", opsets: [1, 13, 19] + movementOpsets, elements: ElementType.all
  ) { (_) throws(GraphError) in Size() }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [TensorType(.int64, [])] }

  func evaluate(types: [TensorType?]) throws(GraphError) -> [Tensor] {
    [Tensor(TensorType(.int64, []), .integers([Int64(try types.required(0, "data").count)]))]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] { try evaluate(types: inputs.map { $0?.type }) }
}

/// `start, start + delta, ...` below (above, for a negative delta) `limit` (ONNX Range 11, 27).
public struct RangeOfNumbers: Operator {
  public static let declaration = OperatorDeclaration(
    "Range", opsets: [11, 27], inputs: 3...3, elements: [.float32, .float64, .float16, .bfloat16, .int16, .int32, .int64]
  ) { (node) throws(GraphError) in
    if let stash = try node.int("stash_type"), stash != 1 { throw .unsupported(place: "", reason: "stash_type \(stash)") }
    return RangeOfNumbers()
  }

  private func count(_ start: Operand, _ limit: Operand, _ delta: Operand) throws(GraphError) -> Int {
    guard start.type.element == limit.type.element, start.type.element == delta.type.element else {
      throw .invalid(place: "", reason: "start, limit and delta are of different types")
    }
    guard let first = start.constant, let last = limit.constant, let step = delta.constant else {
      throw .unsupported(place: "", reason: "a shape depends on values that are known only when the network runs")
    }
    guard let a = first.scalar, let b = last.scalar, let d = step.scalar else {
      throw .invalid(place: "", reason: "start, limit and delta must be scalars")
    }
    let number = ((b - a) / d).rounded(.up)
    guard d != 0, number <= Double(Limits.dimension.upperBound) else {
      throw .invalid(place: "", reason: "a range from \(a) to \(b) by \(d) is absurd")
    }
    return number > 0 ? Int(number) : 0
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let start: Operand = try inputs.required(0, "start")
    return [TensorType(start.type.element, [try count(start, try inputs.required(1, "limit"), try inputs.required(2, "delta"))])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let start: Tensor = try inputs.required(0, "start"), delta: Tensor = try inputs.required(2, "delta")
    if let a = start.integers?.first, let d = delta.integers?.first {
      return [Tensor(type, wrapping: (0..<Int64(type.count)).map { a &+ $0 &* d })]
    }
    let a = start.scalar ?? 0, d = delta.scalar ?? 0
    return [Tensor(type, rounding: (0..<type.count).map { a + Double($0) * d })]
  }
}
