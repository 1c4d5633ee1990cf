import CVector
import KernelTable

/// One-dimensional passes of F(4, 3) with points 0, ±5/8, ±3/2 and infinity: well conditioned (about twice the rounding error of a direct
/// sum in float32), all constants of the transforms dyadic and so exact. A. Lavin & S. Gray, CVPR 2016; points as in oneDNN's F(4, 3).
typealias Six = (Vector, Vector, Vector, Vector, Vector, Vector)
typealias Four = (Vector, Vector, Vector, Vector)

@inline(__always) func constant(_ x: Float) -> Vector { Vector(repeating: x) }

enum F4 {
  /// a², b² and -(a² + b²) of the points ±a, ±b.
  @inline(__always) static var a2: Float { 25 / 64 }
  @inline(__always) static var b2: Float { 9 / 4 }

  /// `Bᵀ d`: 12 operations; the pairs ±p share their even and odd part.
  @inline(__always) static func input(_ d: Six) -> Six {
    let evenA = fma(d.4, d.2, constant(-b2)), oddA = fma(d.3, d.1, constant(-b2))
    let evenB = fma(d.4, d.2, constant(-a2)), oddB = fma(d.3, d.1, constant(-a2))
    return (
      fma(fma(d.4, d.2, constant(-(a2 + b2))), d.0, constant(a2 * b2)),
      fma(evenA, oddA, constant(0.625)), fma(evenA, oddA, constant(-0.625)),
      fma(evenB, oddB, constant(1.5)), fma(evenB, oddB, constant(-1.5)),
      fma(fma(d.5, d.3, constant(-(a2 + b2))), d.1, constant(a2 * b2))
    )
  }

  /// Two points of that pass from memory: 0 and infinity (pair 0), ±5/8 (1), ±3/2 (2). The pairs share no work, so a plane of 36 can be
  /// transformed in both directions with 12 live vectors.
  @inline(__always) static func inputPair(_ pair: Int, _ p: Floats, _ s: Int) -> (Vector, Vector) {
    let d1 = load(p + s), d2 = load(p + 2 * s), d3 = load(p + 3 * s), d4 = load(p + 4 * s)
    if pair == 0 {
      return (
        fma(fma(d4, d2, constant(-(a2 + b2))), load(p), constant(a2 * b2)),
        fma(fma(load(p + 5 * s), d3, constant(-(a2 + b2))), d1, constant(a2 * b2))
      )
    }
    let c: Float = pair == 1 ? -b2 : -a2, r: Float = pair == 1 ? 0.625 : 1.5
    let even = fma(d4, d2, constant(c)), odd = fma(d3, d1, constant(c))
    return (fma(even, odd, constant(r)), fma(even, odd, constant(-r)))
  }

  /// `Aᵀ m`.
  @inline(__always) static func output(_ m: Six) -> Four {
    let sumA = add(m.1, m.2), sumB = add(m.3, m.4), differenceA = sub(m.1, m.2), differenceB = sub(m.3, m.4)
    return (
      add(add(m.0, sumA), sumB),
      fma(multiply(differenceA, constant(0.625)), differenceB, constant(1.5)),
      fma(multiply(sumA, constant(25 / 64)), sumB, constant(2.25)),
      fma(fma(m.5, differenceA, constant(125 / 512)), differenceB, constant(3.375))
    )
  }
}

@inline(__always) func load6(_ p: Floats, _ s: Int) -> Six {
  (load(p), load(p + s), load(p + 2 * s), load(p + 3 * s), load(p + 4 * s), load(p + 5 * s))
}
@inline(__always) func store6(_ v: Six, _ p: MutableFloats, _ s: Int) {
  store(v.0, p); store(v.1, p + s); store(v.2, p + 2 * s); store(v.3, p + 3 * s); store(v.4, p + 4 * s); store(v.5, p + 5 * s)
}
@inline(__always) func store4(_ v: Four, _ p: MutableFloats, _ s: Int) {
  store(v.0, p); store(v.1, p + s); store(v.2, p + 2 * s); store(v.3, p + 3 * s)
}
