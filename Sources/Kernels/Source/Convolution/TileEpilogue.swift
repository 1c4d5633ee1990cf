import CVector
import KernelTable

/// See `TileEpilogue`; `values(c, put)` puts the four voxels along x of row `c` = 4 z + y of a tile of 4 x 4 x 4, the first one first, channels from
/// `lane` on.
///
/// - held: a vector for each voxel of the tile: where a line of memory is two vectors and `y` is streamed, the first waits there for the second.
///   Nil where not all channels of a block are computed, and lines are not whole.
@inline(__always)
func finishTile<V: FloatVector>(
  _: V.Type, _ width: Int, _ e: TileEpilogue, _ lane: Int, held: MutableFloats?,
  _ values: (_ c: Int, _ put: (Int, V) -> Void) -> Void
) {
  @inline(__always)
  func finish(whole: Bool, residual: Bool, slope: Bool, moments: Bool) {
    let target = TileRows<V>(width, e, lane, held, isWhole: whole)
    target.finish(residual: residual, slope: slope, moments: moments, values)
  }
  let isWhole = e.countZ == 4 && e.countY == 4 && e.countX == 4
  switch (isWhole, e.residual != nil, e.slope != nil, e.moments != nil) {
  case (true, false, false, true): finish(whole: true, residual: false, slope: false, moments: true)
  case (true, false, _, false): finish(whole: true, residual: false, slope: true, moments: false)
  case (true, true, _, false): finish(whole: true, residual: true, slope: true, moments: false)
  case (true, _, _, true): finish(whole: true, residual: true, slope: true, moments: true)
  case (false, _, _, _): finish(whole: false, residual: true, slope: true, moments: true)
  }
}

/// One vector of channels of a tile. Whatever is known when it is made is a constant after inlining.
private struct TileRows<V: FloatVector> {
  let width: Int, e: TileEpilogue, lane: Int, held: MutableFloats?, isWhole: Bool

  @inline(__always)
  init(_ width: Int, _ e: TileEpilogue, _ lane: Int, _ held: MutableFloats?, isWhole: Bool) {
    (self.width, self.e, self.lane, self.isWhole) = (width, e, lane, isWhole)
    // Vectors of four lanes would take four passes for a line.
    self.held = isWhole && V.lanes >= 8 && e.streams ? held : nil
  }

  /// The flags say what there may be. A tile that is not whole is rare: it looks at what there is voxel by voxel.
  @inline(__always)
  func finish(residual: Bool, slope activates: Bool, moments: Bool, _ values: (_ c: Int, _ put: (Int, V) -> Void) -> Void) {
    let zero = V(repeating: 0), one = V(repeating: 1)
    let bias = V(loading: e.bias + lane), slope = activates ? e.slope.map { V(loading: $0 + lane) } ?? one : one
    // A residual that is not normalised is scaled by one and shifted by zero: the same bits.
    let hasResidual = residual && e.residual != nil, r = (e.residual ?? e.bias) + lane, c = e.residualCoefficients.map { $0 + lane }
    let scale = c.map { V(loading: $0) } ?? one, shift = c.map { V(loading: $0 + width) } ?? zero
    let residualSlope = c.map { V(loading: $0 + 2 * width) } ?? one, residualMean = c.map { V(loading: $0 + 3 * width) } ?? zero
    let hasMoments = moments && e.moments != nil, state = (e.moments ?? e.y) + lane
    var pivot = zero, sum = zero, square = zero
    if hasMoments && !e.setsPivot { (pivot, sum, square) = (V(loading: state), V(loading: state + width), V(loading: state + 2 * width)) }
    for c in 0..<16 {
      let z = c / 4, j = c % 4
      if !isWhole && (z >= e.countZ || j >= e.countY) { continue }
      let y = e.y + lane + z * e.sz + j * e.sy, residualRow = r + z * e.residualZ + j * e.residualY
      if isWhole && lane == 0 { fetchAhead(y, residual ? residualRow : nil) }
      // Sums of a row on their own: one running sum would wait for itself at every voxel.
      var rowSum = zero, rowSquare = zero
      values(c) { i, value in
        if !isWhole && i >= e.countX { return }
        var v = V.add(value, bias)
        if hasResidual { v = V.add(v, V.prelu(V.fma(shift, V.sub(V(loading: residualRow + i * e.residualX), residualMean), scale), residualSlope)) }
        if activates { v = V.prelu(v, slope) }
        write(v, y + i * e.sx, number: 4 * c + i)
        if hasMoments {
          if e.setsPivot && c | i == 0 { pivot = v }
          let d = V.sub(v, pivot)
          (rowSum, rowSquare) = i == 0 ? (d, V.mul(d, d)) : (V.add(rowSum, d), V.fma(rowSquare, d, d))
        }
      }
      if hasMoments { (sum, square) = (V.add(sum, rowSum), V.add(square, rowSquare)) }
    }
    if hasMoments {
      pivot.stored(at: state)
      sum.stored(at: state + width)
      square.stored(at: state + 2 * width)
    }
  }

  /// Rows of a tile are short, and hardware does not see where the next tile's same phase writes.
  @inline(__always)
  private func fetchAhead(_ y: Floats, _ residual: Floats?) {
    for i in 4..<8 {
      if held == nil { cv_prefetch(y + i * e.sx) }
      if let residual { cv_prefetch(residual + i * e.residualX) }
    }
  }

  /// Voxel `number` of the tile, past the caches where it is streamed.
  @inline(__always)
  private func write(_ v: V, _ y: MutableFloats, number: Int) {
    guard let held else { return v.stored(at: y) }
    if V.lanes == 16 {
      v.streamed(at: y)
    } else if lane == 0 {
      v.stored(at: held + number * V.lanes)
    } else {
      V(loading: held + number * V.lanes).streamed(at: y - V.lanes)
      v.streamed(at: y)
    }
  }
}
