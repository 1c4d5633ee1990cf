import Foundation
import Kernels
import TestSupport
import Testing

/// What a function is, in Double.
private func reference(_ function: UnaryFunction, _ x: Double, _ alpha: Double, _ beta: Double) -> Double {
  switch function {
  case .neg: -x
  case .abs: abs(x)
  case .sqrt: x.squareRoot()
  case .reciprocal: 1 / x
  case .square: x * x
  case .exp: exp(x)
  case .log: log(x)
  case .sin: sin(x)
  case .cos: cos(x)
  case .tanh: tanh(x)
  case .erf: erf(x)
  case .sign: x > 0 ? 1 : x < 0 ? -1 : x
  case .floor: x.rounded(.down)
  case .ceil: x.rounded(.up)
  case .round: x.rounded(.toNearestOrEven)
  case .sigmoid: 1 / (1 + exp(-x))
  case .relu: x < 0 ? 0 : x
  case .leakyRelu: x < 0 ? alpha * x : x
  case .elu: x < 0 ? alpha * expm1(x) : x
  case .selu: beta * (x < 0 ? alpha * expm1(x) : x)
  case .celu: (x < 0 ? 0 : x) + min(0, alpha * expm1(x / alpha))
  case .thresholdedRelu: x > alpha || x.isNaN ? x : 0
  case .hardSigmoid: x.isNaN ? x : max(0, min(1, alpha * x + beta))
  case .hardSwish: x.isNaN ? x : x * max(0, min(1, x / 6 + 0.5))
  case .softplus: x.isNaN ? x : max(0, x) + log1p(exp(-abs(x)))
  case .softsign: x.isInfinite ? .nan : x / (1 + abs(x))
  case .mish: x * tanh(log1p(exp(x)))
  case .silu: x / (1 + exp(-alpha * x))
  case .gelu: x * 0.5 * erfc(-x / 2.squareRoot())
  case .geluTanh: x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  case .clip: x.isNaN ? x : max(alpha, min(beta, x))
  }
}

/// Distance in units of the last place of `want` as a float (of the smallest normal number below that).
private func ulps(_ got: Float, _ want: Double) -> Double {
  if want.isNaN { return got.isNaN ? 0 : .infinity }
  let rounded = Float(want)
  if rounded.isInfinite || got.isInfinite || got.isNaN { return got == rounded ? 0 : .infinity }
  return abs(Double(got) - want) / Double(Swift.max(abs(rounded), .leastNormalMagnitude).ulp)
}

@Suite("unary functions")
struct UnaryTests {
  /// Functions that are one operation are rounded once; the others have a few roundings of terms that do not cancel.
  static let bounds: [UnaryFunction: Double] = [
    .neg: 0, .abs: 0, .sign: 0, .floor: 0, .ceil: 0, .round: 0, .relu: 0, .thresholdedRelu: 0, .clip: 0, .sqrt: 0.5, .reciprocal: 0.5, .square: 0.5,
    .leakyRelu: 0.5, .sin: 1, .cos: 1, .exp: 2, .log: 2, .erf: 2, .tanh: 3, .softplus: 3, .sigmoid: 3, .elu: 3, .selu: 4, .softsign: 2,
  ]
  /// Where a small result is the difference or product of larger terms: absolute error, in units of 6e-8 (or of the result if that is above 1).
  static let absolute: [UnaryFunction: Double] = [.celu: 4, .hardSigmoid: 2, .hardSwish: 2, .mish: 4, .silu: 4, .gelu: 4, .geluTanh: 4]

  static let special: [Float] = [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude,
    88.7,
    88.8, -87.3, -87.4, -103, -104, -150, 0.5, 1.5, 2.5, -0.5, -1.5, 0.625, -0.625, 20, -20, 3, -3, 10, 9.2,
  ]

