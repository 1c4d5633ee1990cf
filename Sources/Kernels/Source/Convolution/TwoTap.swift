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
  typealias Line = InlineArray<5, V>
  typealias Plane = InlineArray<5, InlineArray<5, V>>

  /// `Bᵀ d` at five points; with four samples the fifth is zero and its point unused.
  @inline(__always) static func inputPass(_ d: Line) -> Line {
    let a2: Float = 1 / 4, b2: Float = 25 / 16
    var r = d
    let evenA = V.fma(d[2], d[0], V(repeating: -b2)), oddA = V.fma(d[3], d[1], V(repeating: -b2))
    let evenB = V.fma(d[2], d[0], V(repeating: -a2)), oddB = V.fma(d[3], d[1], V(repeating: -a2))
    r[0] = V.fma(oddA, evenA, V(repeating: 0.5))
    r[1] = V.fma(oddA, evenA, V(repeating: -0.5))
    r[2] = V.fma(oddB, evenB, V(repeating: 1.25))
    r[3] = V.fma(oddB, evenB, V(repeating: -1.25))
    r[4] = V.fma(V.fma(d[4], d[2], V(repeating: -(a2 + b2))), d[0], V(repeating: a2 * b2))
    return r
  }

  /// Points 2 `pair` and 2 `pair` + 1 of that pass from memory; the pairs share no work. Pair 2 is infinity alone.
  @inline(__always) static func inputPair(_ pair: Int, _ p: Floats, _ s: Int) -> (V, V) {
    let a2: Float = 1 / 4, b2: Float = 25 / 16, d0 = V(loading: p), d2 = V(loading: p + 2 * s)
    if pair == 2 {
      let infinity = V.fma(V.fma(V(loading: p + 4 * s), d2, V(repeating: -(a2 + b2))), d0, V(repeating: a2 * b2))
      return (infinity, infinity)
    }
    let c: Float = pair == 0 ? -b2 : -a2, r: Float = pair == 0 ? 0.5 : 1.25
    let even = V.fma(d2, d0, V(repeating: c)), odd = V.fma(V(loading: p + 3 * s), V(loading: p + s), V(repeating: c))
    return (V.fma(odd, even, V(repeating: r)), V.fma(odd, even, V(repeating: -r)))
  }

  /// `Aᵀ m`: four outputs in the first places.
  @inline(__always) static func outputPass(_ m: Line) -> Line {
    let a = PointPair(m[0], m[1]), b = PointPair(m[2], m[3])
    var r = m
    r[0] = output0(a, b)
    r[1] = output1(a, b)
    r[2] = output2(a, b)
    r[3] = output3(a, b, m[4])
    return r
  }

  @inline(__always) static func output0(_ a: PointPair<V>, _ b: PointPair<V>) -> V { V.fma(b.difference, a.difference, V(repeating: -2.5)) }

  @inline(__always) static func output1(_ a: PointPair<V>, _ b: PointPair<V>) -> V { V.mul(V.sub(b.sum, a.sum), V(repeating: 1.25)) }

  @inline(__always) static func output2(_ a: PointPair<V>, _ b: PointPair<V>) -> V {
    V.fma(V.mul(a.difference, V(repeating: -0.625)), b.difference, V(repeating: 1.5625))
  }

  @inline(__always) static func output3(_ a: PointPair<V>, _ b: PointPair<V>, _ m4: V) -> V {
    V.fma(V.fma(m4, a.sum, V(repeating: -0.3125)), b.sum, V(repeating: 1.953125))
  }
}

/// The transforms of one phase: `Z`, `Y`, `X` points in use along the axes, 5 or 4. Constants, so that all lines stay in registers.
private enum Phase<let Z: Int, let Y: Int, let X: Int, V: FloatVector> {
  typealias T = F42<V>

