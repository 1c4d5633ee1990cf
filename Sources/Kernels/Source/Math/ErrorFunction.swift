extension FloatVector {
  /// `erf(x)` for `|x| < 1`, else `erfc(|x|)`; only the one that fits x means anything.
  ///
  /// `erf x = x + x P(x²)` (P of degree 6, minimax to 1.3e-9) and `erfc x = exp(-x Q(x))` (Q of degree 9 on 1...10; error 5e-9 where erfc
  /// counts against 1, its relative error grows to 3e-5 where erfc is below 2e-4).
  @inline(__always)
  private static func errorFunctionParts(_ x: Self) -> (near: Self, far: Self) {
    let u = mul(x, x), size = abs(x), t = less(Self(repeating: 10), size, Self(repeating: 10), size)
    var p = Self(repeating: 0x1.4c344ep-14)
    p = horner(p, u, -0x1.a50b0ep-11)
    p = horner(p, u, 0x1.542e10p-8)
    p = horner(p, u, -0x1.b7fe90p-6)
    p = horner(p, u, 0x1.ce2d50p-4)
    p = horner(p, u, -0x1.812740p-2)
    p = horner(p, u, 0x1.06eba8p-3)
    var q = Self(repeating: -0x1.df8220p-30)
    q = horner(q, t, 0x1.e9d620p-24)
    q = horner(q, t, -0x1.b8c576p-19)
    q = horner(q, t, 0x1.cef5bep-15)
    q = horner(q, t, -0x1.3dbcf2p-11)
    q = horner(q, t, 0x1.2f71bep-8)
    q = horner(q, t, -0x1.a5a93ap-6)
    q = horner(q, t, 0x1.bc66acp-4)
    q = horner(q, t, 0x1.447e42p-1)
    q = horner(q, t, 0x1.2105b6p+0)
    return (fma(x, x, p), exp(neg(mul(t, q))))
  }

  /// The error function, within 2 ulp.
  @inline(__always)
  static func erf(_ x: Self) -> Self {
    let (near, far) = errorFunctionParts(x), one = Self(repeating: 1)
    return less(abs(x), one, near, copysign(sub(one, far), x))
  }

  /// `(1 + erf(x / sqrt(2))) / 2`: the normal distribution. Small values for x < 0 come from erfc, so they do not cancel.
  @inline(__always)
  static func normalDistribution(_ x: Self) -> Self {
    let t = mul(x, Self(repeating: 0.707_106_78)), (near, far) = errorFunctionParts(t)
    let half = Self(repeating: 0.5), one = Self(repeating: 1), tail = mul(half, far)
    return less(abs(t), one, fma(half, half, near), less(t, Self(repeating: 0), tail, sub(one, tail)))
  }
}
