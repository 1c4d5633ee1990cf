import KernelTable

/// M rows times N vectors of columns of a product, held in registers while k runs.
///
/// All loops are over constants with small bodies: they are unrolled, or the sums would live in memory.
struct ProductTile<let M: Int, let N: Int> {
  /// `c[i][j] = start + Σ a[i][l] * b[l][j]` for l below `k`.
  ///
  /// - rows: of the M that exist, 1...M; the others compute the last one again.
  /// - columns: that exist in c; N vectors are computed.
  /// - b: k rows of N vectors. start: where the sums begin. c: vectors of a row are `cStep` apart.
  @inline(__always)
  static func multiply(
    _ rows: Int, _ columns: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ b: TileColumns, _ start: TileStart, _ c: MutableFloats,
    _ cRow: Int, _ cStep: Int
  ) {
    let last = columns - (N - 1) * Vector.lanes
    if last == Vector.lanes {
      multiply(WholeVector.self, rows, last, k, a, aRow, aColumn, b, start, c, cRow, cStep)
    } else if Vector.lanes > 8 && last == 8 {
      multiply(EightLanes.self, rows, last, k, a, aRow, aColumn, b, start, c, cRow, cStep)
    } else {
      multiply(SomeLanes.self, rows, last, k, a, aRow, aColumn, b, start, c, cRow, cStep)
    }
  }

  /// `last`: columns of the last vector.
  @inline(__always)
  private static func multiply<E: LastVector>(
    _: E.Type, _ rows: Int, _ last: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ b: TileColumns, _ start: TileStart, _ c: MutableFloats,
    _ cRow: Int, _ cStep: Int
  ) {
    let zero = Vector(repeating: 0)
    var sums = InlineArray<M, InlineArray<N, Vector>> { _ in InlineArray<N, Vector> { _ in zero } }
    if let matrix = start.matrix {
      for i in 0..<M {
        let p = matrix + min(i, rows - 1) * start.row
        for j in 0..<N { sums[i][j] = j < N - 1 ? Vector(loading: p + j * start.step) : E.load(p + j * start.step, last) }
      }
    }
    if let bias = start.bias {
      let first = InlineArray<N, Vector> { j in j < N - 1 ? Vector(loading: bias + j * Vector.lanes) : E.load(bias + j * Vector.lanes, last) }
      for i in 0..<M { for j in 0..<N { sums[i][j] = Vector.add(first[j], sums[i][j]) } }
    }
    let offsets = InlineArray<M, Int> { i in min(i, rows - 1) * aRow }
    var a = a, right = b.floats
    for _ in 0..<k {
      let columns = InlineArray<N, Vector> { j in Vector(loading: right + j * b.step) }
      for i in 0..<M {
        let left = Vector(repeating: a[offsets[i]])
        for j in 0..<N { sums[i][j] = Vector.fma(sums[i][j], left, columns[j]) }
      }
      a += aColumn
      right += 16
    }
    for i in 0..<M where i < rows {
      let p = c + i * cRow
      for j in 0..<N { if j < N - 1 { sums[i][j].stored(at: p + j * cStep) } else { E.store(sums[i][j], at: p + j * cStep, last) } }
    }
  }
}

/// How the last vector of a row is read and written. Types without values: the tile is compiled for each.
private protocol LastVector {
  static func load(_ p: Floats, _ count: Int) -> Vector
  static func store(_ x: Vector, at p: MutableFloats, _ count: Int)
}

private enum WholeVector: LastVector {
  @inline(__always) static func load(_ p: Floats, _ count: Int) -> Vector { Vector(loading: p) }
  @inline(__always) static func store(_ x: Vector, at p: MutableFloats, _ count: Int) { x.stored(at: p) }
}

private enum EightLanes: LastVector {
  @inline(__always) static func load(_ p: Floats, _ count: Int) -> Vector { Vector(loadingEight: p) }
  @inline(__always) static func store(_ x: Vector, at p: MutableFloats, _ count: Int) { x.storedEight(at: p) }
}

private enum SomeLanes: LastVector {
  @inline(__always) static func load(_ p: Floats, _ count: Int) -> Vector { Vector(loading: p, count) }
  @inline(__always) static func store(_ x: Vector, at p: MutableFloats, _ count: Int) { x.stored(at: p, count) }
}

/// Where the sums of a tile begin: at a bias a column plus a matrix, or, where k is cut into blocks, at what c holds.
struct TileStart {
  let bias: Floats?
  /// Its rows are `row` floats apart, vectors of a row `step`.
  let matrix: Floats?, row: Int, step: Int
}

/// Some vectors of columns of a matrix in blocks of 16 columns: rows are 16 floats apart, vectors of a row `step`.
struct TileColumns {
  let floats: Floats, step: Int
}
