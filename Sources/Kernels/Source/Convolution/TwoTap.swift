import CVector
import KernelTable

/// Stride 2 as phases. Along an axis a 3-tap filter of stride 2 is a 2-tap filter on one phase of the samples and a 1-tap filter on the
/// other; a transposed one gives one phase of the outputs by 2 taps and the other by 1. Both run as F(4, 2) on the same five points
/// ±1/2, ±5/4 and infinity: a 1-tap filter is a 2-tap filter that ends in zero, so its product at infinity vanishes and is left out.
///
/// Forward, the phases of a point are stacked in the inner dimension of the product; transposed, in its columns. 729 products for 64
/// outputs of a phase, where the direct form has 1728. The idea of phases: J. Huang et al., "DWM", AAAI 2020.
///
/// The factors of Lagrange's formula, ±16/21 at ±1/2 and ±32/105 at ±5/4, are split: weights have 32/105 at all four points, outputs the ratios
/// ±5/2 and ±1. Then the weights of a 1-tap filter are the same at all points: 216 numbers instead of 729 for each pair of channels.
private enum F42<V: FloatVector> {
  /// `Bᵀ d` at the five points; one tap has four samples and no product at infinity. All that is read is read before, so that points may take its
  /// place.
  @inline(__always) static func input(taps: Int, _ d: (Int) -> V, _ put: (Int, V) -> Void) {
    let a2: Float = 1 / 4, b2: Float = 25 / 16
    let d0 = d(0), d1 = d(1), d2 = d(2), d3 = d(3), d4 = taps == 2 ? d(4) : d0
    let evenA = V.fma(d2, d0, V(repeating: -b2)), oddA = V.fma(d3, d1, V(repeating: -b2))
    let evenB = V.fma(d2, d0, V(repeating: -a2)), oddB = V.fma(d3, d1, V(repeating: -a2))
    put(0, V.fma(oddA, evenA, V(repeating: 0.5)))
    put(1, V.fma(oddA, evenA, V(repeating: -0.5)))
    put(2, V.fma(oddB, evenB, V(repeating: 1.25)))
    put(3, V.fma(oddB, evenB, V(repeating: -1.25)))
    if taps == 2 { put(4, V.fma(V.fma(d4, d2, V(repeating: -(a2 + b2))), d0, V(repeating: a2 * b2))) }
  }

  /// `Aᵀ m`: four outputs, which may take the place of the points.
  @inline(__always) static func output(taps: Int, _ m: (Int) -> V, _ put: (Int, V) -> Void) {
    let a = PointPair(m(0), m(1)), b = PointPair(m(2), m(3)), m4 = taps == 2 ? m(4) : V(repeating: 0)
    put(0, V.fma(b.difference, a.difference, V(repeating: -2.5)))
    put(1, V.mul(V.sub(b.sum, a.sum), V(repeating: 1.25)))
    put(2, V.fma(V.mul(a.difference, V(repeating: -0.625)), b.difference, V(repeating: 1.5625)))
    put(3, V.fma(V.fma(m4, a.sum, V(repeating: -0.3125)), b.sum, V(repeating: 1.953125)))
  }
}

/// The transforms of a row of tiles, blocks of `C` channels, line by line; see `InputPasses`. Where both phases of an axis are there, they alternate:
/// what belongs to two taps comes first.
private enum TwoTapPasses<let C: Int, V: FloatVector> {
  private typealias T = F42<V>

  /// z of all voxels that the tiles read, then y in place.
  @inline(__always)
  static func input(_ row: UnsafePointer<TwoTapInputRow>) {
    if row.pointee.bothPhases { input(bothPhases: true, row) } else { input(bothPhases: false, row) }
  }

