import CVector
import KernelTable

/// The input transform of a tile with `P` outputs along z and y and `X` along x, `C` channels. Constants, so that lines stay in registers and
/// addresses are sums.
enum InputPasses<let P: Int, let X: Int, let C: Int, V: FloatVector> {
  private typealias Plane = LinePass<P, V>
  private typealias Row = LinePass<X, V>

  /// z and y are transformed once per column of voxels and kept in a ring of as many columns as a tile has points along x; then x. Where a
  /// line of memory is several vectors, they follow each other: lines of the input are read, and lines of V are written, while they are near.
  @inline(__always)
  static func input(_ width: Int, _ row: UnsafePointer<WinogradInputRow>) {
    let count = row.pointee.count, scratch = row.pointee.scratch, ring = X + 2, slot = (P + 2) * (P + 2) * C
    var next = 0
    for tile in 0..<count {
      while next < X * tile + ring {
        column(width, row, next, scratch + next % ring * slot)
        next += 1
      }
      let out = row.pointee.v + tile * width
      // Where the ring begins as a constant: one address instead of one for each of its columns.
      switch X * tile % ring {
      case 0: lines(row, out, 0)
      case 2: lines(row, out, 2)
      case 4: lines(row, out, 4)
      default: lines(row, out, 6)
      }
    }
  }

  /// All lines along x, from a ring that begins with column `first`.
  @inline(__always)
  private static func lines(_ row: UnsafePointer<WinogradInputRow>, _ v: MutableFloats, _ first: Int) {
    let pointStride = row.pointee.pointStride, ring = X + 2, slot = (P + 2) * (P + 2) * C
    var columns = Floats(row.pointee.scratch), out = v
    for _ in 0..<(P + 2) * (P + 2) {
      for lane in stride(from: 0, to: C, by: V.lanes) {
        Row.input({ V(loading: columns + (first + $0) % ring * slot + lane) }) { $1.stored(at: out + $0 * pointStride + lane) }
      }
      columns += C
      out += ring * pointStride
    }
  }

  /// Column `number` of the row of tiles along z and y, to `slot`, `[z][y][C]`.
  @inline(__always)
  private static func column(_ width: Int, _ row: UnsafePointer<WinogradInputRow>, _ number: Int, _ slot: MutableFloats) {
    let x = row.pointee.x, sz = row.pointee.sz, sy = row.pointee.sy, n = P + 2, columns = X * row.pointee.count + 2, ahead = number + 4
    // The patches are many short rows, which hardware does not prefetch: some voxels on, or the start of the next row of tiles.
    let fetch = ahead < columns ? x + ahead * width : x + (ahead - columns) * width + P * sy
    for i in 0..<n { for j in 0..<n { cv_prefetch(fetch + i * sz + j * sy) } }
    let patch = row.pointee.scratch + (X + 2) * n * n * C
    for lane in stride(from: 0, to: C, by: V.lanes) {
      let p = x + number * width + lane
      if let coefficients = row.pointee.coefficients {
        let scale = V(loading: coefficients + lane), shift = V(loading: coefficients + width + lane)
        let slope = V(loading: coefficients + 2 * width + lane), mean = V(loading: coefficients + 3 * width + lane)
        planes(p, sz, sy, patch, slot + lane) { V.prelu(V.fma(shift, V.sub($0, mean), scale), slope) }
      } else if P == 4 {
        planesInPairs(p, sz, sy, slot + lane)
      } else {
        planes(p, sz, sy, patch, slot + lane) { $0 }
      }
    }
  }

  /// One row of a column after the other along z, kept in `patch`; then along y.
  @inline(__always)
  private static func planes(_ p: Floats, _ sz: Int, _ sy: Int, _ patch: MutableFloats, _ slot: MutableFloats, _ normed: (V) -> V) {
    let w = V.lanes, n = P + 2
    for j in 0..<n { Plane.input({ normed(V(loading: p + $0 * sz + j * sy)) }) { $1.stored(at: patch + ($0 * n + j) * w) } }
    for z in 0..<n { Plane.input({ V(loading: patch + (z * n + $0) * w) }) { $1.stored(at: slot + (z * n + $0) * C) } }
  }

