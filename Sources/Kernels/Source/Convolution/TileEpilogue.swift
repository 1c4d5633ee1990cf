import CVector
import KernelTable

/// See `TileEpilogue`; `column(c)` gives the four voxels along z of column `c` = 4 y + x of a tile, channels from `lane` on.
@inline(__always)
func finishTile<V: FloatVector>(_: V.Type, _ width: Int, _ e: TileEpilogue, _ lane: Int, _ column: (_ c: Int) -> (V, V, V, V)) {
  let isWhole = e.countZ & e.countY & e.countX == 4
  switch (isWhole, e.residual != nil, e.moments != nil) {
  case (true, false, true): finish(V.self, width, whole: true, residual: false, moments: true, e, lane, column)
  case (true, false, false): finish(V.self, width, whole: true, residual: false, moments: false, e, lane, column)
  case (true, true, true): finish(V.self, width, whole: true, residual: true, moments: true, e, lane, column)
  case (true, true, false): finish(V.self, width, whole: true, residual: true, moments: false, e, lane, column)
  case (false, _, _): finish(V.self, width, whole: false, residual: true, moments: true, e, lane, column)
  }
}

/// The flags are constants after inlining. A tile that is not whole is rare: it looks at what there is voxel by voxel.
@inline(__always)
private func finish<V: FloatVector>(
  _: V.Type, _ width: Int, whole: Bool, residual: Bool, moments: Bool, _ e: TileEpilogue, _ lane: Int, _ column: (_ c: Int) -> (V, V, V, V)
) {
  let zero = V(repeating: 0), one = V(repeating: 1)
  let bias = V(loading: e.bias + lane), slope = e.slope.map { V(loading: $0 + lane) } ?? one
  // A residual that is not normalised is scaled by one and shifted by zero: the same bits.
  let hasResidual = residual && e.residual != nil, r = (e.residual ?? e.bias) + lane, c = e.residualCoefficients.map { $0 + lane }
  let scale = c.map { V(loading: $0) } ?? one, shift = c.map { V(loading: $0 + width) } ?? zero
  let residualSlope = c.map { V(loading: $0 + 2 * width) } ?? one
  let state = (e.moments ?? e.y) + lane
  var pivot = zero, sum = zero, square = zero
  if moments && e.moments != nil && !e.setsPivot { (pivot, sum, square) = (V(loading: state), V(loading: state + width), V(loading: state + 2 * width)) }
  for c in 0..<16 {
    let j = c / 4, i = c % 4
    if !whole && (j >= e.countY || i >= e.countX) { continue }
    let y = e.y + lane + j * e.sy + i * e.sx, residualColumn = r + j * e.residualY + i * e.residualX, values = column(c)
    // Rows of a tile are short, and hardware does not see where the next tile writes. Phases share their lines: there it would be too early.
    if whole && lane == 0 && e.sx == width { fetch(y + 4 * e.sx, e.sz) }
    if whole && residual && lane == 0 && e.sx == width { fetch(residualColumn + 4 * e.residualX, e.residualZ) }
    @inline(__always)
    func finished(_ value: V, _ z: Int) -> V {
      var v = V.add(value, bias)
      if hasResidual { v = V.add(v, V.prelu(V.fma(shift, V(loading: residualColumn + z * e.residualZ), scale), residualSlope)) }
      return V.prelu(v, slope)
    }
    if whole {
      let v = (finished(values.0, 0), finished(values.1, 1), finished(values.2, 2), finished(values.3, 3))
      v.0.stored(at: y)
      v.1.stored(at: y + e.sz)
      v.2.stored(at: y + 2 * e.sz)
      v.3.stored(at: y + 3 * e.sz)
      if moments {
        if e.setsPivot && c == 0 { pivot = v.0 }
        let d = (V.sub(v.0, pivot), V.sub(v.1, pivot), V.sub(v.2, pivot), V.sub(v.3, pivot))
        // In pairs: one running sum would wait for itself at every voxel.
        sum = V.add(sum, V.add(V.add(d.0, d.1), V.add(d.2, d.3)))
        square = V.add(square, V.add(V.fma(V.mul(d.0, d.0), d.1, d.1), V.fma(V.mul(d.2, d.2), d.3, d.3)))
      }
    } else {
      let count = e.countZ
      for z in 0..<4 where z < count {
        let v = finished(z == 0 ? values.0 : z == 1 ? values.1 : z == 2 ? values.2 : values.3, z)
        v.stored(at: y + z * e.sz)
        if e.setsPivot && c | z == 0 { pivot = v }
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

/// Four voxels along z.
@inline(__always)
private func fetch(_ p: Floats, _ sz: Int) {
  for z in 0..<4 { cv_prefetch(p + z * sz) }
}
