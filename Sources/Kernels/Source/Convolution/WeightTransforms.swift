import CVector
import KernelTable

// Weights in the form that products read. In double and rounded once, so that the products see the best float32 there is; eight output
// channels a vector, one axis after the other.

private typealias Doubles = SIMD8<Double>
private typealias HalfLine = SIMD8<Float>

@inline(__always) private func loadDoubles(_ p: UnsafeRawPointer) -> Doubles { p.loadUnaligned(as: Doubles.self) }
@inline(__always) private func storeDoubles(_ v: Doubles, _ p: UnsafeMutableRawPointer) { p.storeBytes(of: v, as: Doubles.self) }
@inline(__always) private func widened(_ p: Floats) -> Doubles { cv8d_widen(UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)) }
@inline(__always) private func storeNarrowed(_ v: Doubles, _ p: MutableFloats) {
  UnsafeMutableRawPointer(p).storeBytes(of: cv8d_narrow(v), as: SIMD8<Float>.self)
}

/// A line of weights past the caches, its halves one right after the other.
@inline(__always) private func stream(_ low: HalfLine, _ high: Doubles, _ p: MutableFloats) {
  cv8_stream(low, p)
  cv8_stream(cv8d_narrow(high), p + 8)
}

/// Bytes of a vector.
private let doublesBytes = 64

/// The points of F(m, 3) beside 0 and infinity, as ±p.
@inline(__always)
private func pointPairs(_ m: Int) -> InlineArray<3, Double> { m == 6 ? [0.5, 1, 2] : m == 4 ? [0.625, 1.5, 0] : [1, 0, 0] }

/// `G g` of F(m, 3) at 0, pairs ±p and infinity: row p is `pⁱ / product of (p - q) over the other points q`, and a pair shares its even and
/// odd part.
@inline(__always)
private func winogradPass(_ m: Int, _ g0: Doubles, _ g1: Doubles, _ g2: Doubles, _ put: (_ point: Int, Doubles) -> Void) {
  let points = pointPairs(m), count = m / 2
  var atZero = 1.0
  for i in 0..<count { atZero *= -(points[i] * points[i]) }
  put(0, cv8d_scale(g0, 1 / atZero))
  for i in 0..<count {
    let p = points[i]
    var scale = 2 * p * p
    for j in 0..<count where j != i { scale *= p * p - points[j] * points[j] }
    let even = cv8d_add(cv8d_scale(g0, 1 / scale), cv8d_scale(g2, p * p / scale)), odd = cv8d_scale(g1, p / scale)
    put(2 * i + 1, cv8d_add(even, odd))
    put(2 * i + 2, cv8d_sub(even, odd))
  }
  put(m + 1, g2)
}

/// `G g` of F(4, 2) at ±1/2, ±5/4, infinity of the two taps `u`, `v`, then of the single tap `g` at any point but infinity.
///
/// All points but infinity have the factor of ±5/4 in Lagrange's formula; the output transform makes up for the rest. So a single tap is one
/// number, not four.
@inline(__always)
private func twoTapPass(_ u: Doubles, _ g: Doubles, _ v: Doubles, _ put: (_ number: Int, Doubles) -> Void) {
  let a = 0.5, b = 1.25, scale = 1 / (2 * b * (b * b - a * a))
  let even = cv8d_scale(u, scale), oddA = cv8d_scale(v, a * scale), oddB = cv8d_scale(v, b * scale)
  put(0, cv8d_add(even, oddA))
  put(1, cv8d_sub(even, oddA))
  put(2, cv8d_add(even, oddB))
  put(3, cv8d_sub(even, oddB))
  put(4, v)
  put(5, cv8d_scale(g, scale))
}

// Both halves of a line of weights are written together, one plane across z after the other: what is between passes stays in the first cache.

/// See `WinogradWeightRow`.
@inline(never)
func winogradWeights(_ row: UnsafePointer<WinogradWeightRow>) {
  switch row.pointee.form {
  case .cube2: winogradWeights(2, 2, row)
  case .cube4: winogradWeights(4, 4, row)
  case .long6: winogradWeights(4, 6, row)
  }
}

