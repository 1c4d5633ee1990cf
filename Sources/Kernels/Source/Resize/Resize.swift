import KernelTable

/// `y[o] = Σ over t of weights[o][t] * Σ over r of rowWeights[r] * x[r][positions[o][t]]`: nearest, linear and cubic interpolation.
///
/// - width: 8 or 16 channels a voxel; y: `[count][width]`.
/// - rows: source rows that the result's row lies between (1, 4, 16 for the three modes in 3D): `offsets[r]` floats from `x`, with
///   `rowWeights[r]`, the product of the weights along z and y.
/// - taps: source voxels of a result along x (1, 2, 4); positions, weights: `[count][taps]`, positions in voxels.
///
/// Tables say it all: coordinate transformation, edges, rounding of nearest (ONNX Resize 19). Bits do not depend on how rows are dealt out.
@inline(never)
func resizeRow(
  _ width: Int, _ count: Int, _ rows: Int, _ offsets: UnsafePointer<Int>, _ rowWeights: Floats, _ taps: Int, _ positions: UnsafePointer<Int>,
  _ weights: Floats, _ x: Floats, _ y: MutableFloats
) {
  if width == 16 {
    resizeRow(Vector.self, 16, count, rows, offsets, rowWeights, taps, positions, weights, x, y)
  } else {
    resizeRow(ShortVector.self, 8, count, rows, offsets, rowWeights, taps, positions, weights, x, y)
  }
}

@inline(__always)
private func resizeRow<V: FloatVector>(
  _: V.Type, _ width: Int, _ count: Int, _ rows: Int, _ offsets: UnsafePointer<Int>, _ rowWeights: Floats, _ taps: Int,
  _ positions: UnsafePointer<Int>, _ weights: Floats, _ x: Floats, _ y: MutableFloats
) {
  for part in 0..<width / V.lanes {
    let x = x + part * V.lanes, y = y + part * V.lanes
    if rows == 1 && taps == 1 {
      let weight = rowWeights[0]
      for o in 0..<count {
        V.mul(V(repeating: weight * weights[o]), V(loading: x + offsets[0] + positions[o] * width)).stored(at: y + o * width)
      }
    } else {
      for o in 0..<count {
        var sum = V(repeating: 0)
        for t in o * taps..<(o + 1) * taps {
          let column = x + positions[t] * width
          var inner = V.mul(V(repeating: rowWeights[0]), V(loading: column + offsets[0]))
          for r in 1..<max(1, rows) { inner = V.fma(inner, V(repeating: rowWeights[r]), V(loading: column + offsets[r])) }
          sum = V.fma(sum, V(repeating: weights[t]), inner)
        }
        sum.stored(at: y + o * width)
      }
    }
  }
}
