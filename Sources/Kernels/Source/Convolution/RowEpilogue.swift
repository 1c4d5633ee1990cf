import CVector
import KernelTable

/// See `TileEpilogue`: `P` rows of plane `z`, side by side, `C` channels of blocks of `width`; `values(place, put)` puts the voxels that lie at
/// `place` floats from the first one of each row of `C` channels, the first row first.
@inline(__always)
func finishRows<let P: Int, let C: Int, V: FloatVector>(
  _ rows: InlineArray<P, InlineArray<C, V>>.Type, _ width: Int, _ e: TileEpilogue, _ z: Int, _ values: (_ place: Int, _ put: (Int, V) -> Void) -> Void
) {
  @inline(__always)
  func finish(whole: Bool, residual: Bool, slope: Bool, moments: Bool) {
    VoxelRows<P, C, V>(width: width, e: e, z: z, isWhole: whole).finish(residual: residual, slope: slope, moments: moments, values)
  }
  switch (e.countY == P, e.residual != nil, e.slope != nil, e.moments != nil) {
  case (true, false, false, true): finish(whole: true, residual: false, slope: false, moments: true)
  case (true, false, _, false): finish(whole: true, residual: false, slope: true, moments: false)
  case (true, true, _, false): finish(whole: true, residual: true, slope: true, moments: false)
  case (true, _, _, true): finish(whole: true, residual: true, slope: true, moments: true)
  case (false, _, _, _): finish(whole: false, residual: true, slope: true, moments: true)
  }
}

/// Some rows of voxels. Whatever is known when it is made is a constant after inlining.
private struct VoxelRows<let P: Int, let C: Int, V: FloatVector> {
  let width: Int, e: TileEpilogue, z: Int, isWhole: Bool

  /// The flags say what there may be. Rows that are not all there are rare: they are looked at one by one.
  @inline(__always)
  func finish(residual: Bool, slope activates: Bool, moments: Bool, _ values: (_ place: Int, _ put: (Int, V) -> Void) -> Void) {
    let zero = V(repeating: 0), one = V(repeating: 1), state = e.moments ?? e.y
    let hasMoments = moments && e.moments != nil, setsPivot = e.setsPivot && z == 0
    // As many sums as a line of memory has vectors.
    var pivot = InlineArray<4, V>(repeating: zero), sum = pivot, square = pivot
    if hasMoments && !setsPivot {
      for h in 0..<C / V.lanes {
        pivot[h] = V(loading: state + h * V.lanes)
        sum[h] = V(loading: state + width + h * V.lanes)
        square[h] = V(loading: state + 2 * width + h * V.lanes)
      }
    }
    var y = e.y + z * e.sz, r = (e.residual ?? e.bias) + z * e.residualZ
    for c in 0..<e.countX {
      var line = InlineArray<4, InlineArray<P, V>>(repeating: .init(repeating: zero))
      for h in 0..<C / V.lanes {
        let lane = h * V.lanes, bias = V(loading: e.bias + lane)
        var rowSum = zero, rowSquare = zero
        values(c * C + lane) { j, value in
          if !isWhole && j >= e.countY { return }
          var v = V.add(value, bias)
          if residual, e.residual != nil { v = V.add(v, summand(r + j * e.residualY, lane)) }
          if activates { v = V.prelu(v, e.slope.map { V(loading: $0 + lane) } ?? one) }
          if holds { line[h][j] = v } else { write(v, y + j * e.sy + lane) }
          if hasMoments {
            if setsPivot && c | j == 0 { pivot[h] = v }
            let d = V.sub(v, pivot[h])
            (rowSum, rowSquare) = j == 0 ? (d, V.mul(d, d)) : (V.add(rowSum, d), V.fma(rowSquare, d, d))
          }
        }
        if hasMoments { (sum[h], square[h]) = (V.add(sum[h], rowSum), V.add(square[h], rowSquare)) }
      }
      if holds {
        for j in 0..<P where isWhole || j < e.countY { for h in 0..<C / V.lanes { write(line[h][j], y + j * e.sy + h * V.lanes) } }
      }
      y += e.sx
      r += e.residualX
    }
    if hasMoments {
      for h in 0..<C / V.lanes {
        pivot[h].stored(at: state + h * V.lanes)
        sum[h].stored(at: state + width + h * V.lanes)
        square[h].stored(at: state + 2 * width + h * V.lanes)
      }
    }
  }

  /// A residual that is not normalised is added as it is.
  @inline(__always)
  private func summand(_ residual: Floats, _ lane: Int) -> V {
    let value = V(loading: residual + lane)
    guard let c = e.residualCoefficients.map({ $0 + lane }) else { return value }
    let scale = V(loading: c), shift = V(loading: c + width), slope = V(loading: c + 2 * width), mean = V(loading: c + 3 * width)
    return V.prelu(V.fma(shift, V.sub(value, mean), scale), slope)
  }

  /// The first half of a line of memory waits for the second, or the line would be written past the caches in two halves.
  private var holds: Bool { C == 16 && V.lanes == 8 }

  /// Vectors of four lanes would take four writes for a line. Half a line is written past the caches with what nobody reads of it: else it would be
  /// read first, and written later.
  @inline(__always)
  private func write(_ v: V, _ y: MutableFloats) {
    if V.lanes < 8 || !e.streams { return v.stored(at: y) }
    v.streamed(at: y)
    if C == 8 { V(repeating: 0).streamed(at: y + 8) }
  }
}
