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

  /// `x Φ(x)` with Φ the normal distribution, within 4 ulp of the larger of 1 and the result.
  ///
  /// `x Φ(x) = max(x, 0) - |x| Φ(-|x|)`: one formula for both signs, in which nothing cancels. With s = -|x|, `Φ(s) = 2^(-1 + s G(s))`; G of
  /// degree 10 on -9.3...0, whose error in Φ is 8e-9 where Φ > 2e-4 and 5e-5 of it below. For x < -9.3 the result is that of -9.3, -7e-20;
  /// for -infinity it is NaN, as infinity times zero.
  @inline(__always)
  static func gelu(_ x: Self) -> Self {
    let s = max(Self(repeating: -9.3), neg(abs(x)))
    var g = horner(Self(repeating: -0x1.f0025cp-31), s, -0x1.7462cep-25)
    g = horner(g, s, -0x1.df6578p-21)
    g = horner(g, s, -0x1.57989ep-17)
    g = horner(g, s, -0x1.249f56p-14)
    g = horner(g, s, -0x1.0a5b74p-12)
    g = horner(g, s, 0x1.b86fb2p-15)
    g = horner(g, s, 0x1.cb2d92p-8)
    g = horner(g, s, 0x1.ade4d4p-5)
    g = horner(g, s, -0x1.d63b52p-2)
    g = horner(g, s, 0x1.26aed4p+0)
    let tail = exp2FromMinus125([horner(g, s, -1)])[0]
    let half = mul(Self(repeating: 0.5), x)
    return fma(add(half, abs(half)), s, tail) // the larger of x and 0, NaN for -infinity
  }
}