  @inline(__always)
  private static func input(bothPhases: Bool, _ row: UnsafePointer<TwoTapInputRow>) {
    let n = bothPhases ? 9 : 5, floats = ((bothPhases ? 8 : 4) * row.pointee.count + 1) * C, step = row.pointee.lineStride, lines = row.pointee.lines
    for j in 0..<n { inputPass(bothPhases, floats, row.pointee.x + j * row.pointee.sy, row.pointee.sz, lines + j * step, n * step) }
    for z in 0..<n { inputPass(bothPhases, floats, Floats(lines + z * n * step), step, lines + z * n * step, step) }
  }

  /// One pass over lines `from` apart to lines `to` apart, which may be the same.
  @inline(__always)
  private static func inputPass(_ bothPhases: Bool, _ floats: Int, _ x: Floats, _ from: Int, _ lines: MutableFloats, _ to: Int) {
    var p = x, q = lines
    for _ in 0..<floats / V.lanes {
      if bothPhases {
        T.input(taps: 2, { V(loading: p + 2 * $0 * from) }) { $1.stored(at: q + 2 * $0 * to) }
        T.input(taps: 1, { V(loading: p + (2 * $0 + 1) * from) }) { $1.stored(at: q + (2 * $0 + 1) * to) }
      } else {
        T.input(taps: 2, { V(loading: p + $0 * from) }) { $1.stored(at: q + $0 * to) }
      }
      p += V.lanes
      q += V.lanes
    }
  }

  /// x of one line, from voxels to points.
  @inline(__always)
  static func toPoints(_ line: UnsafePointer<TwoTapLine>) {
    let stride = line.pointee.pointStride
    forEachVector(line) { voxels, two, infinity, one in
      if let one {
        T.input(taps: 2, { V(loading: voxels + 2 * $0 * C) }) { $1.stored(at: $0 == 4 ? infinity : two + $0 * stride) }
        T.input(taps: 1, { V(loading: voxels + (2 * $0 + 1) * C) }) { $1.stored(at: one + $0 * stride) }
      } else {
        T.input(taps: 2, { V(loading: voxels + $0 * C) }) { $1.stored(at: $0 == 4 ? infinity : two + $0 * stride) }
      }
    }
  }

  /// x of one line, from points to voxels, where odd outputs have two taps.
  @inline(__always)
  static func toVoxels(_ line: UnsafePointer<TwoTapLine>) {
    let stride = line.pointee.pointStride
    forEachVector(line) { voxels, two, infinity, one in
      if let one {
        T.output(taps: 1, { V(loading: one + $0 * stride) }) { $1.stored(at: voxels + 2 * $0 * C) }
        T.output(taps: 2, { V(loading: $0 == 4 ? infinity : two + $0 * stride) }) { $1.stored(at: voxels + (2 * $0 + 1) * C) }
      } else {
        T.output(taps: 2, { V(loading: $0 == 4 ? infinity : two + $0 * stride) }) { $1.stored(at: voxels + $0 * C) }
      }
    }
  }

  @inline(__always)
  private static func forEachVector(
    _ line: UnsafePointer<TwoTapLine>, _ body: (_ voxels: MutableFloats, _ two: MutableFloats, _ infinity: MutableFloats, _ one: MutableFloats?) -> Void
  ) {
    let step = line.pointee.rowStride
    var voxels = line.pointee.line, two = line.pointee.twoTaps, infinity = line.pointee.infinity
    if var one = line.pointee.oneTap {
      for _ in 0..<line.pointee.count {
        for lane in stride(from: 0, to: C, by: V.lanes) { body(voxels + lane, two + lane, infinity + lane, one + lane) }
        voxels += 8 * C
        two += step
        infinity += step
        one += step
      }
    } else {
      for _ in 0..<line.pointee.count {
        for lane in stride(from: 0, to: C, by: V.lanes) { body(voxels + lane, two + lane, infinity + lane, nil) }
        voxels += 4 * C
        two += step
        infinity += step
      }
    }
  }