/// Of tiles with `plane` outputs along z and y, `line` along x.
@inline(__always)
private func winogradWeights(_ plane: Int, _ line: Int, _ row: UnsafePointer<WinogradWeightRow>) {
  let tapStride = row.pointee.isMirrored ? -row.pointee.tapStride : row.pointee.tapStride, pointStride = row.pointee.pointStride
  let first = row.pointee.weights + (row.pointee.isMirrored ? 26 * row.pointee.tapStride : 0), n = doublesBytes, side = plane + 2
  let alongZ = UnsafeMutableRawPointer(row.pointee.scratch), alongY = alongZ + 2 * side * 9 * n
  for channel in 0..<row.pointee.channels {
    for half in 0..<2 {
      let w = first + channel * 16 + half * 8
      for i in 0..<9 {
        winogradPass(plane, widened(w + i * tapStride), widened(w + (9 + i) * tapStride), widened(w + (18 + i) * tapStride)) { p, v in
          storeDoubles(v, alongZ + ((half * side + p) * 9 + i) * n)
        }
      }
    }
    for z in 0..<side {
      for half in 0..<2 {
        let s = alongZ + (half * side + z) * 9 * n
        for x in 0..<3 {
          winogradPass(plane, loadDoubles(s + x * n), loadDoubles(s + (3 + x) * n), loadDoubles(s + (6 + x) * n)) { p, v in
            storeDoubles(v, alongY + ((half * side + p) * 3 + x) * n)
          }
        }
      }
      for y in 0..<side {
        let target = row.pointee.u + channel * 16 + (z * side + y) * (line + 2) * pointStride
        let s = alongY + y * 3 * n, high = s + side * 3 * n
        var low = InlineArray<8, HalfLine>(repeating: HalfLine())
        winogradPass(line, loadDoubles(s), loadDoubles(s + n), loadDoubles(s + 2 * n)) { p, v in low[p] = cv8d_narrow(v) }
        winogradPass(line, loadDoubles(high), loadDoubles(high + n), loadDoubles(high + 2 * n)) { p, v in
          stream(low[p], v, target + p * pointStride)
        }
      }
    }
  }
}

/// See `TwoTapWeightRow`.
@inline(never)
func twoTapWeights(_ row: UnsafePointer<TwoTapWeightRow>) {
  let tapStride = row.pointee.tapStride, n = doublesBytes, halves = row.pointee.width / 8
  // Along each axis: the tap of index 0 of the phase with two, and that of index 1.
  let u = row.pointee.isTransposed ? 2 : 0, v = 2 - u
  let alongZ = UnsafeMutableRawPointer(row.pointee.scratch), alongY = alongZ + 2 * 6 * 9 * n
  for channel in 0..<row.pointee.channels {
    for half in 0..<halves {
      let w = row.pointee.weights + channel * 16 + half * 8
      for i in 0..<9 {
        twoTapPass(widened(w + (9 * u + i) * tapStride), widened(w + (9 + i) * tapStride), widened(w + (9 * v + i) * tapStride)) { q, value in
          storeDoubles(value, alongZ + ((half * 6 + q) * 9 + i) * n)
        }
      }
    }
    for z in 0..<6 {
      for half in 0..<halves {
        let s = alongZ + (half * 6 + z) * 9 * n
        for x in 0..<3 {
          twoTapPass(loadDoubles(s + (3 * u + x) * n), loadDoubles(s + (3 + x) * n), loadDoubles(s + (3 * v + x) * n)) { q, value in
            storeDoubles(value, alongY + ((half * 6 + q) * 3 + x) * n)
          }
        }
      }
      for y in 0..<6 {
        let starts = row.pointee.starts + (z * 6 + y) * 6, offsets = row.pointee.offsets, target = row.pointee.u + channel * 16
        let s = alongY + y * 3 * n, high = s + 6 * 3 * n
        if halves == 1 {
          twoTapPass(loadDoubles(s + u * n), loadDoubles(s + n), loadDoubles(s + v * n)) { q, value in
            for i in starts[q]..<starts[q + 1] { storeNarrowed(value, target + offsets[i]) }
          }
          continue
        }
        var low = InlineArray<6, HalfLine>(repeating: HalfLine())
        twoTapPass(loadDoubles(s + u * n), loadDoubles(s + n), loadDoubles(s + v * n)) { q, value in low[q] = cv8d_narrow(value) }
        twoTapPass(loadDoubles(high + u * n), loadDoubles(high + n), loadDoubles(high + v * n)) { q, value in
          for i in starts[q]..<starts[q + 1] { stream(low[q], value, target + offsets[i]) }
        }
      }
    }
  }
}
