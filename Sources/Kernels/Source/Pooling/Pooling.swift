import KernelTable

/// `y[o] = max x[row][position]` over `rows` rows and the positions of `shape` that lie in the row; -infinity where there are none.
///
/// - width: 8 or 16 channels a voxel; y: `[shape.count][width]`.
/// - offsets: floats from `x` to voxel 0 of each row that the neighbourhood has along z and y and that exists. What lies outside of a row is
///   not read: padding is no maximum.
///
/// NaN wins. The bits do not depend on anything but the values. (ONNX MaxPool 12 without indices.)
@inline(never)
func maxPoolRow(_ width: Int, _ shape: PoolingRow, _ rows: Int, _ offsets: UnsafePointer<Int>, _ x: Floats, _ y: MutableFloats) {
  if width == 16 {
    poolRow(Vector.self, 16, shape, rows, offsets, x, y, -.infinity, { Vector.maximum($0, $1) }, { sum, _ in sum })
  } else {
    poolRow(ShortVector.self, 8, shape, rows, offsets, x, y, -.infinity, { ShortVector.maximum($0, $1) }, { sum, _ in sum })
  }
}

/// `y[o] = (Σ x[row][position]) / (countedRows * counted positions)`, else as `maxPoolRow` (ONNX AveragePool 22).
///
/// - countedRows: of the neighbourhood along z and y, those that count: rows that exist, or rows of padding too.
///
/// The sum runs over rows, then positions, in float.
@inline(never)
func averagePoolRow(
  _ width: Int, _ shape: PoolingRow, _ rows: Int, _ offsets: UnsafePointer<Int>, _ countedRows: Int, _ x: Floats, _ y: MutableFloats
) {
  if width == 16 {
    poolRow(Vector.self, 16, shape, rows, offsets, x, y, 0, { Vector.add($0, $1) }) { sum, o in
      Vector.div(sum, Vector(repeating: Float(countedRows * shape.taps(o, shape.counted).count)))
    }
  } else {
    poolRow(ShortVector.self, 8, shape, rows, offsets, x, y, 0, { ShortVector.add($0, $1) }) { sum, o in
      ShortVector.div(sum, ShortVector(repeating: Float(countedRows * shape.taps(o, shape.counted).count)))
    }
  }
}

@inline(__always)
private func poolRow<V: FloatVector>(
  _: V.Type, _ width: Int, _ shape: PoolingRow, _ rows: Int, _ offsets: UnsafePointer<Int>, _ x: Floats, _ y: MutableFloats, _ start: Float,
  _ join: (V, V) -> V, _ finish: (_ joined: V, _ o: Int) -> V
) {
  let step = shape.dilation * width
  for o in 0..<shape.count {
    let taps = shape.taps(o, 0..<shape.inputs), first = (o * shape.stride - shape.before + taps.lowerBound * shape.dilation) * width
    for part in 0..<width / V.lanes {
      var joined = V(repeating: start)
      for row in 0..<rows {
        var p = x + offsets[row] + first + part * V.lanes
        for _ in taps {
          joined = join(joined, V(loading: p))
          p += step
        }
      }
      finish(joined, o).stored(at: y + o * width + part * V.lanes)
    }
  }
}

extension PoolingRow {
  /// Those t for which result o looks at a position in `range`; an empty range is at 0.
  @inline(__always)
  fileprivate func taps(_ o: Int, _ range: Range<Int>) -> Range<Int> {
    let start = o * stride - before
    let from = start < range.lowerBound ? (range.lowerBound - start + dilation - 1) / dilation : 0
    let to = min(kernel, start < range.upperBound ? (range.upperBound - start + dilation - 1) / dilation : 0)
    return from < to ? Range(uncheckedBounds: (from, to)) : Range(uncheckedBounds: (0, 0))
  }
}
