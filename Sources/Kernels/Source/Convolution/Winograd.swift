import CVector
import KernelTable

/// See `WinogradInputRow`. z and y are transformed once per column of voxels and kept in a ring of six columns, x last.
@inline(never)
func winogradInput(_ row: UnsafePointer<WinogradInputRow>) {
  if row.pointee.coefficients != nil { transformInput(true, row) } else { transformInput(false, row) }
}

@inline(__always)
private func transformInput(_ normed: Bool, _ row: UnsafePointer<WinogradInputRow>) {
  let count = row.pointee.count, x = row.pointee.x, sz = row.pointee.sz, sy = row.pointee.sy
  let v = row.pointee.v, pointStride = row.pointee.pointStride, scratch = row.pointee.scratch
  let coefficients = row.pointee.coefficients ?? x
  let w = Vector.scalarCount, patch = scratch + 216 * w, columns = 4 * count + 2, ahead = 4
  for part in 0..<16 / w {
    let scale = load(coefficients + part * w), shift = load(coefficients + 16 + part * w), slope = load(coefficients + 32 + part * w)
    var next = 0
    for tile in 0..<count {
      while next < 4 * tile + 6 {
        let p = x + next * 16 + part * w, slot = scratch + next % 6 * 36 * w
        // The patches are many short rows, which hardware does not prefetch: `ahead` voxels on, or the start of the next row of tiles.
        let fetch = next + ahead < columns ? x + (next + ahead) * 16 : x + (next + ahead - columns) * 16 + 4 * sy
        for i in 0..<6 {
          for j in 0..<6 {
            if part == 0 { cv_prefetch(fetch + i * sz + j * sy) }
            let d = load(p + i * sz + j * sy)
            store(normed ? prelu(fma(shift, d, scale), slope) : d, patch + (i * 6 + j) * w)
          }
        }
        for pair in 0..<3 {
          let r0 = F4.inputPair(pair, patch, 6 * w), r1 = F4.inputPair(pair, patch + w, 6 * w)
          let r2 = F4.inputPair(pair, patch + 2 * w, 6 * w), r3 = F4.inputPair(pair, patch + 3 * w, 6 * w)
          let r4 = F4.inputPair(pair, patch + 4 * w, 6 * w), r5 = F4.inputPair(pair, patch + 5 * w, 6 * w)
          store6(F4.input((r0.0, r1.0, r2.0, r3.0, r4.0, r5.0)), slot + (pair == 0 ? 0 : 2 * pair - 1) * 6 * w, w)
          store6(F4.input((r0.1, r1.1, r2.1, r3.1, r4.1, r5.1)), slot + (pair == 0 ? 5 : 2 * pair) * 6 * w, w)
        }
        next += 1
      }
      let b = 4 * tile
      let s0 = scratch + b % 6 * 36 * w, s1 = scratch + (b + 1) % 6 * 36 * w, s2 = scratch + (b + 2) % 6 * 36 * w
      let s3 = scratch + (b + 3) % 6 * 36 * w, s4 = scratch + (b + 4) % 6 * 36 * w, s5 = scratch + (b + 5) % 6 * 36 * w
      var out = v + tile * 16 + part * w
      for o in 0..<36 {
        let k = o * w
        store6(F4.input((load(s0 + k), load(s1 + k), load(s2 + k), load(s3 + k), load(s4 + k), load(s5 + k))), out, pointStride)
        out += 6 * pointStride
      }
    }
  }
}

extension Tile {
  /// Rows `first ..< first + rows` of one output block. U is used once a block of tiles: fetched 64 lines ahead past the second-level
  /// cache, it does not displace V and M there.
  @inline(__always)
  static func winograd(_ p: UnsafePointer<WinogradProduct>, _ first: Int, _ block: Int) {
    let inputBlocks = p.pointee.inputBlocks, lengths = p.pointee.lengths, blockStride = p.pointee.tiles * 16
    var a = p.pointee.v + first * 16, b = p.pointee.u + block * p.pointee.uBlock
    let c = p.pointee.m + (block * p.pointee.tiles + first) * 16
    var acc = Accumulators(repeating: .init(repeating: .init(repeating: .zero)))
    for i in 0..<inputBlocks {
      let length = lengths[i]
      if length == 16 {
        for k in 0..<16 {
          accumulate(&acc, a, k, 16, b, 16)
          cv_prefetch_once(b + 16 * 64)
          b += 16
        }
      } else {
        for k in 0..<length {
          accumulate(&acc, a, k, 16, b, 16)
          b += 16
        }
      }
      a += blockStride
    }
    for g in 0..<G { for i in 0..<MR { for j in 0..<NR { store(acc[g][i][j], c + (g * MR + i) * 16 + j * Vector.scalarCount) } } }
  }
}

/// See `WinogradProduct`. A last tile of rows overlaps the one before where rows are left over: the same sums, stored twice.
@inline(never)
func winogradProduct(_ p: UnsafePointer<WinogradProduct>) {
  let tiles = p.pointee.tiles
  for block in 0..<p.pointee.outputBlocks {
    var row = 0
    while tiles - row >= winogradRows {
      WinogradTile.winograd(p, row, block)
      row += winogradRows
    }
    if row == tiles { continue }
    if tiles - row > 4 && tiles >= winogradRows {
      WinogradTile.winograd(p, tiles - winogradRows, block)
      continue
    }
    while tiles - row >= SmallWinogradTile.rows {
      SmallWinogradTile.winograd(p, row, block)
      row += SmallWinogradTile.rows
    }
    while row < tiles {
      SingleWinogradTile.winograd(p, row, block)
      row += 1
    }
  }
}

/// See `WinogradOutputTile`.
@inline(never)
func winogradOutput(_ tile: UnsafePointer<WinogradOutputTile>) {
  let w = Vector.scalarCount, scratch = tile.pointee.scratch, values = scratch + 96 * w
  for part in 0..<16 / w {
    transformPlanes(tile.pointee.m + part * w, tile.pointee.pointStride, scratch)
    for c in 0..<16 { store4(F4.output(load6(scratch + c * w, 16 * w)), values + c * w, 16 * w) }
    finishTile(tile.pointee.epilogue, part * w, values)
  }
}

/// z and y of all six planes, to `[z point][4 y][...]`: scratch `[6][16]` vectors.
@inline(__always)
private func transformPlanes(_ m: Floats, _ pointStride: Int, _ scratch: MutableFloats) {
  let w = Vector.scalarCount
  for z in 0..<6 {
    let p = m + z * 36 * pointStride, s = scratch + z * 16 * w
    let r0 = F4.output(load6(p, pointStride)), r1 = F4.output(load6(p + 6 * pointStride, pointStride))
    let r2 = F4.output(load6(p + 12 * pointStride, pointStride)), r3 = F4.output(load6(p + 18 * pointStride, pointStride))
    let r4 = F4.output(load6(p + 24 * pointStride, pointStride)), r5 = F4.output(load6(p + 30 * pointStride, pointStride))
    store4(F4.output((r0.0, r1.0, r2.0, r3.0, r4.0, r5.0)), s, 4 * w)
    store4(F4.output((r0.1, r1.1, r2.1, r3.1, r4.1, r5.1)), s + w, 4 * w)
    store4(F4.output((r0.2, r1.2, r2.2, r3.2, r4.2, r5.2)), s + 2 * w, 4 * w)
    store4(F4.output((r0.3, r1.3, r2.3, r3.3, r4.3, r5.3)), s + 3 * w, 4 * w)
  }
}
