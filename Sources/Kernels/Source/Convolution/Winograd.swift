import CVector
import KernelTable

/// See `WinogradInputRow`. z and y are transformed once per column of voxels and kept in a ring of six columns, x last.
@inline(never)
func winogradInput(_ row: UnsafePointer<WinogradInputRow>) {
  switch (row.pointee.width, row.pointee.channels, row.pointee.coefficients != nil) {
  case (8, _, true): transformInput(ShortVector.self, 8, 8, true, row)
  case (8, _, false): transformInput(ShortVector.self, 8, 8, false, row)
  case (_, 8, true): transformInput(ShortVector.self, 16, 8, true, row)
  case (_, 8, false): transformInput(ShortVector.self, 16, 8, false, row)
  case (_, _, true): transformInput(Vector.self, 16, 16, true, row)
  case (_, _, false): transformInput(Vector.self, 16, 16, false, row)
  }
}

@inline(__always)
private func transformInput<V: FloatVector>(_: V.Type, _ width: Int, _ channels: Int, _ normed: Bool, _ row: UnsafePointer<WinogradInputRow>) {
  let count = row.pointee.count, x = row.pointee.x, sz = row.pointee.sz, sy = row.pointee.sy
  let v = row.pointee.v, pointStride = row.pointee.pointStride, scratch = row.pointee.scratch
  let coefficients = row.pointee.coefficients ?? x
  let w = V.lanes, patch = scratch + 216 * w, columns = 4 * count + 2, ahead = 4
  for part in 0..<channels / w {
    let scale = V(loading: coefficients + part * w), shift = V(loading: coefficients + width + part * w)
    let slope = V(loading: coefficients + 2 * width + part * w), mean = V(loading: coefficients + 3 * width + part * w)
    var next = 0
    for tile in 0..<count {
      while next < 4 * tile + 6 {
        let p = x + next * width + part * w, slot = scratch + next % 6 * 36 * w
        // The patches are many short rows, which hardware does not prefetch: `ahead` voxels on, or the start of the next row of tiles.
        let fetch = next + ahead < columns ? x + (next + ahead) * width : x + (next + ahead - columns) * width + 4 * sy
        if part == 0 { for i in 0..<6 { for j in 0..<6 { cv_prefetch(fetch + i * sz + j * sy) } } }
        if normed {
          // One row of the patch after the other along z, kept; then along y.
          for j in 0..<6 {
            let q = p + j * sy
            @inline(__always) func voxel(_ i: Int) -> V { V.prelu(V.fma(shift, V.sub(V(loading: q + i * sz), mean), scale), slope) }
            F4<V>.store(F4<V>.input((voxel(0), voxel(1), voxel(2), voxel(3), voxel(4), voxel(5))), patch + j * w, 6 * w)
          }
          for z in 0..<6 { F4<V>.store(F4<V>.input(F4<V>.load(patch + z * 6 * w, w)), slot + z * 6 * w, w) }
        } else {
          for pair in 0..<3 {
            let r0 = F4<V>.inputPair(pair, p, sz), r1 = F4<V>.inputPair(pair, p + sy, sz), r2 = F4<V>.inputPair(pair, p + 2 * sy, sz)
            let r3 = F4<V>.inputPair(pair, p + 3 * sy, sz), r4 = F4<V>.inputPair(pair, p + 4 * sy, sz), r5 = F4<V>.inputPair(pair, p + 5 * sy, sz)
            F4<V>.store(F4<V>.input((r0.0, r1.0, r2.0, r3.0, r4.0, r5.0)), slot + (pair == 0 ? 0 : 2 * pair - 1) * 6 * w, w)
            F4<V>.store(F4<V>.input((r0.1, r1.1, r2.1, r3.1, r4.1, r5.1)), slot + (pair == 0 ? 5 : 2 * pair) * 6 * w, w)
          }
        }
        next += 1
      }
      let b = 4 * tile
      let s0 = scratch + b % 6 * 36 * w, s1 = scratch + (b + 1) % 6 * 36 * w, s2 = scratch + (b + 2) % 6 * 36 * w
      let s3 = scratch + (b + 3) % 6 * 36 * w, s4 = scratch + (b + 4) % 6 * 36 * w, s5 = scratch + (b + 5) % 6 * 36 * w
      var out = v + tile * width + part * w
      for o in 0..<36 {
        let k = o * w
        F4<V>.store(F4<V>.input((V(loading: s0 + k), V(loading: s1 + k), V(loading: s2 + k), V(loading: s3 + k), V(loading: s4 + k), V(loading: s5 + k))), out, pointStride)
        out += 6 * pointStride
      }
    }
  }
}