  static func samples() -> [Float] {
    var random = SplitMix64(seed: 5)
    let near = (0..<20_000).map { _ in random.float(4) }, wide = (0..<10_000).map { _ in random.float(100) }
    let small = (0..<5_000).map { _ in random.float(1) * Float(sign: .plus, exponent: -Int(random.next() % 40), significand: 1) }
    let bits = (0..<10_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
    return special + near + wide + small + bits
  }

  @Test(arguments: ISA.available, UnaryFunction.allCases)
  func isAccurate(isa: ISA, function: UnaryFunction) throws {
    let parameters: [(Float, Float)] =
      switch function {
      case .selu: [(1.6732632, 1.050701)]
      case .elu, .celu: [(1, 0), (0.7, 0)]
      case .hardSigmoid: [(0.2, 0.5), (1 / 6, 0.5)]
      case .leakyRelu: [(0.01, 0)]
      case .silu: [(1, 0), (1.702, 0)]
      default: [(-0.75, 1.5)]
      }
    let x = GuardedFloats(Self.samples()), y = GuardedFloats(x.count)
    for (alpha, beta) in parameters {
      isa.table.elementwise.unary(function)(x.count, x.floats, y.p, alpha, beta)
      var worst = (error: 0.0, at: Float.nan)
      for i in 0..<x.count {
        let want = reference(function, Double(x[i]), Double(alpha), Double(beta))
        var error = ulps(y[i], want)
        if let bound = Self.absolute[function] {
          error = error.isInfinite ? error : abs(Double(y[i]) - want) / 6e-8 / max(1, abs(want)) / bound
          if want.isNaN || Float(want).isInfinite { error = y[i].isNaN == want.isNaN ? 0 : .infinity }
        } else {
          error /= max(try #require(Self.bounds[function]), 1e-9)
        }
        if error > worst.error { worst = (error, x[i]) }
      }
      let got = GuardedFloats([worst.at])
      isa.table.elementwise.unary(function)(1, got.floats, got.p, alpha, beta)
      #expect(worst.error <= 1.01, "\(function)(\(worst.at)) = \(got[0]), not \(reference(function, Double(worst.at), Double(alpha), Double(beta)))")
    }
  }

  /// The bits of a voxel depend neither on where the row was cut nor on its end; nothing beyond it is touched; x may be y.
  @Test(arguments: ISA.available, UnaryFunction.allCases)
  func doesNotDependOnCuts(isa: ISA, function: UnaryFunction) {
    var random = SplitMix64(seed: 3)
    let x = GuardedFloats((0..<67).map { _ in random.float(5) }), kernel = isa.table.elementwise.unary(function)
    let whole = GuardedFloats(67)
    kernel(67, x.floats, whole.p, 0.3, 2)
    for cut in [1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33] {
      let y = GuardedFloats(67)
      kernel(cut, x.floats, y.p, 0.3, 2)
      #expect(y.isUntouched(cut))
      kernel(67 - cut, x.floats + cut, y.p + cut, 0.3, 2)
      #expect(y.bits == whole.bits && y.marginIsIntact, "cut at \(cut)")
    }
    kernel(0, x.floats, whole.p, 0.3, 2)
    kernel(67, x.floats, x.p, 0.3, 2)
    #expect(x.bits == whole.bits)
  }
}

@Suite("binary functions")
struct BinaryTests {
  private func reference(_ function: BinaryFunction, _ a: Float, _ b: Float) -> Float {
    switch function {
    case .add: a + b
    case .sub: a - b
    case .mul: a * b
    case .div: a / b
    case .pow: powf(a, b)
    case .max: a.isNaN || b.isNaN ? .nan : a > b ? a : b
    case .min: a.isNaN || b.isNaN ? .nan : a < b ? a : b
    case .prelu: a > 0 ? a : a * b
    }
  }

  /// Single operations: the same bits as scalar code. Periods: 0 a row, 1 a number, 8 and 16 a number a channel.
  @Test(arguments: ISA.available, BinaryFunction.allCases)
  func equalsScalarCode(isa: ISA, function: BinaryFunction) {
    var random = SplitMix64(seed: 11)
    let kernel = isa.table.elementwise.binary(function)
    for (aPeriod, bPeriod) in [(0, 0), (0, 1), (1, 0), (0, 8), (8, 0), (0, 16), (16, 0)] {
      for count in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 48, 112, 131] {
        let a = GuardedFloats((0..<(aPeriod == 0 ? count : aPeriod)).map { _ in random.float(3) })
        let b = GuardedFloats((0..<(bPeriod == 0 ? count : bPeriod)).map { _ in random.float(3) })
        if count > 4 { a[0] = .nan }
        if count > 7 { b[b.count - 1] = .nan }
        let y = GuardedFloats(count)
        kernel(count, a.floats, aPeriod, b.floats, bPeriod, y.p)
        for i in 0..<count {
          let want = reference(function, a[aPeriod == 0 ? i : i % aPeriod], b[bPeriod == 0 ? i : i % bPeriod])
          #expect(y[i] == want || y[i].isNaN && want.isNaN, "periods \(aPeriod), \(bPeriod), float \(i) of \(count): \(y[i]), not \(want)")
        }
        #expect(y.marginIsIntact)
        if aPeriod == 0 {
          kernel(count, a.floats, aPeriod, b.floats, bPeriod, a.p)
          #expect(zip(a.bits, y.bits).allSatisfy { $0 == $1 || Float(bitPattern: $0).isNaN })
        }
      }
    }
  }
}
