/// Kernels over rows of floats, of any layout. Any cut into rows gives the same bits.
public struct ElementwiseKernels: Sendable {
  /// `y[i] = f(x[i])` for `count` floats; `y` may be `x`. What `alpha` and `beta` mean is said at the function.
  public typealias Unary = @Sendable (_ count: Int, _ x: Floats, _ y: MutableFloats, _ alpha: Float, _ beta: Float) -> Void
  /// `y[i] = f(a[i], b[i])` for `count` floats; `y` may be `a` or `b`.
  ///
  /// The period of an operand is 0 for a row of its own, 1 for a single value, 8 or 16 for a value a channel of blocked voxels. One of the
  /// operands has period 0.
  public typealias Binary = @Sendable (_ count: Int, _ a: Floats, _ aPeriod: Int, _ b: Floats, _ bPeriod: Int, _ y: MutableFloats) -> Void

  /// `y[i] = a[i] + b[i]`.
  public let add: @Sendable (_ count: Int, _ a: Floats, _ b: Floats, _ y: MutableFloats) -> Void
  /// The kernel of a function; asked for once, when a plan is made.
  public let unary: @Sendable (_ function: UnaryFunction) -> Unary
  public let binary: @Sendable (_ function: BinaryFunction) -> Binary

  public init(
    add: @escaping @Sendable (Int, Floats, Floats, MutableFloats) -> Void, unary: @escaping @Sendable (UnaryFunction) -> Unary,
    binary: @escaping @Sendable (BinaryFunction) -> Binary
  ) {
    self.add = add
    self.unary = unary
    self.binary = binary
  }
}

/// Functions of one number. NaN gives NaN everywhere; parameters that a function does not name are ignored.
public enum UnaryFunction: String, Sendable, CaseIterable {
  case neg, abs, sqrt, reciprocal, square, exp, log, sin, cos, tanh, erf
  /// -1, 0 or 1.
  case sign
  case floor, ceil
  /// To the nearest whole number, halves to the even one.
  case round
  /// `1 / (1 + exp(-x))`.
  case sigmoid
  /// 0 where x < 0.
  case relu
  /// `alpha * x` where x < 0.
  case leakyRelu
  /// `alpha * (exp(x) - 1)` where x < 0.
  case elu
  /// `beta * x`, `beta * alpha * (exp(x) - 1)` where x < 0; beta is ONNX's gamma.
  case selu
  /// `max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`.
  case celu
  /// 0 where x <= alpha.
  case thresholdedRelu
  /// `alpha * x + beta`, limited to 0...1.
  case hardSigmoid
  /// `x` times `x / 6 + 1 / 2` limited to 0...1.
  case hardSwish
  /// `log(1 + exp(x))`.
  case softplus
  /// `x / (1 + |x|)`.
  case softsign
  /// `x * tanh(log(1 + exp(x)))`.
  case mish
  /// `x * sigmoid(alpha * x)`; SiLU has alpha 1.
  case silu
  /// `x * (1 + erf(x / sqrt(2))) / 2`.
  case gelu
  /// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x³)))`.
  case geluTanh
  /// Limited to alpha...beta.
  case clip
}

/// Functions of two numbers.
public enum BinaryFunction: String, Sendable, CaseIterable {
  case add, sub, mul, div, pow
  /// NaN if either is NaN.
  case max, min
  /// `a > 0 ? a : a * b`: PRelu with the slope in b.
  case prelu
}
