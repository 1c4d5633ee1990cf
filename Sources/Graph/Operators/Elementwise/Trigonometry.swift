// Trigonometric and hyperbolic functions, angles in radians.

/// The sine (ONNX Sin 7, 22).
public struct Sin: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Sin", opsets: [7, 22]) { Sin() }

  func apply(_ x: Double) -> Double { Real.sin(x) }
}

/// The cosine (ONNX Cos 7, 22).
public struct Cos: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Cos", opsets: [7, 22]) { Cos() }

  func apply(_ x: Double) -> Double { Real.cos(x) }
}

/// The tangent (ONNX Tan 7, 22).
public struct Tan: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Tan", opsets: [7, 22]) { Tan() }

  func apply(_ x: Double) -> Double { Real.tan(x) }
}

/// The angle whose sine is x (ONNX Asin 7, 22).
public struct Asin: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Asin", opsets: [7, 22]) { Asin() }

  func apply(_ x: Double) -> Double { Real.asin(x) }
}

/// The angle whose cosine is x (ONNX Acos 7, 22).
public struct Acos: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Acos", opsets: [7, 22]) { Acos() }

  func apply(_ x: Double) -> Double { Real.acos(x) }
}

/// The angle whose tangent is x (ONNX Atan 7, 22).
public struct Atan: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Atan", opsets: [7, 22]) { Atan() }

  func apply(_ x: Double) -> Double { Real.atan(x) }
}

/// The hyperbolic sine (ONNX Sinh 9, 22).
public struct Sinh: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Sinh", opsets: [9, 22]) { Sinh() }

  func apply(_ x: Double) -> Double { Real.sinh(x) }
}

/// The hyperbolic cosine (ONNX Cosh 9, 22).
public struct Cosh: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Cosh", opsets: [9, 22]) { Cosh() }

  func apply(_ x: Double) -> Double { Real.cosh(x) }
}

/// The inverse of the hyperbolic sine (ONNX Asinh 9, 22).
public struct Asinh: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Asinh", opsets: [9, 22]) { Asinh() }

  func apply(_ x: Double) -> Double { Real.asinh(x) }
}

/// The inverse of the hyperbolic cosine (ONNX Acosh 9, 22).
public struct Acosh: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Acosh", opsets: [9, 22]) { Acosh() }

  func apply(_ x: Double) -> Double { Real.acosh(x) }
}

/// The inverse of the hyperbolic tangent (ONNX Atanh 9, 22).
public struct Atanh: Pointwise {
  public static let declaration = OperatorDeclaration.plain("Atanh", opsets: [9, 22]) { Atanh() }

  func apply(_ x: Double) -> Double { Real.atanh(x) }
}
