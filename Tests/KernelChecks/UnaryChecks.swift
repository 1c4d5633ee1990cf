import CLibm
import KernelTable
import TestSupport

/// What a function is, in double.
private func reference(_ function: UnaryFunction, _ x: Double, _ alpha: Double, _ beta: Double) -> Double {
  switch function {
  case .neg: -x
  case .abs: abs(x)
  case .sqrt: x.squareRoot()
  case .reciprocal: 1 / x
  case .square: x * x
  case .exp: clibm_exp(x)
  case .log: clibm_log(x)
  case .sin: clibm_sin(x)
  case .cos: clibm_cos(x)
  case .tanh: clibm_tanh(x)
  case .erf: clibm_erf(x)
  case .sign: x > 0 ? 1 : x < 0 ? -1 : x
  case .floor: x.rounded(.down)
  case .ceil: x.rounded(.up)
  case .round: x.rounded(.toNearestOrEven)
  case .sigmoid: 1 / (1 + clibm_exp(-x))
  case .relu: x < 0 ? 0 : x
  case .leakyRelu: x < 0 ? alpha * x : x
  case .elu: x < 0 ? alpha * clibm_expm1(x) : x
  case .selu: beta * (x < 0 ? alpha * clibm_expm1(x) : x)
  case .celu: (x < 0 ? 0 : x) + min(0, alpha * clibm_expm1(x / alpha))
  case .thresholdedRelu: x > alpha || x.isNaN ? x : 0
  case .hardSigmoid: x.isNaN ? x : max(0, min(1, alpha * x + beta))
  case .hardSwish: x.isNaN ? x : x * max(0, min(1, x / 6 + 0.5))
  case .softplus: x.isNaN ? x : max(0, x) + clibm_log1p(clibm_exp(-abs(x)))
  case .softsign: x.isInfinite ? .nan : x / (1 + abs(x))
  case .mish: x * clibm_tanh(clibm_log1p(clibm_exp(x)))
  case .silu: x / (1 + clibm_exp(-alpha * x))
  case .gelu: x * 0.5 * clibm_erfc(-x / 2.0.squareRoot())
  case .geluTanh: x / (1 + clibm_exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  case .clip: x.isNaN ? x : max(alpha, min(beta, x))
  }
}

/// How far a function may be off.
private enum Bound {
  /// In units of the last place of the result as a float (of the smallest normal number below that). Functions that are one operation
  /// are rounded once; the others have a few roundings of terms that do not cancel.
  case places(Double)
  /// In units of 6e-8, or of 6e-8 of a result above 1: a small result is the difference or product of larger terms.
  case absolute(Double)

  static func of(_ function: UnaryFunction) -> Bound {
    switch function {
    case .neg, .abs, .sign, .floor, .ceil, .round, .relu, .thresholdedRelu, .clip: .places(0)
    case .sqrt, .reciprocal, .square, .leakyRelu: .places(0.5)
    case .sin, .cos: .places(1)
    case .exp, .log, .erf, .softsign: .places(2)
    case .tanh, .softplus, .sigmoid, .elu: .places(3)
    case .selu: .places(4)
    case .hardSigmoid, .hardSwish: .absolute(2)
    case .celu, .mish, .silu, .gelu, .geluTanh: .absolute(4)
    }
  }

  /// Error as a multiple of what is allowed.
  func excess(_ got: Float, _ want: Double) -> Double {
    if want.isNaN { return got.isNaN ? 0 : .infinity }
    let rounded = Float(want)
    switch self {
    case .places(let bound):
      if rounded.isInfinite || got.isInfinite || got.isNaN { return got == rounded ? 0 : .infinity }
      return abs(Double(got) - want) / Double(max(abs(rounded), .leastNormalMagnitude).ulp) / max(bound, 1e-9)
    case .absolute(let bound):
      if rounded.isInfinite { return got.isNaN ? .infinity : 0 }
      if got.isInfinite || got.isNaN { return .infinity }
      return abs(Double(got) - want) / 6e-8 / max(1, abs(want)) / bound
    }
  }
}

private func parameters(_ function: UnaryFunction) -> [(alpha: Float, beta: Float)] {
  switch function {
  case .selu: [(1.6732632, 1.050701)]
  case .elu, .celu: [(1, 0), (0.7, 0)]
  case .hardSigmoid: [(0.2, 0.5), (1 / 6, 0.5)]
  case .leakyRelu: [(0.01, 0)]
  case .silu: [(1, 0), (1.702, 0)]
  default: [(-0.75, 1.5)]
  }
}

/// Special values, common ones, wide ones, tiny ones, and any bits.
private func samples() -> GuardedFloats {
  let special: [Float] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude,
    88.7, 88.8, -87.3, -87.4, -103, -104, -150, 0.5, 1.5, 2.5, -0.5, -1.5, 0.625, -0.625, 20, -20, 3, -3, 10, 9.2,
  ]
  var random = SplitMix64(seed: 5)
  let near = (0..<20_000).map { _ in random.float(4) }, wide = (0..<10_000).map { _ in random.float(100) }
  let small = (0..<5_000).map { _ in random.float(1) * Float(sign: .plus, exponent: -random.below(40), significand: 1) }
  let bits = (0..<10_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
  return GuardedFloats(special + near + wide + small + bits)
}

private func checkAccuracy(_ function: UnaryFunction, _ kernels: KernelTable, _ report: Report) {
  let x = samples(), y = GuardedFloats(x.count), kernel = kernels.elementwise.unary(function), bound = Bound.of(function)
  for (alpha, beta) in parameters(function) {
    kernel(x.count, x.floats, y.p, alpha, beta)
    for i in 0..<x.count {
      let want = reference(function, Double(x[i]), Double(alpha), Double(beta))
      report.expect(bound.excess(y[i], want) <= 1.01, "\(function.rawValue)(\(x[i])) with \(alpha), \(beta) is \(y[i]), not \(want)")
    }
    report.expectIntact(y)
  }
}

/// The bits of a voxel depend neither on where the row was cut nor on its end; nothing beyond it is touched; x may be y.
private func checkCuts(_ function: UnaryFunction, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: 3)
  let x = GuardedFloats(67) { _ in random.float(5) }, kernel = kernels.elementwise.unary(function), whole = GuardedFloats(67)
  kernel(67, x.floats, whole.p, 0.3, 2)
  for cut in [1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33] {
    let y = GuardedFloats(67)
    kernel(cut, x.floats, y.p, 0.3, 2)
    report.expect(y.isUntouched(cut), "\(cut) floats: wrote one more")
    kernel(67 - cut, x.floats + cut, y.p + cut, 0.3, 2)
    report.expect(y.bits == whole.bits, "cut at \(cut): other bits")
    report.expectIntact(y)
  }
  kernel(0, x.floats, whole.p, 0.3, 2)
  kernel(67, x.floats, x.p, 0.3, 2)
  report.expect(x.bits == whole.bits, "in place: other bits")
}

let unaryChecks = UnaryFunction.allCases.flatMap { function in
  [
    KernelCheck("\(function.rawValue) is accurate") { checkAccuracy(function, $0, $1) },
    KernelCheck("\(function.rawValue) does not depend on cuts") { checkCuts(function, $0, $1) },
  ]
}
