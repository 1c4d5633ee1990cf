import KernelTable

/// `y[i] = (x[i] - mean) / sqrt(variance + epsilon) * scale[i] + shift[i]` for each of `rows` rows (ONNX LayerNormalization 17 over the last axis).
///
/// - x, y: rows of `count` floats, `xRow` and `yRow` floats apart; `y` may be `x`.
/// - scale, shift: `[count]`, or nil for 1 and 0.
///
/// Mean and variance (divided by `count`) by two passes in float; what the rounding of the mean left is subtracted too, so that a mean of
/// thousands of deviations costs no digits. Rows are independent.
@inline(never)
func layerNormalize(
  _ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ scale: Floats?, _ shift: Floats?, _ epsilon: Float, _ y: MutableFloats, _ yRow: Int
) {
  // Rows of 8, 24 or 40 floats end in a whole vector of 8: a part of a vector costs more than several whole ones.
  if count % Vector.lanes == 0 || count % ShortVector.lanes != 0 {
    for row in 0..<rows { LayerRow<Vector>(count, x + row * xRow).normalized(scale, shift, epsilon, y + row * yRow) }
  } else {
    for row in 0..<rows { LayerRow<ShortVector>(count, x + row * xRow).normalized(scale, shift, epsilon, y + row * yRow) }
  }
}

/// One row as vectors.
private struct LayerRow<V: FloatVector> {
  let count: Int, x: Floats

  @inline(__always)
  init(_ count: Int, _ x: Floats) {
    self.count = count
    self.x = x
  }

  @inline(__always)
  func normalized(_ scale: Floats?, _ shift: Floats?, _ epsilon: Float, _ y: MutableFloats) {
    let share = V(repeating: 1 / Float(count)), rough = V.mul(sum { $0 }, share)
    let rest = V.mul(sum { V.sub($0, rough) }, share)
    let squares = sum {
      let d = V.sub(V.sub($0, rough), rest)
      return V.mul(d, d)
    }
    let factors = V.div(V(repeating: 1), V.sqrt(V.add(V.mul(squares, share), V(repeating: epsilon))))
    forEachVector(of: V.lanes, count) { i, lanes in
      var t = V.mul(V.sub(V.sub(V(loading: x + i, lanes), rough), rest), factors)
      if let scale { t = V.mul(t, V(loading: scale + i, lanes)) }
      if let shift { t = V.add(t, V(loading: shift + i, lanes)) }
      t.stored(at: y + i, lanes)
    }
  }

  /// Sum of `value(x)` over the row, in all lanes; `value` of the lanes beyond the row does not count.
  @inline(__always)
  private func sum(_ value: (V) -> V) -> V {
    var a = V(repeating: 0), b = a, c = a, d = a
    let n = V.lanes
    var i = 0
    while i + 4 * n <= count {
      a = V.add(a, value(V(loading: x + i)))
      b = V.add(b, value(V(loading: x + i + n)))
      c = V.add(c, value(V(loading: x + i + 2 * n)))
      d = V.add(d, value(V(loading: x + i + 3 * n)))
      i += 4 * n
    }
    while i + n <= count {
      a = V.add(a, value(V(loading: x + i)))
      i += n
    }
    if i < count {
      let rest = value(V(loading: x + i, count - i))
      b = V.add(b, V.less(V.laneNumbers, V(repeating: Float(count - i)), rest, V(repeating: 0)))
    }
    return V.sum(V.add(V.add(a, b), V.add(c, d)))
  }
}
