import CVector
import KernelTable

/// `sums[c][i] += x[c][i] * (scale * weights[i])` for a row of `count` voxels, each class c.
///
/// - x: a row of a window's logits: `xVoxel` floats from voxel to voxel, `xClass` from class to class. Plain logits have xClass the size of a
///   volume and xVoxel 1, -1 (flipped) or plus or minus a row (turned). Blocked ones have xClass 1 and xVoxel plus or minus 8 or 16, or a row
///   of blocks; the lanes up to the next multiple of 8 classes can be read and may hold anything (`BlendKernels.lanes`).
/// - weights: `[count]`, or nil for 1. sums: rows of neighbours, `sumsClass` floats from class to class.
/// - sumsNext: what lies so many floats after the sums is fetched: the rows of a window are short and far apart, and hardware does not
///   foresee them.
///
/// Rounds once for the weight and, where the ISA has FMA, once for the sum. Any cut into rows gives the same bits.
@inline(never)
func addLogits(
  _ count: Int, _ classes: Int, _ x: Floats, _ xVoxel: Int, _ xClass: Int, _ scale: Float, _ weights: Floats?, _ sums: MutableFloats,
  _ sumsClass: Int, _ sumsNext: Int
) {
  if xClass == 1 && (xVoxel > 1 || xVoxel < -1) {
    addVoxels(count, classes, x, xVoxel, scale, weights, sums, sumsClass, sumsNext)
  } else {
    for c in 0..<classes {
      let x = x + c * xClass, sums = sums + c * sumsClass
      switch xVoxel {
      case 1: forEachWeight(count, scale, weights) { i, lanes, w in add(Vector(loading: x + i, lanes), w, sums + i, lanes, sumsNext) }
      case -1: forEachWeight(count, scale, weights) { i, lanes, w in add(Vector(loadingReversed: x - i, lanes), w, sums + i, lanes, sumsNext) }
      default:
        forEachWeight(count, scale, weights) { i, lanes, w in add(Vector(gathering: x + i * xVoxel, xVoxel, lanes), w, sums + i, lanes, sumsNext) }
      }
    }
  }
}

/// Of blocked voxels: tiles of voxels times classes are transposed in registers.
@inline(__always)
private func addVoxels(
  _ count: Int, _ classes: Int, _ x: Floats, _ xVoxel: Int, _ scale: Float, _ weights: Floats?, _ sums: MutableFloats, _ sumsClass: Int,
  _ sumsNext: Int
) {
  let size = ShortVector.lanes
  for first in stride(from: 0, to: classes, by: size) {
    let exist = min(size, classes - first), x = x + first, sums = sums + first * sumsClass
    forEachWeight(count, scale, weights) { (i, lanes, weight: ShortVector) in
      var tile = ShortSquareTile()
      for v in 0..<size where v < lanes { tile.rows[v] = ShortVector(loading: x + (i + v) * xVoxel) }
      tile.lanesFirst()
      for c in 0..<size where c < exist { add(tile.rows[c], weight, sums + c * sumsClass + i, lanes, sumsNext) }
    }
  }
}

/// Calls `body` with each vector's first voxel, the voxels it has, and `scale * weights` for them.
@inline(__always)
private func forEachWeight<V: FloatVector>(_ count: Int, _ scale: Float, _ weights: Floats?, _ body: (_ i: Int, _ lanes: Int, _ weight: V) -> Void) {
  let scale = V(repeating: scale)
  forEachVector(of: V.lanes, count) { i, lanes in body(i, lanes, weights.map { V.mul(scale, V(loading: $0 + i, lanes)) } ?? scale) }
}

/// `sums += x * weight` for one vector.
@inline(__always)
private func add<V: FloatVector>(_ x: V, _ weight: V, _ sums: MutableFloats, _ lanes: Int, _ sumsNext: Int) {
  cv_prefetch(sums + sumsNext)
  V.fma(V(loading: sums, lanes), x, weight).stored(at: sums, lanes)
}

extension FloatVector {
  /// `p[0], p[-1], p[-2]...`, `count` of them.
  @inline(__always)
  fileprivate init(loadingReversed p: Floats, _ count: Int) {
    if count >= Self.lanes {
      self = Self.reverse(Self(loading: p - (Self.lanes - 1)))
    } else {
      self.init(gathering: p, -1, count)
    }
  }

  /// `p[0], p[step], p[2 * step]...`, `count` of them.
  @inline(__always)
  fileprivate init(gathering p: Floats, _ step: Int, _ count: Int) {
    var vector = Self(repeating: 0)
    for lane in 0..<Self.lanes where lane < count { vector[lane] = p[lane * step] }
    self = vector
  }
}
