import CVector
import KernelTable

/// Stride 2 as phases. Along an axis a 3-tap filter of stride 2 is a 2-tap filter on one phase of the samples and a 1-tap filter on the
/// other; a transposed one gives one phase of the outputs by 2 taps and the other by 1. Both run as F(4, 2) on the same five points
/// ±1/2, ±5/4 and infinity: a 1-tap filter is a 2-tap filter that ends in zero, so its product at infinity vanishes and is left out.
///
/// Forward, the phases of a point are stacked in the inner dimension of the product; transposed, in its columns. 729 products for 64
/// outputs of a phase, where the direct form has 1728. The idea of phases: J. Huang et al., "DWM", AAAI 2020.
private typealias Line = InlineArray<5, Vector>
private typealias Plane = InlineArray<5, InlineArray<5, Vector>>

/// `Bᵀ d` at five points; with four samples the fifth is zero and its point unused.
@inline(__always)
private func inputPass(_ d: Line) -> Line {
  let a2: Float = 1 / 4, b2: Float = 25 / 16
  var r = d
  let evenA = fma(d[2], d[0], constant(-b2)), oddA = fma(d[3], d[1], constant(-b2))
  let evenB = fma(d[2], d[0], constant(-a2)), oddB = fma(d[3], d[1], constant(-a2))
  r[0] = fma(oddA, evenA, constant(0.5))
  r[1] = fma(oddA, evenA, constant(-0.5))
  r[2] = fma(oddB, evenB, constant(1.25))
  r[3] = fma(oddB, evenB, constant(-1.25))
  r[4] = fma(fma(d[4], d[2], constant(-(a2 + b2))), d[0], constant(a2 * b2))
  return r
}

/// `Aᵀ m`: four outputs in the first places.
@inline(__always)
private func outputPass(_ m: Line) -> Line {
  var r = m
  let sumA = add(m[0], m[1]), sumB = add(m[2], m[3]), differenceA = sub(m[0], m[1]), differenceB = sub(m[2], m[3])
  r[0] = add(sumA, sumB)
  r[1] = fma(multiply(differenceA, constant(0.5)), differenceB, constant(1.25))
  r[2] = fma(multiply(sumA, constant(0.25)), sumB, constant(1.5625))
  r[3] = fma(fma(m[4], differenceA, constant(0.125)), differenceB, constant(1.953125))
  return r
}

/// A plane is transformed in registers, the third axis goes through scratch. cz, cy, cx: points in use, 5 or 4.
@inline(__always)
private func transformInput(_ cz: Int, _ cy: Int, _ cx: Int, _ tile: UnsafePointer<TwoTapInputTile>) {
  let w = Vector.scalarCount, scratch = tile.pointee.scratch, offsets = tile.pointee.offsets
  let sz = tile.pointee.sz, sy = tile.pointee.sy, sx = tile.pointee.sx, next = tile.pointee.next
  for part in 0..<16 / w {
    for z in 0..<cz {
      let p = tile.pointee.x + part * w + z * sz, s = scratch + z * 25 * w
      var plane = Plane(repeating: Line(repeating: .zero))
      for i in 0..<cy {
        var line = Line(repeating: .zero)
        for j in 0..<cx {
          line[j] = load(p + i * sy + j * sx)
          if part == 0 { cv_prefetch(next + z * sz + i * sy + j * sx) }
        }
        plane[i] = inputPass(line)
      }
      for j in 0..<cx {
        var line = Line(repeating: .zero)
        for i in 0..<cy { line[i] = plane[i][j] }
        line = inputPass(line)
        for i in 0..<cy { store(line[i], s + (i * 5 + j) * w) }
      }
    }
    let v = tile.pointee.v + part * w
    for i in 0..<cy {
      for j in 0..<cx {
        var line = Line(repeating: .zero)
        for z in 0..<cz { line[z] = load(scratch + ((z * 5 + i) * 5 + j) * w) }
        line = inputPass(line)
        for z in 0..<cz { store(line[z], v + offsets[(z * 5 + i) * 5 + j]) }
      }
    }
  }
}

@inline(__always)
private func transformOutput(_ cz: Int, _ cy: Int, _ cx: Int, _ tile: UnsafePointer<TwoTapOutputTile>) {
  let w = Vector.scalarCount, scratch = tile.pointee.scratch, offsets = tile.pointee.offsets, values = scratch + 80 * w
  for part in 0..<16 / w {
    let m = tile.pointee.m + part * w
    for z in 0..<cz {
      let s = scratch + z * 16 * w
      var plane = Plane(repeating: Line(repeating: .zero))
      for i in 0..<cy {
        var line = Line(repeating: .zero)
        for j in 0..<cx { line[j] = load(m + offsets[(z * 5 + i) * 5 + j]) }
        plane[i] = outputPass(line)
      }
      for j in 0..<4 {
        var line = Line(repeating: .zero)
        for i in 0..<cy { line[i] = plane[i][j] }
        line = outputPass(line)
        for i in 0..<4 { store(line[i], s + (i * 4 + j) * w) }
      }
    }
    for c in 0..<16 {
      var line = Line(repeating: .zero)
      for z in 0..<cz { line[z] = load(scratch + (z * 16 + c) * w) }
      line = outputPass(line)
      for z in 0..<4 { store(line[z], values + (z * 16 + c) * w) }
    }
    finishTile(tile.pointee.epilogue, part * w, values)
  }
}

/// See `TwoTapInputTile`. The counts of points as constants, so that all lines stay in registers.
@inline(never)
func twoTapInput(_ tile: UnsafePointer<TwoTapInputTile>) {
  switch tile.pointee.phase {
  case 0: transformInput(4, 4, 4, tile)
  case 1: transformInput(4, 4, 5, tile)
  case 2: transformInput(4, 5, 4, tile)
  case 3: transformInput(4, 5, 5, tile)
  case 4: transformInput(5, 4, 4, tile)
  case 5: transformInput(5, 4, 5, tile)
  case 6: transformInput(5, 5, 4, tile)
  default: transformInput(5, 5, 5, tile)
  }
}

/// See `TwoTapOutputTile`.
@inline(never)
func twoTapOutput(_ tile: UnsafePointer<TwoTapOutputTile>) {
  switch tile.pointee.phase {
  case 0: transformOutput(4, 4, 4, tile)
  case 1: transformOutput(4, 4, 5, tile)
  case 2: transformOutput(4, 5, 4, tile)
  case 3: transformOutput(4, 5, 5, tile)
  case 4: transformOutput(5, 4, 4, tile)
  case 5: transformOutput(5, 4, 5, tile)
  case 6: transformOutput(5, 5, 4, tile)
  default: transformOutput(5, 5, 5, tile)
  }
}
