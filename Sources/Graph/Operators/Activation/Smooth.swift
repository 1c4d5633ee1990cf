// Activations made of exponentials.

/// `y = x < 0 ? alpha * (exp(x) - 1) : x` (ONNX Elu 1, 6, 22).
public struct Elu: Pointwise {
  public let alpha: Float

  public static let declaration = OperatorDeclaration.scaled("Elu", opsets: [1, 6, 22]) { (node) throws(GraphError) in
    Elu(alpha: try node.float("alpha") ?? 1)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha)]) }

  func apply(_ x: Double) -> Double { x < 0 ? Double(alpha) * Real.expm1(x) : x }
}

/// `y = max(0, x) + min(0, alpha * (exp(x / alpha) - 1))` (ONNX Celu 12, 28).
public struct Celu: Pointwise {
  public let alpha: Float

  public static let declaration = OperatorDeclaration.scaled("Celu", opsets: [12, 28]) { (node) throws(GraphError) in
    Celu(alpha: try node.float("alpha") ?? 1)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha)]) }

  func apply(_ x: Double) -> Double { x < 0 ? min(0, Double(alpha) * Real.expm1(x / Double(alpha))) : x }
}

/// `y = gamma * (x > 0 ? x : alpha * (exp(x) - 1))` (ONNX Selu 1, 6, 22).
public struct Selu: Pointwise {
  public let alpha: Float
  public let gamma: Float

  public static let declaration = OperatorDeclaration.scaled("Selu", opsets: [1, 6, 22]) { (node) throws(GraphError) in
    let isFirst = node.opset == 1  // whose defaults have fewer digits
    return Selu(
      alpha: try node.float("alpha") ?? (isFirst ? 1.6732 : 1.673_263_192_176_818_847_656_25),
      gamma: try node.float("gamma") ?? (isFirst ? 1.0507 : 1.050_701_022_148_132_324_218_75))
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha), "gamma": .float(gamma)]) }

  func apply(_ x: Double) -> Double { Double(gamma) * (x < 0 ? Double(alpha) * Real.expm1(x) : x) }
}

/// `y = 1 / (1 + exp(-x))` (ONNX Sigmoid 1, 6, 13).
public struct Sigmoid: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("Sigmoid", opsets: [1, 6, 13]) { Sigmoid() }

  func apply(_ x: Double) -> Double { Real.sigmoid(x) }
}

/// `y = tanh(x)` (ONNX Tanh 1, 6, 13).
public struct Tanh: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("Tanh", opsets: [1, 6, 13]) { Tanh() }

  func apply(_ x: Double) -> Double { Real.tanh(x) }
}

/// `y = log(1 + exp(x))` (ONNX Softplus 1, 22).
public struct Softplus: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("Softplus", opsets: [1, 22]) { Softplus() }

  func apply(_ x: Double) -> Double { Real.softplus(x) }
}

/// `y = x / (1 + |x|)` (ONNX Softsign 1, 22).
public struct Softsign: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("Softsign", opsets: [1, 22]) { Softsign() }

  func apply(_ x: Double) -> Double { x / (1 + abs(x)) }
}

/// The Gauss error function (ONNX Erf 9, 13).
public struct Erf: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("Erf", opsets: [9, 13], elements: ElementType.numeric) { Erf() }

  func apply(_ x: Double) -> Double { Real.erf(x) }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { I(truncatingIfNeeded: Int64(exactlyOrSmallest: Real.erf(Double(x)))) }
}

/// `y = x / 2 * (1 + erf(x / sqrt(2)))`, or the approximation by tanh (ONNX Gelu 20; Hendrycks and Gimpel, arXiv:1606.08415).
public struct Gelu: Pointwise {
  public enum Approximation: String, Sendable, CaseIterable {
    case none
    /// `y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`
    case tanh
  }

  public let approximation: Approximation

  public init(approximation: Approximation = .none) { self.approximation = approximation }

  public static let declaration = OperatorDeclaration.scaled("Gelu", opsets: [20]) { (node) throws(GraphError) in
    Gelu(approximation: try node.choice("approximate", default: Approximation.none))
  }

  public var definition: OperatorDefinition { OperatorDefinition(["approximate": .string(approximation.rawValue)]) }

  func apply(_ x: Double) -> Double {
    switch approximation {
    case .none: 0.5 * x * (1 + Real.erf(x * 0.5.squareRoot()))
    case .tanh: 0.5 * x * (1 + Real.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }
}

/// `y = x * tanh(log(1 + exp(x)))` (ONNX Mish 18, 22; Misra, arXiv:1908.08681).
public struct Mish: Pointwise {
  public init() {}

  public static let declaration = OperatorDeclaration.plain("Mish", opsets: [18, 22]) { Mish() }

  func apply(_ x: Double) -> Double { x * Real.tanh(Real.softplus(x)) }
}

/// `y = x / (1 + exp(-alpha * x))`, called SiLU for alpha = 1 (ONNX Swish 24).
public struct Swish: Pointwise {
  public let alpha: Float

  public init(alpha: Float = 1) { self.alpha = alpha }

  public static let declaration = OperatorDeclaration.scaled("Swish", opsets: [24]) { (node) throws(GraphError) in
    Swish(alpha: try node.float("alpha") ?? 1)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["alpha": .float(alpha)]) }

  func apply(_ x: Double) -> Double { x * Real.sigmoid(Double(alpha) * x) }
}
