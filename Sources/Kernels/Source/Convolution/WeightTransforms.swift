import CVector
import KernelTable

// Weights in the form that products read. In double and rounded once, so that the products see the best float32 there is; eight output
// channels a vector, one axis after the other.

private typealias Doubles = SIMD8<Double>

@inline(__always) private func loadDoubles(_ p: UnsafeRawPointer) -> Doubles { p.loadUnaligned(as: Doubles.self) }
@inline(__always) private func storeDoubles(_ v: Doubles, _ p: UnsafeMutableRawPointer) { p.storeBytes(of: v, as: Doubles.self) }
@inline(__always) private func widened(_ p: Floats) -> Doubles { cv8d_widen(UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)) }
@inline(__always) private func storeNarrowed(_ v: Doubles, _ p: MutableFloats) {
  UnsafeMutableRawPointer(p).storeBytes(of: cv8d_narrow(v), as: SIMD8<Float>.self)
}

/// Bytes of a vector.
private let doublesBytes = 64

/// `G g` of F(4, 3) at 0, ±5/8, ±3/2, infinity: the pairs ±p share their even and odd part.
@inline(__always)
private func winogradPass(_ g0: Doubles, _ g1: Doubles, _ g2: Doubles, _ put: (_ point: Int, Doubles) -> Void) {
  let a = 0.625, b = 1.5, na = 2 * a * a * (a * a - b * b), nb = 2 * b * b * (b * b - a * a)
  let evenA = cv8d_add(cv8d_scale(g0, 1 / na), cv8d_scale(g2, a * a / na)), oddA = cv8d_scale(g1, a / na)
  let evenB = cv8d_add(cv8d_scale(g0, 1 / nb), cv8d_scale(g2, b * b / nb)), oddB = cv8d_scale(g1, b / nb)
  put(0, cv8d_scale(g0, 1 / (a * a * b * b)))
  put(1, cv8d_add(evenA, oddA))
  put(2, cv8d_sub(evenA, oddA))
  put(3, cv8d_add(evenB, oddB))
  put(4, cv8d_sub(evenB, oddB))
  put(5, g2)
}

/// `G g` of F(4, 2) at ±1/2, ±5/4, infinity of the two taps `u`, `v`, then of the single tap `g`, which has no product at infinity.
@inline(__always)
private func twoTapPass(_ u: Doubles, _ g: Doubles, _ v: Doubles, _ put: (_ number: Int, Doubles) -> Void) {
  let a = 0.5, b = 1.25, na = 2 * a * (a * a - b * b), nb = 2 * b * (b * b - a * a)
  let evenA = cv8d_scale(u, 1 / na), oddA = cv8d_scale(v, a / na), evenB = cv8d_scale(u, 1 / nb), oddB = cv8d_scale(v, b / nb)
  put(0, cv8d_add(evenA, oddA))
  put(1, cv8d_sub(oddA, evenA))
  put(2, cv8d_add(evenB, oddB))
  put(3, cv8d_sub(oddB, evenB))
  put(4, v)
  put(5, cv8d_scale(g, 1 / na))
  put(6, cv8d_scale(g, -1 / na))
  put(7, cv8d_scale(g, 1 / nb))
  put(8, cv8d_scale(g, -1 / nb))
}

// Both halves of a line of weights are written together, one plane across z after the other: what is between passes stays in the first cache.

/// See `WinogradWeightRow`.
@inline(never)
func winogradWeights(_ row: UnsafePointer<WinogradWeightRow>) {
  let tapStride = row.pointee.isMirrored ? -row.pointee.tapStride : row.pointee.tapStride, pointStride = row.pointee.pointStride
  let first = row.pointee.weights + (row.pointee.isMirrored ? 26 * row.pointee.tapStride : 0), n = doublesBytes
  let alongZ = UnsafeMutableRawPointer(row.pointee.scratch), alongY = alongZ + 2 * 54 * n
  for channel in 0..<row.pointee.channels {
    for half in 0..<2 {
      let w = first + channel * 16 + half * 8
      for i in 0..<9 {
        winogradPass(widened(w + i * tapStride), widened(w + (9 + i) * tapStride), widened(w + (18 + i) * tapStride)) { p, v in
          storeDoubles(v, alongZ + ((half * 6 + p) * 9 + i) * n)
        }
      }
    }
    for z in 0..<6 {
      for half in 0..<2 {
        let s = alongZ + (half * 6 + z) * 9 * n
        for x in 0..<3 {
          winogradPass(loadDoubles(s + x * n), loadDoubles(s + (3 + x) * n), loadDoubles(s + (6 + x) * n)) { p, v in
            storeDoubles(v, alongY + ((half * 6 + p) * 3 + x) * n)
          }
        }
      }
      for y in 0..<6 {
        let target = row.pointee.u + channel * 16 + (z * 6 + y) * 6 * pointStride
        for half in 0..<2 {
          let s = alongY + (half * 6 + y) * 3 * n
          winogradPass(loadDoubles(s), loadDoubles(s + n), loadDoubles(s + 2 * n)) { p, v in storeNarrowed(v, target + p * pointStride + half * 8) }
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
  let alongZ = UnsafeMutableRawPointer(row.pointee.scratch), alongY = alongZ + 2 * 81 * n
  for channel in 0..<row.pointee.channels {
    for half in 0..<halves {
      let w = row.pointee.weights + channel * 16 + half * 8
      for i in 0..<9 {
        twoTapPass(widened(w + (9 * u + i) * tapStride), widened(w + (9 + i) * tapStride), widened(w + (9 * v + i) * tapStride)) { q, value in
          storeDoubles(value, alongZ + ((half * 9 + q) * 9 + i) * n)
        }
      }
    }
    for z in 0..<9 {
      for half in 0..<halves {
        let s = alongZ + (half * 9 + z) * 9 * n
        for x in 0..<3 {
          twoTapPass(loadDoubles(s + (3 * u + x) * n), loadDoubles(s + (3 + x) * n), loadDoubles(s + (3 * v + x) * n)) { q, value in
            storeDoubles(value, alongY + ((half * 9 + q) * 3 + x) * n)
          }
        }
      }
      for y in 0..<9 {
        let offsets = row.pointee.offsets + (z * 9 + y) * 9, target = row.pointee.u + channel * 16
        for half in 0..<halves {
          let s = alongY + (half * 9 + y) * 3 * n
          twoTapPass(loadDoubles(s + u * n), loadDoubles(s + n), loadDoubles(s + v * n)) { q, value in
            storeNarrowed(value, target + offsets[q] + half * 8)
          }
        }
      }
    }
  }
}
