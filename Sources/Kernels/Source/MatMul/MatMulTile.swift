import KernelTable

/// M rows times N vectors of columns of a product, held in registers while k runs.
struct ProductTile<let M: Int, let N: Int> {
  /// `c[i][j] = start + Σ a[i][l] * b[l][j]` for l below `k`.
  ///
  /// - rows: of the M that exist, 1...M; the others compute the last one again.
  /// - columns: that exist in c; N vectors are computed.
  /// - b: `[k][N vectors]`. start: where the sums begin.
  @inline(__always)
  static func multiply(
    _ rows: Int, _ columns: Int, _ k: Int, _ a: Floats, _ aRow: Int, _ aColumn: Int, _ b: Floats, _ start: TileStart, _ c: MutableFloats, _ cRow: Int
  ) {
    var sums = InlineArray<M, InlineArray<N, Vector>> { i in
      InlineArray<N, Vector> { j in start.vector(min(i, rows - 1), j * Vector.lanes, columns - j * Vector.lanes) }
    }
    let offsets = InlineArray<M, Int> { i in min(i, rows - 1) * aRow }
    var a = a, b = b
    for _ in 0..<k {
      let right = InlineArray<N, Vector> { j in Vector(loading: b + j * Vector.lanes) }
      for i in 0..<M {
        let left = Vector(repeating: a[offsets[i]])
        for j in 0..<N { sums[i][j] = Vector.fma(sums[i][j], left, right[j]) }
      }
      a += aColumn
      b += N * Vector.lanes
    }
    for i in 0..<M where i < rows {
      for j in 0..<N { sums[i][j].stored(at: c + i * cRow + j * Vector.lanes, columns - j * Vector.lanes) }
    }
  }
}

/// Where the sums of a tile begin: at a bias a column plus a matrix, or, where k is cut into blocks, at what c holds.
struct TileStart {
  let bias: Floats?, matrix: Floats?, row: Int

  /// Of row i, columns j and up; `count` of them exist.
  @inline(__always)
  func vector(_ i: Int, _ j: Int, _ count: Int) -> Vector {
    let zero = Vector(repeating: 0)
    let first = bias.map { Vector(loading: $0 + j, count) } ?? zero
    guard let matrix else { return first }
    let second = Vector(loading: matrix + i * row + j, count)
    return bias == nil ? second : Vector.add(first, second)
  }
}