extension Tile {
  /// Rows `first ..< first + rows` of one output block; a row of V is `vStep` floats, one of M `mStep`. U is used once a block
  /// of tiles: fetched 64 lines ahead past the second-level cache, it does not displace V and M there.
  @inline(__always)
  static func winograd(_ p: UnsafePointer<WinogradProduct>, _ first: Int, _ block: Int, _ vStep: Int, _ mStep: Int) {
    let inputBlocks = p.pointee.inputBlocks, lengths = p.pointee.lengths, blockStride = p.pointee.tiles * vStep
    var a = p.pointee.v + first * vStep, b = p.pointee.u + block * p.pointee.uBlock
    let c = p.pointee.m + (block * p.pointee.tiles + first) * mStep
    var acc = Accumulators(repeating: .init(repeating: .init(repeating: V(repeating: 0))))
    for i in 0..<inputBlocks {
      let length = lengths[i]
      if length == vStep {
        for k in 0..<vStep {
          accumulate(&acc, a, k, vStep, b, 16)
          cv_prefetch_once(b + 16 * 64)
          b += 16
        }
      } else {
        for k in 0..<length {
          accumulate(&acc, a, k, vStep, b, 16)
          b += 16
        }
      }
      a += blockStride
    }
    for g in 0..<G { for i in 0..<MR { for j in 0..<NR { acc[g][i][j].stored(at: c + (g * MR + i) * mStep + j * V.lanes) } } }
  }
}

/// All rows of some output blocks, in large tiles, then medium ones where less is left over. A last tile of rows overlaps the one before
/// where that is less than a whole one: the same sums, stored twice.
@inline(__always)
private func products<let G: Int, let MR: Int, let MediumG: Int, let MediumMR: Int, let NR: Int, V: FloatVector>(
  _ large: Tile<G, MR, NR, V>.Type, _ medium: Tile<MediumG, MediumMR, NR, V>.Type, _ p: UnsafePointer<WinogradProduct>, _ blocks: Range<Int>,
  _ vStep: Int, _ mStep: Int
) {
  let tiles = p.pointee.tiles
  for block in blocks {
    var row = 0
    while row < tiles {
      let left = tiles - row
      if left == large.rows || left >= 2 * large.rows || (left > large.rows && left > 2 * medium.rows) {
        large.winograd(p, row, block, vStep, mStep)
        row += large.rows
      } else if left >= medium.rows {
        medium.winograd(p, row, block, vStep, mStep)
        row += medium.rows
      } else if left > 4 && tiles >= medium.rows {
        medium.winograd(p, tiles - medium.rows, block, vStep, mStep)
        row = tiles
      } else if left >= 4 {
        Tile<1, 4, NR, V>.winograd(p, row, block, vStep, mStep)
        row += 4
      } else {
        Tile<1, 1, NR, V>.winograd(p, row, block, vStep, mStep)
        row += 1
      }
    }
  }
}

/// See `WinogradProduct`.
@inline(never)
func winogradProduct(_ p: UnsafePointer<WinogradProduct>) {
  let blocks = p.pointee.outputBlocks, whole = p.pointee.lastChannels == 8 ? blocks - 1 : blocks
  switch (p.pointee.inputWidth, p.pointee.outputWidth) {
  case (8, 8): products(ShortWinogradTile.self, MediumShortWinogradTile.self, p, 0..<blocks, 8, 8)
  case (_, 8): products(ShortWinogradTile.self, MediumShortWinogradTile.self, p, 0..<blocks, 16, 8)
  case (8, _):
    products(WinogradTile.self, MediumWinogradTile.self, p, 0..<whole, 8, 16)
    products(ShortWinogradTile.self, MediumShortWinogradTile.self, p, whole..<blocks, 8, 16)
  default:
    products(WinogradTile.self, MediumWinogradTile.self, p, 0..<whole, 16, 16)
    products(ShortWinogradTile.self, MediumShortWinogradTile.self, p, whole..<blocks, 16, 16)
  }
}