  /// A column of F(4, 3) in both directions, two points along z at a time: samples are read again, and nothing is kept.
  @inline(__always)
  private static func planesInPairs(_ p: Floats, _ sz: Int, _ sy: Int, _ slot: MutableFloats) {
    for pair in 0..<3 {
      let r0 = F4<V>.inputPair(pair, p, sz), r1 = F4<V>.inputPair(pair, p + sy, sz), r2 = F4<V>.inputPair(pair, p + 2 * sy, sz)
      let r3 = F4<V>.inputPair(pair, p + 3 * sy, sz), r4 = F4<V>.inputPair(pair, p + 4 * sy, sz), r5 = F4<V>.inputPair(pair, p + 5 * sy, sz)
      F4<V>.store(F4<V>.input((r0.0, r1.0, r2.0, r3.0, r4.0, r5.0)), slot + (pair == 0 ? 0 : 2 * pair - 1) * 6 * C, C)
      F4<V>.store(F4<V>.input((r0.1, r1.1, r2.1, r3.1, r4.1, r5.1)), slot + (pair == 0 ? 5 : 2 * pair) * 6 * C, C)
    }
  }
}

/// The output transform of a tile with `P` outputs along z and y and `X` along x. Constants, so that lines stay in registers.
enum OutputPasses<let P: Int, let X: Int, V: FloatVector> {
  typealias Plane = LinePass<P, V>
  typealias Row = LinePass<X, V>

  /// z and y of all planes across x, to `[point along x][z][y]`; then x, with the epilogue.
  @inline(__always)
  static func output(_ width: Int, _ channels: Int, _ tile: UnsafePointer<WinogradOutputTile>) {
    let w = V.lanes, scratch = tile.pointee.scratch
    for part in 0..<channels / w {
      planes(tile.pointee.m + part * w, tile.pointee.pointStride, scratch)
      let held = channels == 16 ? scratch + (X + 2) * P * P * w : nil
      finishTile(V.self, plane: P, columns: X, width, tile.pointee.epilogue, part * w, held: held) { c, put in
        Row.output({ V(loading: scratch + ($0 * P * P + c) * w) }, put)
      }
    }
  }

  /// On its own, or constants of the epilogue would take registers in this loop.
  @inline(never)
  private static func planes(_ m: Floats, _ pointStride: Int, _ scratch: MutableFloats) {
    let sy = (X + 2) * pointStride, sz = (P + 2) * sy
    for x in 0..<X + 2 {
      let p = m + x * pointStride, s = scratch + x * P * P * V.lanes
      if P != 4 { smallPlane(p, sy, sz, s) } else if registers == 32 { pairsOfLines(p, sy, sz, s) } else { wholePlane(p, sy, sz, s) }
    }
  }

  /// All lines along z, then along y: four of two outputs.
  @inline(__always)
  private static func smallPlane(_ p: Floats, _ sy: Int, _ sz: Int, _ s: MutableFloats) {
    let w = V.lanes
    var lines = InlineArray<4, InlineArray<P, V>>(repeating: .init(repeating: V(repeating: 0)))
    for y in 0..<4 { Plane.output({ V(loading: p + y * sy + $0 * sz) }) { lines[y][$0] = $1 } }
    for z in 0..<P { Plane.output({ lines[$0][z] }) { $1.stored(at: s + (z * P + $0) * w) } }
  }

  /// Lines along z of the points ±p along y meet when both are there: 16 live vectors beside the next line. What needs neither the first
  /// line nor the last is stored before those are read, which keeps the compiler from mixing them all.
  @inline(__always)
  private static func pairsOfLines(_ p: Floats, _ sy: Int, _ sz: Int, _ s: MutableFloats) {
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
  private static func wholePlane(_ p: Floats, _ sy: Int, _ sz: Int, _ s: MutableFloats) {
    typealias T = F4<V>
    let w = V.lanes
    let r0 = T.output(T.load(p, sz)), r1 = T.output(T.load(p + sy, sz)), r2 = T.output(T.load(p + 2 * sy, sz))
    let r3 = T.output(T.load(p + 3 * sy, sz)), r4 = T.output(T.load(p + 4 * sy, sz)), r5 = T.output(T.load(p + 5 * sy, sz))
    T.store(T.output((r0.0, r1.0, r2.0, r3.0, r4.0, r5.0)), s, w)
    T.store(T.output((r0.1, r1.1, r2.1, r3.1, r4.1, r5.1)), s + 4 * w, w)
    T.store(T.output((r0.2, r1.2, r2.2, r3.2, r4.2, r5.2)), s + 8 * w, w)
    T.store(T.output((r0.3, r1.3, r2.3, r3.3, r4.3, r5.3)), s + 12 * w, w)
  }
}
