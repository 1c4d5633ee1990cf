import CVector
import KernelTable

/// Products at the points ±p: even outputs take their sum, odd ones their difference.
struct PointPair<V: FloatVector> {
  let sum: V, difference: V

  @inline(__always) init(_ plus: V, _ minus: V) {
    sum = V.add(plus, minus)
    difference = V.sub(plus, minus)
  }
}

/// One-dimensional passes of F(`M`, 3) for M = 2, 4 or 6. With 6, the result of a pass is put as soon as it is known: few vectors live at a time.
/// With 2 and 4 all that is read is read before, so that results may take its place.
enum LinePass<let M: Int, V: FloatVector> {
  /// `Bᵀ d`, M + 2 points of as many samples.
  @inline(__always) static func input(_ d: (Int) -> V, _ put: (Int, V) -> Void) {
    if M == 6 {
      F6<V>.input(d, put)
    } else if M == 4 {
      F4<V>.input(d, put)
    } else {
      F2<V>.input(d, put)
    }
  }

  /// `Aᵀ m`, M outputs, the first one first.
  @inline(__always) static func output(_ m: (Int) -> V, _ put: (Int, V) -> Void) {
    if M == 6 {
      F6<V>.output(m, put)
    } else if M == 4 {
      F4<V>.output(m, put)
    } else {
      F2<V>.output(m, put)
    }
  }
}

/// F(2, 3) at the points 0, ±1 and infinity.
enum F2<V: FloatVector> {
  @inline(__always) static func input(_ d: (Int) -> V, _ put: (Int, V) -> Void) {
    let d0 = d(0), d1 = d(1), d2 = d(2), d3 = d(3)
    put(0, V.sub(d2, d0))
    put(1, V.add(d2, d1))
    put(2, V.sub(d2, d1))
    put(3, V.sub(d3, d1))
  }

  @inline(__always) static func output(_ m: (Int) -> V, _ put: (Int, V) -> Void) {
    let m0 = m(0), pair = PointPair(m(1), m(2)), m3 = m(3)
    put(0, V.add(m0, pair.sum))
    put(1, V.add(m3, pair.difference))
  }
}

/// F(6, 3) at the points 0, ±1/2, ±1, ±2 and infinity, whose transforms are exact in float32. Along one axis only, where it has twice the
/// rounding error of F(4, 3); along three it would have nine times.
enum F6<V: FloatVector> {
  /// 24 operations; the pairs ±p share their even and odd part.
  @inline(__always) static func input(_ d: (Int) -> V, _ put: (Int, V) -> Void) {
    let d1 = d(1), d2 = d(2), d3 = d(3), d4 = d(4), d5 = d(5), d6 = d(6), s = V(repeating: 5.25)
    put(0, V.fma(V.sub(d6, d(0)), V.sub(d2, d4), s))
    put(7, V.fma(V.sub(d(7), d1), V.sub(d3, d5), s))
    let q = V(repeating: -4.25), even1 = V.fma(V.add(d2, d6), d4, q), odd1 = V.fma(V.add(d1, d5), d3, q)
    put(3, V.add(even1, odd1))
    put(4, V.sub(even1, odd1))
    pair(1, d1, d2, d3, d4, d5, d6, 4, -5, 0.5, put)
    pair(5, d1, d2, d3, d4, d5, d6, 0.25, -1.25, 2, put)
  }

  @inline(__always)
  private static func pair(
    _ number: Int, _ d1: V, _ d2: V, _ d3: V, _ d4: V, _ d5: V, _ d6: V, _ inner: Float, _ middle: Float, _ point: Float, _ put: (Int, V) -> Void
  ) {
    let even = V.fma(V.fma(d6, d4, V(repeating: middle)), d2, V(repeating: inner))
    let odd = V.fma(V.fma(d5, d3, V(repeating: middle)), d1, V(repeating: inner))
    put(number, V.fma(even, odd, V(repeating: point)))
    put(number + 1, V.fma(even, odd, V(repeating: -point)))
  }

  /// 20 operations, sums of the pairs before their differences: what `m` gives is read again, so that 16 registers hold it.
  @inline(__always) static func output(_ m: (Int) -> V, _ put: (Int, V) -> Void) {
    let half = V.add(m(1), m(2)), one = V.add(m(3), m(4)), two = V.add(m(5), m(6))
    put(0, V.add(V.add(m(0), half), V.add(one, two)))
    put(2, V.fma(V.fma(one, half, V(repeating: 1 / 4)), two, V(repeating: 4)))
    put(4, V.fma(V.fma(one, half, V(repeating: 1 / 16)), two, V(repeating: 16)))
    let odd1 = V.sub(m(3), m(4)), oddHalf = V.sub(m(1), m(2)), odd2 = V.sub(m(5), m(6))
    put(1, V.fma(V.fma(odd1, oddHalf, V(repeating: 1 / 2)), odd2, V(repeating: 2)))
    put(3, V.fma(V.fma(odd1, oddHalf, V(repeating: 1 / 8)), odd2, V(repeating: 8)))
    put(5, V.fma(V.fma(V.add(m(7), odd1), oddHalf, V(repeating: 1 / 32)), odd2, V(repeating: 32)))
  }
}

/// F(4, 3) with points 0, ±5/8, ±3/2 and infinity: well conditioned (about twice the rounding error of a direct sum in float32 along three
/// axes), all constants of the transforms dyadic and so exact. Points as in oneDNN's F(4, 3).
enum F4<V: FloatVector> {
  /// a², b² and -(a² + b²) of the points ±a, ±b.
  @inline(__always) private static var a2: Float { 25 / 64 }
  @inline(__always) private static var b2: Float { 9 / 4 }

  /// 12 operations; the pairs ±p share their even and odd part.
  @inline(__always) static func input(_ d: (Int) -> V, _ put: (Int, V) -> Void) {
    let d0 = d(0), d1 = d(1), d2 = d(2), d3 = d(3), d4 = d(4), d5 = d(5)
    let evenA = V.fma(d4, d2, V(repeating: -b2)), oddA = V.fma(d3, d1, V(repeating: -b2))
    let evenB = V.fma(d4, d2, V(repeating: -a2)), oddB = V.fma(d3, d1, V(repeating: -a2))
    put(0, V.fma(V.fma(d4, d2, V(repeating: -(a2 + b2))), d0, V(repeating: a2 * b2)))
    put(1, V.fma(evenA, oddA, V(repeating: 0.625)))
    put(2, V.fma(evenA, oddA, V(repeating: -0.625)))
    put(3, V.fma(evenB, oddB, V(repeating: 1.5)))
    put(4, V.fma(evenB, oddB, V(repeating: -1.5)))
    put(5, V.fma(V.fma(d5, d3, V(repeating: -(a2 + b2))), d1, V(repeating: a2 * b2)))
  }

  @inline(__always) static func output(_ m: (Int) -> V, _ put: (Int, V) -> Void) {
    let m0 = m(0), a = PointPair(m(1), m(2)), b = PointPair(m(3), m(4)), m5 = m(5)
    put(0, V.add(V.add(m0, a.sum), b.sum))
    put(1, V.fma(V.mul(a.difference, V(repeating: 0.625)), b.difference, V(repeating: 1.5)))
    put(2, V.fma(V.mul(a.sum, V(repeating: 25 / 64)), b.sum, V(repeating: 2.25)))
    put(3, V.fma(V.fma(m5, a.difference, V(repeating: 125 / 512)), b.difference, V(repeating: 3.375)))
  }
}
