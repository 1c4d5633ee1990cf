import CVector
import KernelTable

/// See `TileEpilogue`; `values(c)` gives the four voxels along x of row `c` = 4 z + y of a tile, channels from `lane` on.
@inline(__always)
func finishTile<V: FloatVector>(_: V.Type, _ width: Int, _ e: TileEpilogue, _ lane: Int, _ values: (_ c: Int) -> (V, V, V, V)) {
  let isWhole = e.countZ & e.countY & e.countX == 4
  switch (isWhole, e.residual != nil, e.moments != nil) {
  case (true, false, true): finish(V.self, width, whole: true, residual: false, moments: true, e, lane, values)
  case (true, false, false): finish(V.self, width, whole: true, residual: false, moments: false, e, lane, values)
  case (true, true, true): finish(V.self, width, whole: true, residual: true, moments: true, e, lane, values)
  case (true, true, false): finish(V.self, width, whole: true, residual: true, moments: false, e, lane, values)
  case (false, _, _): finish(V.self, width, whole: false, residual: true, moments: true, e, lane, values)
  }
}

/// The flags are constants after inlining. A tile that is not whole is rare: it looks at what there is voxel by voxel.
@inline(__always)
private func finish<V: FloatVector>(
  _: V.Type, _ width: Int, whole: Bool, residual: Bool, moments: Bool, _ e: TileEpilogue, _ lane: Int, _ values: (_ c: Int) -> (V, V, V, V)
) {
  let zero = V(repeating: 0), one = V(repeating: 1)
  let bias = V(loading: e.bias + lane), slope = e.slope.map { V(loading: $0 + lane) } ?? one
  // A residual that is not normalised is scaled by one and shifted by zero: the same bits.
  let hasResidual = residual && e.residual != nil, r = (e.residual ?? e.bias) + lane, c = e.residualCoefficients.map { $0 + lane }
  let scale = c.map { V(loading: $0) } ?? one, shift = c.map { V(loading: $0 + width) } ?? zero
  let residualSlope = c.map { V(loading: $0 + 2 * width) } ?? one, residualMean = c.map { V(loading: $0 + 3 * width) } ?? zero
  let state = (e.moments ?? e.y) + lane
  var pivot = zero, sum = zero, square = zero
  if moments && e.moments != nil && !e.setsPivot { (pivot, sum, square) = (V(loading: state), V(loading: state + width), V(loading: state + 2 * width)) }
  let sx = e.sx, residualX = e.residualX, fetches = whole && lane == 0
  for c in 0..<16 {
    let z = c / 4, j = c % 4
    if !whole && (z >= e.countZ || j >= e.countY) { continue }
    let y = e.y + lane + z * e.sz + j * e.sy, residualRow = r + z * e.residualZ + j * e.residualY, q = values(c)
    // Rows of a tile are short, and hardware does not see where the next tile, or the next one's same phase, writes.
    if fetches { fetch(y + 4 * sx, sx) }
    if fetches && residual { fetch(residualRow + 4 * residualX, residualX) }
    @inline(__always)
    func finished(_ value: V, _ i: Int) -> V {
      var v = V.add(value, bias)
      if hasResidual { v = V.add(v, V.prelu(V.fma(shift, V.sub(V(loading: residualRow + i * residualX), residualMean), scale), residualSlope)) }
      return V.prelu(v, slope)
    }
    if whole {
      let v = (finished(q.0, 0), finished(q.1, 1), finished(q.2, 2), finished(q.3, 3))
      v.0.stored(at: y)
      v.1.stored(at: y + sx)
      v.2.stored(at: y + 2 * sx)
      v.3.stored(at: y + 3 * sx)
      if moments {
        if e.setsPivot && c == 0 { pivot = v.0 }
        let d = (V.sub(v.0, pivot), V.sub(v.1, pivot), V.sub(v.2, pivot), V.sub(v.3, pivot))
        // In pairs: one running sum would wait for itself at every voxel.
        sum = V.add(sum, V.add(V.add(d.0, d.1), V.add(d.2, d.3)))
        square = V.add(square, V.add(V.fma(V.mul(d.0, d.0), d.1, d.1), V.fma(V.mul(d.2, d.2), d.3, d.3)))
      }
    } else {
      let count = e.countX
      for i in 0..<4 where i < count {
        let v = finished(i == 0 ? q.0 : i == 1 ? q.1 : i == 2 ? q.2 : q.3, i)
        v.stored(at: y + i * sx)
        if e.setsPivot && c | i == 0 { pivot = v }
        let d = V.sub(v, pivot)
        sum = V.add(sum, d)
        square = V.fma(square, d, d)
      }
    }
  }
  if moments && e.moments != nil {
    pivot.stored(at: state)
    sum.stored(at: state + width)
    square.stored(at: state + 2 * width)
  }
}

/// Four voxels along x.
@inline(__always)
private func fetch(_ p: Floats, _ sx: Int) {
  for i in 0..<4 { cv_prefetch(p + i * sx) }
}
