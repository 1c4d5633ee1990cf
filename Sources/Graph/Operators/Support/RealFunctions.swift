#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The C library's functions of one real number, in double precision: reference results are rounded once, to the tensor's type.
enum Real {
  static func exp(_ x: Double) -> Double { sysExp(x) }
  static func expm1(_ x: Double) -> Double { sysExpm1(x) }
  static func log(_ x: Double) -> Double { sysLog(x) }
  static func log1p(_ x: Double) -> Double { sysLog1p(x) }
  static func pow(_ x: Double, _ y: Double) -> Double { sysPow(x, y) }
  static func erf(_ x: Double) -> Double { sysErf(x) }
  static func sin(_ x: Double) -> Double { sysSin(x) }
  static func cos(_ x: Double) -> Double { sysCos(x) }
  static func tan(_ x: Double) -> Double { sysTan(x) }
  static func asin(_ x: Double) -> Double { sysAsin(x) }
  static func acos(_ x: Double) -> Double { sysAcos(x) }
  static func atan(_ x: Double) -> Double { sysAtan(x) }
  static func sinh(_ x: Double) -> Double { sysSinh(x) }
  static func cosh(_ x: Double) -> Double { sysCosh(x) }
  static func tanh(_ x: Double) -> Double { sysTanh(x) }
  static func asinh(_ x: Double) -> Double { sysAsinh(x) }
  static func acosh(_ x: Double) -> Double { sysAcosh(x) }
  static func atanh(_ x: Double) -> Double { sysAtanh(x) }

  /// `1 / (1 + exp(-x))`, without overflow on either side.
  static func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
  }

  /// `log(1 + exp(x))`, without overflow.
  static func softplus(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }
}

// Inside of `Real` these names would mean its own members.
private func sysExp(_ x: Double) -> Double { exp(x) }
private func sysExpm1(_ x: Double) -> Double { expm1(x) }
private func sysLog(_ x: Double) -> Double { log(x) }
private func sysLog1p(_ x: Double) -> Double { log1p(x) }
private func sysPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
private func sysErf(_ x: Double) -> Double { erf(x) }
private func sysSin(_ x: Double) -> Double { sin(x) }
private func sysCos(_ x: Double) -> Double { cos(x) }
private func sysTan(_ x: Double) -> Double { tan(x) }
private func sysAsin(_ x: Double) -> Double { asin(x) }
private func sysAcos(_ x: Double) -> Double { acos(x) }
private func sysAtan(_ x: Double) -> Double { atan(x) }
private func sysSinh(_ x: Double) -> Double { sinh(x) }
private func sysCosh(_ x: Double) -> Double { cosh(x) }
private func sysTanh(_ x: Double) -> Double { tanh(x) }
private func sysAsinh(_ x: Double) -> Double { asinh(x) }
private func sysAcosh(_ x: Double) -> Double { acosh(x) }
private func sysAtanh(_ x: Double) -> Double { atanh(x) }
