import KernelTable

/// `sums[c][i] += x[c][i] * (scale * weights[i])` for a row of `count` voxels, each class c.
///
/// - x: a row of a window's logits: `xVoxel` floats from voxel to voxel, `xClass` from class to class. Plain logits have xClass the size of a
///   volume and xVoxel 1, -1 (flipped) or plus or minus a row (turned). Blocked ones have xClass 1 and xVoxel plus or minus 8 or 16, or a row
///   of blocks; the lanes up to the next multiple of 8 classes can be read and may hold anything.
/// - weights: `[count]`, or nil for 1. sums: rows of neighbours, `sumsClass` floats from class to class.
///
/// Rounds once for the weight and, where the ISA has FMA, once for the sum. Any cut into rows gives the same bits.
@inline(never)
func addLogits(
  _ count: Int, _ classes: Int, _ x: Floats, _ xVoxel: Int, _ xClass: Int, _ scale: Float, _ weights: Floats?, _ sums: MutableFloats,
  _ sumsClass: Int
) {
  if xClass == 1 && xVoxel != 1 {
    addVoxels(count, classes, x, xVoxel, scale, weights, sums, sumsClass)
  } else {
    for c in 0..<classes {
      let x = x + c * xClass, sums = sums + c * sumsClass
      switch xVoxel {
      case 1: forEachVector(count) { i, lanes in add(Vector(loading: x + i, lanes), i, lanes, scale, weights, sums) }
      case -1: forEachVector(count) { i, lanes in add(Vector(loadingReversed: x - i, lanes), i, lanes, scale, weights, sums) }
      default: forEachVector(count) { i, lanes in add(Vector(gathering: x + i * xVoxel, xVoxel, lanes), i, lanes, scale, weights, sums) }
      }
    }
  }
}

/// Of blocked voxels: tiles of voxels times classes are transposed in registers.
@inline(__always)
private func addVoxels(
  _ count: Int, _ classes: Int, _ x: Floats, _ xVoxel: Int, _ scale: Float, _ weights: Floats?, _ sums: MutableFloats, _ sumsClass: Int
) {
  let size = ShortVector.lanes
  for first in stride(from: 0, to: classes, by: size) {
    let exist = min(size, classes - first), x = x + first, sums = sums + first * sumsClass
    forEachVector(of: size, count) { i, lanes in
      var tile = ShortSquareTile()
      for v in 0..<size where v < lanes { tile.rows[v] = ShortVector(loading: x + (i + v) * xVoxel) }
      tile.lanesFirst()
      for c in 0..<size where c < exist { add(tile.rows[c], i, lanes, scale, weights, sums + c * sumsClass) }
    }
  }
}

/// `sums[i] += x * (scale * weights[i])` for one vector.
@inline(__always)
private func add<V: FloatVector>(_ x: V, _ i: Int, _ lanes: Int, _ scale: Float, _ weights: Floats?, _ sums: MutableFloats) {
  let scale = V(repeating: scale), weight = weights.map { V.mul(scale, V(loading: $0 + i, lanes)) } ?? scale
  V.fma(V(loading: sums + i, lanes), x, weight).stored(at: sums + i, lanes)
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