/// See `WinogradOutputTile`.
@inline(never)
func winogradOutput(_ tile: UnsafePointer<WinogradOutputTile>) {
  switch (tile.pointee.width, tile.pointee.channels) {
  case (8, _): transformOutput(ShortVector.self, 8, 8, tile)
  case (_, 8): transformOutput(ShortVector.self, 16, 8, tile)
  default: transformOutput(Vector.self, 16, 16, tile)
  }
}

@inline(__always)
private func transformOutput<V: FloatVector>(_: V.Type, _ width: Int, _ channels: Int, _ tile: UnsafePointer<WinogradOutputTile>) {
  let w = V.lanes, scratch = tile.pointee.scratch
  for part in 0..<channels / w {
    transformPlanes(V.self, tile.pointee.m + part * w, tile.pointee.pointStride, scratch)
    finishTile(V.self, width, tile.pointee.epilogue, part * w) { c in F4<V>.output(F4<V>.load(scratch + c * w, 16 * w)) }
  }
}

/// z and y of all six planes across x, to `[x point][4 z][4 y]`: scratch `[6][16]` vectors.
@inline(__always)
private func transformPlanes<V: FloatVector>(_: V.Type, _ m: Floats, _ pointStride: Int, _ scratch: MutableFloats) {
  let sy = 6 * pointStride, sz = 36 * pointStride
  for x in 0..<6 {
    let p = m + x * pointStride, s = scratch + x * 16 * V.lanes
    if registers == 32 { pairsOfLines(V.self, p, sy, sz, s) } else { wholePlane(V.self, p, sy, sz, s) }
  }
}

/// Lines along z of the points ±p along y meet when both are there: 16 live vectors beside the next line. What needs neither the first
/// line nor the last is stored before those are read, which keeps the compiler from mixing them all.
@inline(__always)
private func pairsOfLines<V: FloatVector>(_: V.Type, _ p: Floats, _ sy: Int, _ sz: Int, _ s: MutableFloats) {
  typealias T = F4<V>
  let w = V.lanes
  @inline(__always) func line(_ y: Int) -> InlineArray<4, V> {
    let r = T.output(T.load(p + y * sy, sz))
    return [r.0, r.1, r.2, r.3]
  }
  let a = PointPair.ofLines(line(1), line(2)), b = PointPair.ofLines(line(3), line(4))
  for z in 0..<4 {
    T.output1(a[z], b[z]).stored(at: s + (4 * z + 1) * w)
    T.output2(a[z], b[z]).stored(at: s + (4 * z + 2) * w)
  }
  let first = line(0)
  for z in 0..<4 { T.output0(first[z], a[z], b[z]).stored(at: s + 4 * z * w) }
  let last = line(5)
  for z in 0..<4 { T.output3(a[z], b[z], last[z]).stored(at: s + (4 * z + 3) * w) }
}

/// All six lines along z, then along y: 16 registers hold neither these 24 vectors nor those 16, and this order takes fewer instructions.
@inline(__always)
private func wholePlane<V: FloatVector>(_: V.Type, _ p: Floats, _ sy: Int, _ sz: Int, _ s: MutableFloats) {
  typealias T = F4<V>
  let w = V.lanes
  let r0 = T.output(T.load(p, sz)), r1 = T.output(T.load(p + sy, sz)), r2 = T.output(T.load(p + 2 * sy, sz))
  let r3 = T.output(T.load(p + 3 * sy, sz)), r4 = T.output(T.load(p + 4 * sy, sz)), r5 = T.output(T.load(p + 5 * sy, sz))
  T.store(T.output((r0.0, r1.0, r2.0, r3.0, r4.0, r5.0)), s, w)
  T.store(T.output((r0.1, r1.1, r2.1, r3.1, r4.1, r5.1)), s + 4 * w, w)
  T.store(T.output((r0.2, r1.2, r2.2, r3.2, r4.2, r5.2)), s + 8 * w, w)
  T.store(T.output((r0.3, r1.3, r2.3, r3.3, r4.3, r5.3)), s + 12 * w, w)
}
