// Activations made of straight lines.

/// `y = max(0, x)` (ONNX Relu 1, 6, 13, 14).
public struct Relu: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain(
    "Relu", opsets: [1, 6, 13, 14], elements: ElementType.floatingPoint + [.int8, .int16, .int32, .int64]
  ) { Relu() }

  func apply(_ x: Double) -> Double { x < 0 ? 0 : x }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { max(0, x) }
}

/// `y = x < 0 ? alpha * x : x` (ONNX LeakyRelu 1, 6, 16).
public struct LeakyRelu: Pointwise {
  /// Slope below zero; ONNX's default is 0.01.
  public let alpha: Float

  public init(alpha: Float) { self.alpha = alpha }

  public static let declaration = OperatorDeclaration.scaled("LeakyRelu", opsets: [1, 6, 16]) { (node) throws(GraphError) in
    LeakyRelu(alpha: try node.float("alpha") ?? 0.01)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha)]) }

  func apply(_ x: Double) -> Double { x < 0 ? Double(alpha) * x : x }
}

/// `y = x < 0 ? slope * x : x`, the slope broadcast to x from the right (ONNX PRelu 1, 6, 7, 9, 16).
///
/// Up to opset 6 a slope of several numbers is one per channel, axis 1; `slopeShape` gives it in today's form.
public struct PRelu: Operator {
  /// The slope is a vector along axis 1, whatever its length.
  private let isAlongChannels: Bool

  public init() { isAlongChannels = false }

  private init(isAlongChannels: Bool) { self.isAlongChannels = isAlongChannels }

  public static let declaration = OperatorDeclaration(
    "PRelu", opsets: [1, 6, 7, 9, 16], inputs: 2...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in
    node.ignore("consumed_inputs")
    return PRelu(isAlongChannels: node.opset < 7)
  }

  public var definition: OperatorDefinition { OperatorDefinition(opset: isAlongChannels ? 6 : nil) }

  /// The shape in which the slope broadcasts to an input of shape `x`.
  public func slopeShape(_ slope: [Int], x: [Int]) throws(GraphError) -> [Int] {
    let count = slope.reduce(1, *)
    let shape = isAlongChannels && count > 1 ? [count] + [Int](repeating: 1, count: max(0, x.count - 2)) : slope
    guard try broadcastShape([x, shape]) == x else { throw .shape(place: "", reason: "a slope of shape \(slope) does not fit input \(x)") }
    return shape
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type, slope = try inputs.required(1, "slope").type
    guard x.element == slope.element else { throw .invalid(place: "", reason: "input and slope are of different types") }
    _ = try slopeShape(slope.shape, x: x.shape)
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), slope: Tensor = try inputs.required(1, "slope")
    let strides = broadcastStrides(try slopeShape(slope.shape, x: x.shape), to: x.shape)
    let walk = StrideWalk(x.shape, strides: [rowMajorStrides(x.shape), strides])
    if let values = x.integers, let factors = slope.integers {
      return [Tensor(x.type, wrapping: combine(values, factors, along: walk) { $0 < 0 ? $0 &* $1 : $0 })]
    }
    return [Tensor(x.type, rounding: combine(x.doubles, slope.doubles, along: walk) { $0 < 0 ? $0 * $1 : $0 })]
  }
}

/// `y = x > alpha ? x : 0` (ONNX ThresholdedRelu 10, 22).
public struct ThresholdedRelu: Pointwise {
  public let alpha: Float

  public static let declaration = OperatorDeclaration.scaled("ThresholdedRelu", opsets: [10, 22]) { (node) throws(GraphError) in
    ThresholdedRelu(alpha: try node.float("alpha") ?? 1)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha)]) }

  func apply(_ x: Double) -> Double { x > Double(alpha) ? x : 0 }
}

/// `y = x < -threshold ? x + bias : x > threshold ? x - bias : 0` (ONNX Shrink 9).
public struct Shrink: Pointwise {
  public let threshold: Float
  public let bias: Float

  public static let declaration = OperatorDeclaration(
    "Shrink", opsets: [9], elements: ElementType.numeric
  ) { (node) throws(GraphError) in Shrink(threshold: try node.float("lambd") ?? 0.5, bias: try node.float("bias") ?? 0) }

  public var definition: OperatorDefinition { OperatorDefinition(["lambd": .float(threshold), "bias": .float(bias)]) }

  func apply(_ x: Double) -> Double {
    if x < -Double(threshold) { return x + Double(bias) }
    return x > Double(threshold) ? x - Double(bias) : 0
  }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { I(truncatingIfNeeded: Int64(exactlyOrSmallest: apply(Double(x)))) }
}

/// `y = max(0, min(1, alpha * x + beta))` (ONNX HardSigmoid 1, 6, 22).
public struct HardSigmoid: Pointwise {
  public let alpha: Float
  public let beta: Float

  public static let declaration = OperatorDeclaration.scaled("HardSigmoid", opsets: [1, 6, 22]) { (node) throws(GraphError) in
    HardSigmoid(alpha: try node.float("alpha") ?? 0.2, beta: try node.float("beta") ?? 0.5)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha), "beta": .float(beta)]) }

  func apply(_ x: Double) -> Double {
    let line = Double(alpha) * x + Double(beta)
    return line < 0 ? 0 : line > 1 ? 1 : line
  }
}

/// `y = x * max(0, min(1, x / 6 + 1 / 2))` (ONNX HardSwish 14, 22).
public struct HardSwish: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("HardSwish", opsets: [14, 22]) { HardSwish() }

  func apply(_ x: Double) -> Double {
    let line = x / 6 + 0.5
    return line < 0 ? 0 : line > 1 ? x : x * line
  }
}
