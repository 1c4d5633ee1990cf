import KernelTable

/// `y[i] = (x[i] - mean) / sqrt(variance + epsilon) * scale[i] + shift[i]` for each of `rows` rows (ONNX LayerNormalization 17 over the last axis).
///
/// - x, y: rows of `count` floats, `xRow` and `yRow` floats apart; `y` may be `x`.
/// - scale, shift: `[count]`, or nil for 1 and 0.
///
/// Mean and variance (divided by `count`) by two passes in float with the correction for the rounding of the mean; rows are independent.
@inline(never)
func layerNormalize(
  _ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ scale: Floats?, _ shift: Floats?, _ epsilon: Float, _ y: MutableFloats, _ yRow: Int
) {
  for row in 0..<rows {
    let x = x + row * xRow, y = y + row * yRow
    let rough = rowSum(count, x) { $0 } / Float(count), mean = rough + rowSum(count, x) { Vector.sub($0, Vector(repeating: rough)) } / Float(count)
    let squares = rowSum(count, x) {
      let d = Vector.sub($0, Vector(repeating: mean))
      return Vector.mul(d, d)
    }
    let deviation = Vector.sqrt(Vector(repeating: squares / Float(count) + epsilon))
    let center = Vector(repeating: mean), factors = Vector.div(Vector(repeating: 1), deviation)
    forEachVector(count) { i, lanes in
      var t = Vector.mul(Vector.sub(Vector(loading: x + i, lanes), center), factors)
      if let scale { t = Vector.mul(t, Vector(loading: scale + i, lanes)) }
      if let shift { t = Vector.add(t, Vector(loading: shift + i, lanes)) }
      t.stored(at: y + i, lanes)
    }
  }
}

/// Sum of `value(x)` over a row; `value` of the lanes beyond the row does not count.
@inline(__always)
private func rowSum(_ count: Int, _ x: Floats, _ value: (Vector) -> Vector) -> Float {
  var sums = InlineArray<4, Vector>(repeating: Vector(repeating: 0))
  let step = 4 * Vector.lanes
  var i = 0
  while i + step <= count {
    for j in 0..<4 { sums[j] = Vector.add(sums[j], value(Vector(loading: x + i + j * Vector.lanes))) }
    i += step
  }
  while i + Vector.lanes <= count {
    sums[0] = Vector.add(sums[0], value(Vector(loading: x + i)))
    i += Vector.lanes
  }
  var total = Vector.sum(Vector.add(Vector.add(sums[0], sums[1]), Vector.add(sums[2], sums[3])))[0]
  if i < count {
    let rest = value(Vector(loading: x + i, count - i))
    for lane in 0..<count - i { total += rest[lane] }
  }
  return total
}
