import CVector
import KernelTable

/// One-dimensional passes of F(4, 3) with points 0, ±5/8, ±3/2 and infinity: well conditioned (about twice the rounding error of a direct
/// sum in float32), all constants of the transforms dyadic and so exact. A. Lavin & S. Gray, CVPR 2016; points as in oneDNN's F(4, 3).
enum F4<V: FloatVector> {
  typealias Six = (V, V, V, V, V, V)
  typealias Four = (V, V, V, V)

  /// a², b² and -(a² + b²) of the points ±a, ±b.
  @inline(__always) static var a2: Float { 25 / 64 }
  @inline(__always) static var b2: Float { 9 / 4 }

  /// `Bᵀ d`: 12 operations; the pairs ±p share their even and odd part.
  @inline(__always) static func input(_ d: Six) -> Six {
    let evenA = V.fma(d.4, d.2, V(repeating: -b2)), oddA = V.fma(d.3, d.1, V(repeating: -b2))
    let evenB = V.fma(d.4, d.2, V(repeating: -a2)), oddB = V.fma(d.3, d.1, V(repeating: -a2))
    return (
      V.fma(V.fma(d.4, d.2, V(repeating: -(a2 + b2))), d.0, V(repeating: a2 * b2)),
      V.fma(evenA, oddA, V(repeating: 0.625)), V.fma(evenA, oddA, V(repeating: -0.625)),
      V.fma(evenB, oddB, V(repeating: 1.5)), V.fma(evenB, oddB, V(repeating: -1.5)),
      V.fma(V.fma(d.5, d.3, V(repeating: -(a2 + b2))), d.1, V(repeating: a2 * b2))
    )
  }

  /// Two points of that pass from memory: 0 and infinity (pair 0), ±5/8 (1), ±3/2 (2). The pairs share no work, so a plane of 36 can be
  /// transformed in both directions with 12 live vectors.
  @inline(__always) static func inputPair(_ pair: Int, _ p: Floats, _ s: Int) -> (V, V) {
    let d1 = V(loading: p + s), d2 = V(loading: p + 2 * s), d3 = V(loading: p + 3 * s), d4 = V(loading: p + 4 * s)
    if pair == 0 {
      return (
        V.fma(V.fma(d4, d2, V(repeating: -(a2 + b2))), V(loading: p), V(repeating: a2 * b2)),
        V.fma(V.fma(V(loading: p + 5 * s), d3, V(repeating: -(a2 + b2))), d1, V(repeating: a2 * b2))
      )
    }
    let c: Float = pair == 1 ? -b2 : -a2, r: Float = pair == 1 ? 0.625 : 1.5
    let even = V.fma(d4, d2, V(repeating: c)), odd = V.fma(d3, d1, V(repeating: c))
    return (V.fma(even, odd, V(repeating: r)), V.fma(even, odd, V(repeating: -r)))
  }

  /// `Aᵀ m`.
  @inline(__always) static func output(_ m: Six) -> Four {
    let sumA = V.add(m.1, m.2), sumB = V.add(m.3, m.4), differenceA = V.sub(m.1, m.2), differenceB = V.sub(m.3, m.4)
    return (
      V.add(V.add(m.0, sumA), sumB),
      V.fma(V.mul(differenceA, V(repeating: 0.625)), differenceB, V(repeating: 1.5)),
      V.fma(V.mul(sumA, V(repeating: 25 / 64)), sumB, V(repeating: 2.25)),
      V.fma(V.fma(m.5, differenceA, V(repeating: 125 / 512)), differenceB, V(repeating: 3.375))
    )
  }

  @inline(__always) static func load(_ p: Floats, _ s: Int) -> Six {
    (V(loading: p), V(loading: p + s), V(loading: p + 2 * s), V(loading: p + 3 * s), V(loading: p + 4 * s), V(loading: p + 5 * s))
  }

  @inline(__always) static func store(_ v: Six, _ p: MutableFloats, _ s: Int) {
    v.0.stored(at: p)
    v.1.stored(at: p + s)
    v.2.stored(at: p + 2 * s)
    v.3.stored(at: p + 3 * s)
    v.4.stored(at: p + 4 * s)
    v.5.stored(at: p + 5 * s)
  }

  @inline(__always) static func store(_ v: Four, _ p: MutableFloats, _ s: Int) {
    v.0.stored(at: p)
    v.1.stored(at: p + s)
    v.2.stored(at: p + 2 * s)
    v.3.stored(at: p + 3 * s)
  }
}
