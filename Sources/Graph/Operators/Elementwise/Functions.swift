// Functions of one number.

/// `|x|` (ONNX Abs 1, 6, 13).
public struct Abs: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Abs", opsets: [1, 6, 13], elements: ElementType.numeric) { Abs() }

  func apply(_ x: Double) -> Double { abs(x) }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { x < 0 ? 0 &- x : x }
}

/// `-x` (ONNX Neg 1, 6, 13).
public struct Neg: Pointwise {
  public static let declaration = OperatorDeclaration.plain(
    "Neg", opsets: [1, 6, 13], elements: ElementType.floatingPoint + [.int8, .int16, .int32, .int64]
  ) { Neg() }

  func apply(_ x: Double) -> Double { -x }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { 0 &- x }
}

/// -1, 0 or 1; NaN stays (ONNX Sign 9, 13).
public struct Sign: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Sign", opsets: [9, 13], elements: ElementType.numeric) { Sign() }

  func apply(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x.isNaN ? x : 0 }
  func apply<I: FixedWidthInteger>(_ x: I) -> I { x.signum() }
}

/// `1 / x` (ONNX Reciprocal 1, 6, 13).
public struct Reciprocal: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Reciprocal", opsets: [1, 6, 13]) { Reciprocal() }

  func apply(_ x: Double) -> Double { 1 / x }
}

/// The largest integer not above x (ONNX Floor 1, 6, 13).
public struct Floor: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Floor", opsets: [1, 6, 13]) { Floor() }

  func apply(_ x: Double) -> Double { x.rounded(.down) }
}

/// The smallest integer not below x (ONNX Ceil 1, 6, 13).
public struct Ceil: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Ceil", opsets: [1, 6, 13]) { Ceil() }

  func apply(_ x: Double) -> Double { x.rounded(.up) }
}

/// The nearest integer, of two the even one (ONNX Round 11, 22).
public struct Round: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Round", opsets: [11, 22]) { Round() }

  func apply(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}

/// The square root; NaN below zero (ONNX Sqrt 1, 6, 13).
public struct Sqrt: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Sqrt", opsets: [1, 6, 13]) { Sqrt() }

  func apply(_ x: Double) -> Double { x.squareRoot() }
}

/// `e` to the power of x (ONNX Exp 1, 6, 13).
public struct Exp: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Exp", opsets: [1, 6, 13]) { Exp() }

  func apply(_ x: Double) -> Double { Real.exp(x) }
}

/// The natural logarithm (ONNX Log 1, 6, 13).
public struct Log: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Log", opsets: [1, 6, 13]) { Log() }

  func apply(_ x: Double) -> Double { Real.log(x) }
}
