import KernelTable

/// `y[i] = x[i]` for `count` floats, vector by vector: no call of the C library, which may write past the caches.
@inline(never)
func copyFloats(_ count: Int, _ x: Floats, _ y: MutableFloats) {
  forEachVector(count) { i, lanes in Vector(loading: x + i, lanes).stored(at: y + i, lanes) }
}

/// `y[i] = a[i] + scale * b[i]` for `count` floats.
@inline(never)
func triad(_ count: Int, _ a: Floats, _ b: Floats, _ scale: Float, _ y: MutableFloats) {
  let scale = Vector(repeating: scale)
  forEachVector(count) { i, lanes in Vector.fma(Vector(loading: a + i, lanes), scale, Vector(loading: b + i, lanes)).stored(at: y + i, lanes) }
}

/// Sum of `count` floats in eight vectors: enough loads under way, and a result that keeps them alive.
@inline(never)
func readFloats(_ count: Int, _ x: Floats) -> Float {
  var sums = InlineArray<8, Vector> { _ in Vector(repeating: 0) }
  let step = 8 * Vector.lanes
  var i = 0
  while i + step <= count {
    for j in 0..<8 { sums[j] = Vector.add(sums[j], Vector(loading: x + i + j * Vector.lanes)) }
    i += step
  }
  forEachVector(count - i) { j, lanes in sums[0] = Vector.add(sums[0], Vector(loading: x + i + j, lanes)) }
  var total = sums[0]
  for j in 1..<8 { total = Vector.add(total, sums[j]) }
  return Vector.sum(total)[0]
}
