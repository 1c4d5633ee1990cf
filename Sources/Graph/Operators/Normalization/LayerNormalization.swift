/// The axes from one on, over which layers are normalised, and the precision that ONNX names for it.
///
/// Everything is computed in double precision here; what the attribute still decides is the type of the statistics.
public struct TrailingAxes: Sendable, Hashable {
  /// The first normalised axis. May be negative: counted from the last.
  public let axis: Int
  public let statistics: ElementType

  init(_ node: AttributeReader) throws(GraphError) {
    axis = try node.int("axis") ?? -1
    statistics = try Self.stashType(node)
  }

  /// Axes from `axis` on, statistics in single precision.
  init(from axis: Int) {
    self.axis = axis
    statistics = .float32
  }

  /// What `init(_:)` reads.
  var attributes: [String: Attribute?] { ["axis": .integer(axis), "stash_type": .int(Int64(statistics.rawValue))] }

  static func stashType(_ node: AttributeReader) throws(GraphError) -> ElementType {
    let code = try node.int("stash_type") ?? 1
    guard let type = Int32(exactly: code).flatMap(ElementType.init(rawValue:)), type.isFloatingPoint else {
      throw .invalid(place: node.node, reason: "attribute 'stash_type' is \(code), not a floating-point type")
    }
    return type
  }

  /// `rows` times `length` contiguous values to be normalised together.
  public func extents(of shape: [Int]) throws(GraphError) -> (rows: Int, length: Int) {
    let first = try normalizedAxis(axis, rank: shape.count)
    return (shape[..<first].reduce(1, *), shape[first...].reduce(1, *))
  }
}

/// `y = scale * (x - mean) / sqrt(variance + epsilon) + bias` over all axes from one on, with biased variance (ONNX LayerNormalization 17).
///
/// Scale and the optional bias broadcast to X. Further outputs, if the node lists them: mean and `1 / sqrt(variance + epsilon)`.
public struct LayerNormalization: Operator {
  public let group: TrailingAxes
  public let epsilon: Float
  /// How many of y, mean and inverse deviation the node lists.
  public let outputCount: Int

  public static let declaration = OperatorDeclaration(
    "LayerNormalization", opsets: [17], inputs: 2...3, outputs: 1...3, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    LayerNormalization(group: try TrailingAxes(node), epsilon: try node.float("epsilon") ?? 1e-5, outputCount: node.outputCount)
  }

  public var definition: OperatorDefinition { OperatorDefinition(group.attributes.and(["epsilon": .float(epsilon)]), outputCount: outputCount) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    let first = try normalizedAxis(group.axis, rank: x.shape.count)
    try checkBroadcast(try inputs.required(1, "Scale").type, "Scale", element: x.element, to: x.shape)
    if let bias: Operand = inputs.optional(2) { try checkBroadcast(bias.type, "B", element: x.element, to: x.shape) }
    let statistics = TensorType(group.statistics, x.shape[..<first] + x.shape[first...].map { _ in 1 })
    return Array([x, statistics, statistics].prefix(outputCount))
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), scale: Tensor = try inputs.required(1, "Scale"), bias: Tensor? = inputs.optional(2)
    let types = try outputs(of: inputs.operands)
    let (rows, length) = try group.extents(of: x.shape)
    let values = x.doubles
    let moments = (0..<rows).map { Moments(values[$0 * length..<($0 + 1) * length]) }
    let inverses = moments.map { 1 / ($0.variance + Double(epsilon)).squareRoot() }
    let factors = scale.broadcast(to: x.shape).doubles, addends = bias?.broadcast(to: x.shape).doubles
    let y = values.indices.map {
      (values[$0] - moments[$0 / length].mean) * inverses[$0 / length] * factors[$0] + (addends?[$0] ?? 0)
    }
    return zip(types, [y, moments.map(\.mean), inverses]).map { Tensor($0, rounding: $1) }
  }
}

/// `y = scale * x / sqrt(mean of x^2 + epsilon)` over all axes from one on; scale broadcasts to X (ONNX RMSNormalization 23).
public struct RMSNormalization: Operator {
  public let group: TrailingAxes
  public let epsilon: Float

  public static let declaration = OperatorDeclaration(
    "RMSNormalization", opsets: [23], inputs: 2...2, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in RMSNormalization(group: try TrailingAxes(node), epsilon: try node.float("epsilon") ?? 1e-5) }

  public var definition: OperatorDefinition { OperatorDefinition(group.attributes.and(["epsilon": .float(epsilon)])) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type, scale = try inputs.required(1, "scale").type
    _ = try group.extents(of: x.shape)
    // Its type, which the result has too, may be another than that of X.
    try checkFloating(scale, "scale")
    try checkBroadcast(scale, "scale", element: scale.element, to: x.shape)
    return [TensorType(scale.element, x.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), scale: Tensor = try inputs.required(1, "scale")
    let (rows, length) = try group.extents(of: x.shape)
    let values = x.doubles, factors = scale.broadcast(to: x.shape).doubles
    let inverses = (0..<rows).map { row in
      1 / (values[row * length..<(row + 1) * length].reduce(0) { $0 + $1 * $1 } / Double(length) + Double(epsilon)).squareRoot()
    }
    return [Tensor(TensorType(scale.element, x.shape), rounding: values.indices.map { values[$0] * inverses[$0 / length] * factors[$0] })]
  }
}