  /// x and y of a plane of samples, whose points all stay in registers, to `[y][x][step]`.
  @inline(__always) private static func wholePlane(_ p: Floats, _ sy: Int, _ sx: Int, _ s: MutableFloats, _ step: Int) {
    let zero = V(repeating: 0)
    var plane = T.Plane(repeating: T.Line(repeating: zero))
    for i in 0..<Y {
      var line = T.Line(repeating: zero)
      for j in 0..<X { line[j] = V(loading: p + i * sy + j * sx) }
      plane[i] = T.inputPass(line)
    }
    for j in 0..<X {
      var line = T.Line(repeating: zero)
      for i in 0..<Y { line[i] = plane[i][j] }
      line = T.inputPass(line)
      for i in 0..<Y { line[i].stored(at: s + (i * 5 + j) * step) }
    }
  }

  /// The same two points along x at a time: ten live vectors, and samples that are read again.
  @inline(__always) private static func pairByPair(_ p: Floats, _ sy: Int, _ sx: Int, _ s: MutableFloats, _ step: Int) {
    let zero = V(repeating: 0)
    for pair in 0..<(X + 1) / 2 {
      var first = T.Line(repeating: zero), second = first
      for i in 0..<Y { (first[i], second[i]) = T.inputPair(pair, p + i * sy, sx) }
      first = T.inputPass(first)
      for i in 0..<Y { first[i].stored(at: s + (i * 5 + 2 * pair) * step) }
      if pair == 2 { continue }
      second = T.inputPass(second)
      for i in 0..<Y { second[i].stored(at: s + (i * 5 + 2 * pair + 1) * step) }
    }
  }

  /// x and y plane by plane, z through scratch. Where a line of memory is several vectors, they follow each other: lines of the input are read,
  /// and lines of V are written, while they are near.
  @inline(__always) static func input<let Width: Int>(_: InlineArray<Width, V>.Type, _ tile: UnsafePointer<TwoTapInputTile>) {
    let zero = V(repeating: 0), scratch = tile.pointee.scratch, offsets = tile.pointee.offsets, v = tile.pointee.v
    let sz = tile.pointee.sz, sy = tile.pointee.sy, sx = tile.pointee.sx, next = tile.pointee.next
    for z in 0..<Z {
      // Not the first of five samples: the tile before has it.
      if z >= Z - 4 { for i in Y - 4..<Y { for j in X - 4..<X { cv_prefetch(next + z * sz + i * sy + j * sx) } } }
      for lane in stride(from: 0, to: Width, by: V.lanes) {
        let p = tile.pointee.x + z * sz + lane, s = scratch + z * 25 * Width + lane
        if twoTapHoldsPlane { wholePlane(p, sy, sx, s, Width) } else { pairByPair(p, sy, sx, s, Width) }
      }
    }
    for i in 0..<Y {
      for j in 0..<X {
        for lane in stride(from: 0, to: Width, by: V.lanes) {
          var line = T.Line(repeating: zero)
          for z in 0..<Z { line[z] = V(loading: scratch + ((z * 5 + i) * 5 + j) * Width + lane) }
          line = T.inputPass(line)
          for z in 0..<Z { line[z].stored(at: v + offsets[(z * 5 + i) * 5 + j] + lane) }
        }
      }
    }
  }

  /// z and y of a plane of products, to `[4 z][4 y]`. Lines along z of the points ±p along y meet when both are there: 16 live vectors
  /// beside the next line. What does not need the line at infinity is stored before that is read, or the compiler mixes them all.
  @inline(__always) private static func outputPlane(_ m: Floats, _ offsets: UnsafePointer<Int>, _ s: MutableFloats) {
    let w = V.lanes, zero = V(repeating: 0)
    @inline(__always) func line(_ i: Int) -> T.Line {
      var line = T.Line(repeating: zero)
      for z in 0..<Z { line[z] = V(loading: m + offsets[(z * 5 + i) * 5]) }
      return T.outputPass(line)
    }
    let a = PointPair.ofLines(line(0), line(1)), b = PointPair.ofLines(line(2), line(3))
    for z in 0..<4 {
      T.output0(a[z], b[z]).stored(at: s + 4 * z * w)
      T.output1(a[z], b[z]).stored(at: s + (4 * z + 1) * w)
      T.output2(a[z], b[z]).stored(at: s + (4 * z + 2) * w)
      if Y == 4 { T.output3(a[z], b[z], zero).stored(at: s + (4 * z + 3) * w) }
    }
    if Y == 4 { return }
    let infinity = line(4)
    for z in 0..<4 { T.output3(a[z], b[z], infinity[z]).stored(at: s + (4 * z + 3) * w) }
  }

