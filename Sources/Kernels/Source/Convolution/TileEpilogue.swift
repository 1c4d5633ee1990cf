import CVector
import KernelTable

/// See `TileEpilogue`; `values` holds `[4 z][4 y][4 x]` vectors of channels from `lane` on.
@inline(__always)
func finishTile(_ e: TileEpilogue, _ lane: Int, _ values: Floats) {
  let isWhole = e.countZ & e.countY & e.countX == 4
  switch (isWhole, e.residual != nil, e.moments != nil) {
  case (true, false, true): finish(whole: true, residual: false, moments: true, e, lane, values)
  case (true, false, false): finish(whole: true, residual: false, moments: false, e, lane, values)
  case (true, true, _): finish(whole: true, residual: true, moments: e.moments != nil, e, lane, values)
  case (false, _, _): finish(whole: false, residual: e.residual != nil, moments: e.moments != nil, e, lane, values)
  }
}

@inline(__always)
private func finish(whole: Bool, residual: Bool, moments: Bool, _ e: TileEpilogue, _ lane: Int, _ values: Floats) {
  let w = Vector.scalarCount
  let y = e.y + lane, nz = whole ? 4 : e.countZ, ny = whole ? 4 : e.countY, nx = whole ? 4 : e.countX
  let bias = load(e.bias + lane), one = constant(1), slope = e.slope.map { load($0 + lane) } ?? one
  // A residual that is not normalised is scaled by one and shifted by zero: the same bits.
  let r = (e.residual ?? e.bias) + lane
  let c = e.residualCoefficients.map { $0 + lane }
  let scale = c.map { load($0) } ?? one, shift = c.map { load($0 + 16) } ?? .zero, residualSlope = c.map { load($0 + 32) } ?? one
  var pivot = Vector.zero, sum = Vector.zero, square = Vector.zero
  let state = (e.moments ?? y) + lane
  let setsPivot = e.setsPivot
  if moments && !setsPivot { (pivot, sum, square) = (load(state), load(state + 16), load(state + 32)) }
  for z in 0..<nz {
    for j in 0..<ny {
      let row = y + z * e.sz + j * e.sy, residualRow = r + z * e.residualZ + j * e.residualY, source = values + (z * 16 + j * 4) * w
      for i in 0..<nx {
        var v = add(load(source + i * w), bias)
        if residual { v = add(v, prelu(fma(shift, load(residualRow + i * e.residualX), scale), residualSlope)) }
        v = prelu(v, slope)
        store(v, row + i * e.sx)
        if moments {
          if setsPivot && z | j | i == 0 { pivot = v }
          let d = sub(v, pivot)
          sum = add(sum, d)
          square = fma(square, d, d)
        }
      }
    }
  }
  if moments {
    store(pivot, state)
    store(sum, state + 16)
    store(square, state + 32)
  }
}
