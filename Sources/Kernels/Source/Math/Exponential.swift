extension FloatVector {
  /// `sum * x + c`: one step of Horner's scheme.
  @inline(__always) static func horner(_ sum: Self, _ x: Self, _ c: Float) -> Self { fma(Self(repeating: c), sum, x) }

  /// `low` or `high` where x is beyond it; NaN stays.
  @inline(__always)
  static func clamp(_ x: Self, _ low: Float, _ high: Float) -> Self {
    let raised = less(x, Self(repeating: low), Self(repeating: low), x)
    return less(Self(repeating: high), raised, Self(repeating: high), raised)
  }

  /// `n` whole and `q` with `exp(x) = 2^n * (1 + q)`, `|q| < 0.42`; for `|x| < 200`.
  ///
  /// Cody and Waite: n is x / ln 2 rounded, ln 2 is taken off in two parts of which n times the first is exact, and
  /// `q = r + r² P(r)` with P of degree 4, minimax to 3e-9.
  @inline(__always)
  private static func reducedExponential(_ x: Self) -> (n: Self, q: Self) {
    let shifter = Self(repeating: 0x1.8p23)  // adding it rounds to a whole number
    let n = sub(fma(shifter, x, Self(repeating: 1.442_695_04)), shifter)
    let r = fma(fma(x, n, Self(repeating: -0x1.63p-1)), n, Self(repeating: 0x1.bd0106p-13))
    var p = Self(repeating: 0x1.6d73a2p-10)
    p = horner(p, r, 0x1.123ad8p-7)
    p = horner(p, r, 0x1.5554c6p-5)
    p = horner(p, r, 0x1.555490p-3)
    p = horner(p, r, 0.5)
    return (n, fma(r, mul(r, r), p))
  }

  /// e to the power x, within 2 ulp; numbers below the normal ones, 0 and infinity as they should be.
  @inline(__always)
  static func exp(_ x: Self) -> Self {
    let (n, q) = reducedExponential(clamp(x, -104, 89))
    // 2^n in two factors: n may lie outside the range of exponents.
    let shifter = Self(repeating: 0x1.8p23), half = sub(fma(shifter, n, Self(repeating: 0.5)), shifter)
    return mul(mul(add(Self(repeating: 1), q), exp2i(half)), exp2i(sub(n, half)))
  }

  /// e to the power x for x <= 0, within 2 ulp; 0 where that is below the normal numbers.
  @inline(__always)
  static func expOfNegative(_ x: Self) -> Self {
    let limit = Self(repeating: -87)
    let (n, q) = reducedExponential(less(x, limit, limit, x))
    return less(x, limit, Self(repeating: 0), mul(add(Self(repeating: 1), q), exp2i(n)))
  }

  /// 2 to the power of some x for -125 <= x < 127, within 2 ulp; 2^-125 for what is less. Several at a time, step by step: the chain of one
  /// is so long that few of them find room in the queues of a processor.
  @inline(__always)
  static func exp2FromMinus125<let N: Int>(_ x: InlineArray<N, Self>) -> InlineArray<N, Self> {
    let limit = Self(repeating: -125), (shifted, power) = powerOfRest(InlineArray<N, Self> { max(limit, x[$0]) }, shifter: 0x1.8p23 + 127)
    return InlineArray<N, Self> { mul(power[$0], exp2shifted(shifted[$0])) }
  }

  /// The same bits where no x is NaN or less than -125.
  @inline(__always)
  static func exp2AboveMinus125<let N: Int>(_ x: InlineArray<N, Self>) -> InlineArray<N, Self> {
    let (shifted, power) = powerOfRest(x, shifter: 0x1.8p23)
    return InlineArray<N, Self> { scaledByShifted(power[$0], shifted[$0]) }
  }

  /// Splits each x into whole and rest n + r: n + shifter, whose last bits are then those of an exponent, and `2^r = 1 + r P(r)` with P of degree 4,
  /// minimax to 1e-7.
  @inline(__always)
  private static func powerOfRest<let N: Int>(
    _ x: InlineArray<N, Self>, shifter: Float
  ) -> (shifted: InlineArray<N, Self>, power: InlineArray<N, Self>) {
    let shifter = Self(repeating: shifter), shifted = InlineArray<N, Self> { add(x[$0], shifter) }
    let r = InlineArray<N, Self> { sub(x[$0], sub(shifted[$0], shifter)) }
    var p = InlineArray<N, Self> { horner(Self(repeating: 0x1.5bda54p-10), r[$0], 0x1.3ce8acp-7) }
    for i in 0..<N { p[i] = horner(p[i], r[i], 0x1.c6b6d8p-5) }
    for i in 0..<N { p[i] = horner(p[i], r[i], 0x1.ebf9c2p-3) }
    for i in 0..<N { p[i] = horner(p[i], r[i], 0x1.62e42ap-1) }
    for i in 0..<N { p[i] = horner(p[i], r[i], 1) }
    return (shifted, p)
  }

  /// `exp(x) - 1` without cancellation, within 2 ulp; for x <= 88.
  @inline(__always)
  static func expm1(_ x: Self) -> Self {
    let (n, q) = reducedExponential(clamp(x, -20, 88))
    let scale = exp2i(n)
    return fma(sub(scale, Self(repeating: 1)), q, scale)
  }

  /// Natural logarithm, within 2 ulp; 0 gives -infinity, less than 0 NaN.
  ///
  /// With x = m 2^e and m in `sqrt(1/2)...sqrt(2)`, f = m - 1: `log x = e ln 2 + f - f²/2 + f³ P(f)` with P of degree 7, minimax to 6e-9.
  @inline(__always)
  static func log(_ x: Self) -> Self {
    let zero = Self(repeating: 0), one = Self(repeating: 1), normal = Self(repeating: .leastNormalMagnitude)
    let lifted = less(x, normal, mul(x, Self(repeating: 0x1p23)), x)
    var e = add(exponent(lifted), less(x, normal, Self(repeating: -23), zero)), m = significand(lifted)
    let root = Self(repeating: 1.414_213_56)
    e = less(root, m, add(e, one), e)
    m = less(root, m, mul(m, Self(repeating: 0.5)), m)
    let f = sub(m, one), square = mul(f, f)
    var p = Self(repeating: -0x1.420930p-4)
    p = horner(p, f, 0x1.07d938p-3)
    p = horner(p, f, -0x1.0cded8p-3)
    p = horner(p, f, 0x1.226ccap-3)
    p = horner(p, f, -0x1.547892p-3)
    p = horner(p, f, 0x1.99a5acp-3)
    p = horner(p, f, -0x1.000220p-2)
    p = horner(p, f, 0x1.55554ap-2)
    var y = fma(mul(mul(f, square), p), e, Self(repeating: -0x1.bd0106p-13))
    y = add(fma(y, square, Self(repeating: -0.5)), f)
    y = fma(y, e, Self(repeating: 0x1.63p-1))
    let infinity = Self(repeating: .infinity)
    y = equal(x, infinity, infinity, y)
    return less(zero, x, y, equal(x, zero, neg(infinity), Self(repeating: .nan)))
  }

  /// `log(1 + x)` for x in 0...1, within 2 ulp: `2 artanh(t)` with t = x / (2 + x), `artanh t = t + t³ P(t²)`, minimax to 5e-9.
  @inline(__always)
  static func log1pOfFraction(_ x: Self) -> Self {
    let t = div(x, add(Self(repeating: 2), x)), u = mul(t, t)
    var p = Self(repeating: 0x1.1f083ep-3)
    p = horner(p, u, 0x1.1eb334p-3)
    p = horner(p, u, 0x1.99d2a2p-3)
    p = horner(p, u, 0x1.555500p-2)
    let y = fma(t, mul(t, u), p)
    return add(y, y)
  }

  /// `1 / (1 + exp(-x))`, within 3 ulp down to the smallest numbers.
  @inline(__always)
  static func sigmoid(_ x: Self) -> Self {
    let e = exp(neg(abs(x))), upper = div(Self(repeating: 1), add(Self(repeating: 1), e))
    return less(x, Self(repeating: 0), mul(e, upper), upper)
  }

  /// Hyperbolic tangent, within 3 ulp: an odd polynomial below 0.625 (minimax to 4e-9), `1 - 2 / (exp(2|x|) + 1)` above.
  @inline(__always)
  static func tanh(_ x: Self) -> Self {
    let u = mul(x, x), one = Self(repeating: 1), two = Self(repeating: 2), size = abs(x)
    var p = Self(repeating: -0x1.768fbep-8)
    p = horner(p, u, 0x1.52503ap-6)
    p = horner(p, u, -0x1.b84338p-5)
    p = horner(p, u, 0x1.110760p-3)
    p = horner(p, u, -0x1.555534p-2)
    let near = fma(x, mul(x, u), p), far = sub(one, div(two, add(exp(add(size, size)), one)))
    return less(size, Self(repeating: 0.625), near, copysign(far, x))
  }
}
