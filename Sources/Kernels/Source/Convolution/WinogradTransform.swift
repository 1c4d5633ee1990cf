import CVector
import KernelTable

/// Products at the points ±p: even outputs take their sum, odd ones their difference.
struct PointPair<V: FloatVector> {
  let sum: V, difference: V

  @inline(__always) init(_ plus: V, _ minus: V) {
    sum = V.add(plus, minus)
    difference = V.sub(plus, minus)
  }

  /// Of two lines, four values each.
  @inline(__always) static func ofLines<let N: Int>(_ plus: InlineArray<N, V>, _ minus: InlineArray<N, V>) -> InlineArray<4, Self> {
    [Self(plus[0], minus[0]), Self(plus[1], minus[1]), Self(plus[2], minus[2]), Self(plus[3], minus[3])]
  }
}

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
    let a = PointPair(m.1, m.2), b = PointPair(m.3, m.4)
    return (output0(m.0, a, b), output1(a, b), output2(a, b), output3(a, b, m.5))
  }

  @inline(__always) static func output0(_ m0: V, _ a: PointPair<V>, _ b: PointPair<V>) -> V { V.add(V.add(m0, a.sum), b.sum) }

  @inline(__always) static func output1(_ a: PointPair<V>, _ b: PointPair<V>) -> V {
    V.fma(V.mul(a.difference, V(repeating: 0.625)), b.difference, V(repeating: 1.5))
  }

  @inline(__always) static func output2(_ a: PointPair<V>, _ b: PointPair<V>) -> V {
    V.fma(V.mul(a.sum, V(repeating: 25 / 64)), b.sum, V(repeating: 2.25))
  }

  @inline(__always) static func output3(_ a: PointPair<V>, _ b: PointPair<V>, _ m5: V) -> V {
    V.fma(V.fma(m5, a.difference, V(repeating: 125 / 512)), b.difference, V(repeating: 3.375))
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