  /// z of all voxels in place, then y with the epilogue, one phase after the other.
  @inline(__always)
  static func output(_ row: UnsafePointer<TwoTapOutputRow>) {
    if row.pointee.bothPhases { output(bothPhases: true, row) } else { output(bothPhases: false, row) }
  }

  @inline(__always)
  private static func output(bothPhases: Bool, _ row: UnsafePointer<TwoTapOutputRow>) {
    let n = bothPhases ? 9 : 5, step = row.pointee.lineStride, e = row.pointee.epilogue
    for j in 0..<n { outputPass(bothPhases, e.countX * C, row.pointee.lines + j * step, n * step) }
    for z in 0..<e.countZ {
      // Odd outputs have two taps, which come first.
      let plane = Floats(row.pointee.lines + (bothPhases ? z ^ 1 : z) * n * step)
      if bothPhases {
        finishPhase(taps: 1, plane + step, 2 * step, e, z)
        if e.countY > 1 { finishPhase(taps: 2, plane, 2 * step, e, z) }
      } else {
        finishRows(InlineArray<4, InlineArray<C, V>>.self, C, e, z) { place, put in T.output(taps: 2, { V(loading: plane + $0 * step + place) }, put) }
      }
    }
  }

  @inline(__always)
  private static func outputPass(_ bothPhases: Bool, _ floats: Int, _ lines: MutableFloats, _ step: Int) {
    var p = lines
    for _ in 0..<floats / V.lanes {
      if bothPhases {
        T.output(taps: 2, { V(loading: p + 2 * $0 * step) }) { $1.stored(at: p + 2 * $0 * step) }
        T.output(taps: 1, { V(loading: p + (2 * $0 + 1) * step) }) { $1.stored(at: p + (2 * $0 + 1) * step) }
      } else {
        T.output(taps: 2, { V(loading: p + $0 * step) }) { $1.stored(at: p + $0 * step) }
      }
      p += V.lanes
    }
  }

  /// Every second row along y of plane `z`, the even ones for one tap.
  @inline(__always)
  private static func finishPhase(taps: Int, _ lines: Floats, _ step: Int, _ epilogue: TileEpilogue, _ z: Int) {
    var e = epilogue
    let first = taps - 1
    e.y += first * e.sy
    e.residual = e.residual.map { $0 + first * e.residualY }
    e.countY = (e.countY + 1 - first) / 2
    (e.sy, e.residualY) = (2 * e.sy, 2 * e.residualY)
    if taps == 2 { e.setsPivot = false }
    finishRows(InlineArray<4, InlineArray<C, V>>.self, C, e, z) { place, put in T.output(taps: taps, { V(loading: lines + $0 * step + place) }, put) }
  }
}

/// See `TwoTapInputRow`.
@inline(never)
func twoTapInput(_ row: UnsafePointer<TwoTapInputRow>) {
  if row.pointee.width == 8 { TwoTapPasses<8, ShortVector>.input(row) } else { TwoTapPasses<16, Vector>.input(row) }
}

/// See `TwoTapLine`.
@inline(never)
func twoTapInputLine(_ line: UnsafePointer<TwoTapLine>) {
  if line.pointee.width == 8 { TwoTapPasses<8, ShortVector>.toPoints(line) } else { TwoTapPasses<16, Vector>.toPoints(line) }
}

/// See `TwoTapLine`.
@inline(never)
func twoTapOutputLine(_ line: UnsafePointer<TwoTapLine>) {
  if line.pointee.width == 8 { TwoTapPasses<8, ShortVector>.toVoxels(line) } else { TwoTapPasses<16, Vector>.toVoxels(line) }
}

/// See `TwoTapOutputRow`.
@inline(never)
func twoTapOutput(_ row: UnsafePointer<TwoTapOutputRow>) {
  if row.pointee.width == 8 { TwoTapPasses<8, ShortVector>.output(row) } else { TwoTapPasses<16, Vector>.output(row) }
}
