import KernelTable

/// See `TileEpilogue`; `values` holds `[4 z][4 y][4 x]` vectors of channels from `lane` on.
@inline(__always)
func finishTile<V: FloatVector>(_: V.Type, _ width: Int, _ e: TileEpilogue, _ lane: Int, _ values: Floats) {
  let isWhole = e.countZ & e.countY & e.countX == 4
  switch (isWhole, e.residual != nil, e.moments != nil) {
  case (true, false, true): finish(V.self, width, whole: true, residual: false, moments: true, e, lane, values)
  case (true, false, false): finish(V.self, width, whole: true, residual: false, moments: false, e, lane, values)
  case (true, true, _): finish(V.self, width, whole: true, residual: true, moments: e.moments != nil, e, lane, values)
  case (false, _, _): finish(V.self, width, whole: false, residual: e.residual != nil, moments: e.moments != nil, e, lane, values)
  }
}

@inline(__always)
private func finish<V: FloatVector>(
  _: V.Type, _ width: Int, whole: Bool, residual: Bool, moments: Bool, _ e: TileEpilogue, _ lane: Int, _ values: Floats
) {
  let w = V.lanes, zero = V(repeating: 0)
  let y = e.y + lane, nz = whole ? 4 : e.countZ, ny = whole ? 4 : e.countY, nx = whole ? 4 : e.countX
  let bias = V(loading: e.bias + lane), one = V(repeating: 1), slope = e.slope.map { V(loading: $0 + lane) } ?? one
  // A residual that is not normalised is scaled by one and shifted by zero: the same bits.
  let r = (e.residual ?? e.bias) + lane
  let c = e.residualCoefficients.map { $0 + lane }
  let scale = c.map { V(loading: $0) } ?? one, shift = c.map { V(loading: $0 + width) } ?? zero
  let residualSlope = c.map { V(loading: $0 + 2 * width) } ?? one
  var pivot = zero, sum = zero, square = zero
  let state = (e.moments ?? y) + lane
  let setsPivot = e.setsPivot
  if moments && !setsPivot { (pivot, sum, square) = (V(loading: state), V(loading: state + width), V(loading: state + 2 * width)) }
  for z in 0..<nz {
    for j in 0..<ny {
      let row = y + z * e.sz + j * e.sy, residualRow = r + z * e.residualZ + j * e.residualY, source = values + (z * 16 + j * 4) * w
      for i in 0..<nx {
        var v = V.add(V(loading: source + i * w), bias)
        if residual { v = V.add(v, V.prelu(V.fma(shift, V(loading: residualRow + i * e.residualX), scale), residualSlope)) }
        v = V.prelu(v, slope)
        v.stored(at: row + i * e.sx)
        if moments {
          if setsPivot && z | j | i == 0 { pivot = v }
          let d = V.sub(v, pivot)
          sum = V.add(sum, d)
          square = V.fma(square, d, d)
        }
      }
    }
  }
  if moments {
    pivot.stored(at: state)
    sum.stored(at: state + width)
    square.stored(at: state + 2 * width)
  }
}