  /// z and y plane by plane, x through scratch.
  @inline(__always) static func output(_ width: Int, _ tile: UnsafePointer<TwoTapOutputTile>) {
    let w = V.lanes, zero = V(repeating: 0), scratch = tile.pointee.scratch, offsets = tile.pointee.offsets, values = scratch + 80 * w
    for part in 0..<width / w {
      let m = tile.pointee.m + part * w
      for x in 0..<X { outputPlane(m, offsets + x, scratch + x * 16 * w) }
      for c in 0..<16 {
        var line = T.Line(repeating: zero)
        for x in 0..<X { line[x] = V(loading: scratch + (x * 16 + c) * w) }
        line = T.outputPass(line)
        for i in 0..<4 { line[i].stored(at: values + (c * 4 + i) * w) }
      }
      finishValues(V.self, width, tile, part * w, values)
    }
  }
}

/// One for all phases: eight copies of the epilogue would not fit a cache of instructions.
@inline(never)
private func finishValues<V: FloatVector>(_: V.Type, _ width: Int, _ tile: UnsafePointer<TwoTapOutputTile>, _ lane: Int, _ values: Floats) {
  let w = V.lanes
  finishTile(V.self, width, tile.pointee.epilogue, lane, held: tile.pointee.scratch + 144 * w) { c, put in
    for i in 0..<4 { put(i, V(loading: values + (c * 4 + i) * w)) }
  }
}

/// See `TwoTapInputTile`.
@inline(never)
func twoTapInput(_ tile: UnsafePointer<TwoTapInputTile>) {
  if tile.pointee.width == 8 { input(InlineArray<8, ShortVector>.self, tile) } else { input(InlineArray<16, Vector>.self, tile) }
}

/// See `TwoTapOutputTile`.
@inline(never)
func twoTapOutput(_ tile: UnsafePointer<TwoTapOutputTile>) {
  if tile.pointee.width == 8 { output(ShortVector.self, 8, tile) } else { output(Vector.self, 16, tile) }
}

@inline(__always)
private func input<let Width: Int, V: FloatVector>(_ line: InlineArray<Width, V>.Type, _ tile: UnsafePointer<TwoTapInputTile>) {
  switch tile.pointee.phase {
  case 0: Phase<4, 4, 4, V>.input(line, tile)
  case 1: Phase<4, 4, 5, V>.input(line, tile)
  case 2: Phase<4, 5, 4, V>.input(line, tile)
  case 3: Phase<4, 5, 5, V>.input(line, tile)
  case 4: Phase<5, 4, 4, V>.input(line, tile)
  case 5: Phase<5, 4, 5, V>.input(line, tile)
  case 6: Phase<5, 5, 4, V>.input(line, tile)
  default: Phase<5, 5, 5, V>.input(line, tile)
  }
}

@inline(__always)
private func output<V: FloatVector>(_: V.Type, _ width: Int, _ tile: UnsafePointer<TwoTapOutputTile>) {
  switch tile.pointee.phase {
  case 0: Phase<4, 4, 4, V>.output(width, tile)
  case 1: Phase<4, 4, 5, V>.output(width, tile)
  case 2: Phase<4, 5, 4, V>.output(width, tile)
  case 3: Phase<4, 5, 5, V>.output(width, tile)
  case 4: Phase<5, 4, 4, V>.output(width, tile)
  case 5: Phase<5, 4, 5, V>.output(width, tile)
  case 6: Phase<5, 5, 4, V>.output(width, tile)
  default: Phase<5, 5, 5, V>.output(width, tile)
  }
}
