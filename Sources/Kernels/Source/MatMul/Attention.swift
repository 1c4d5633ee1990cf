import KernelTable

/// `Y = softmax(Q Kᵀ + bias + mask) V` for one head, softmax along each row.
///
/// - q: `[queries][keySize]`, rows `queryRow` apart. y: `[queries][valueSize]`, rows `resultRow` apart.
/// - keys: the scaled Kᵀ, `keySize` rows and `tokens` columns, by `packPanels` (alpha is the scale). values: V, `tokens` rows, packed too.
/// - bias, mask: `[queries][tokens]`, rows `biasRow` and `maskRow` apart, or nil.
/// - scratch: `MatMulKernels.attentionScratch(tokens:)` floats.
///
/// The scores of a few queries at a time stay in L1. The sum of exponentials divides the result, not the scores: 1 division a number of
/// the result. Rows are independent: any cut into queries gives the same bits.
@inline(never)
func attend(
  _ shape: AttentionShape, _ q: Floats, _ keys: Floats, _ values: Floats, _ bias: Floats?, _ mask: Floats?, _ y: MutableFloats,
  _ scratch: MutableFloats
) {
  let row = (shape.tokens + Vector.lanes - 1) / Vector.lanes * Vector.lanes
  for first in stride(from: 0, to: shape.queries, by: matMulRows) {
    let queries = min(matMulRows, shape.queries - first), y = y + first * shape.resultRow
    multiply(
      queries, shape.tokens, shape.keySize, q + first * shape.queryRow, shape.queryRow, 1, keys, nil, bias.map { $0 + first * shape.biasRow },
      shape.biasRow, scratch, row)
    let sums = InlineArray<8, Float> { i in
      i < queries ? exponentials(shape.tokens, scratch + i * row, mask.map { $0 + (first + i) * shape.maskRow }) : 1
    }
    multiply(queries, shape.valueSize, shape.tokens, Floats(scratch), row, 1, values, nil, nil, 0, y, shape.resultRow)
    for i in 0..<queries {
      let y = y + i * shape.resultRow, factor = Vector(repeating: 1 / sums[i])
      forEachVector(shape.valueSize) { j, lanes in Vector.mul(Vector(loading: y + j, lanes), factor).stored(at: y + j, lanes) }
    }
  }
}

/// `s = exp(s + mask - max)` in place for one row, which has room for whole vectors; returns the sum.
@inline(__always)
private func exponentials(_ count: Int, _ s: MutableFloats, _ mask: Floats?) -> Float {
  if let mask {
    forEachVector(count) { j, lanes in Vector.add(Vector(loading: s + j, lanes), Vector(loading: mask + j, lanes)).stored(at: s + j, lanes) }
  }
  let row = RowVectors(count, Floats(s))
  return row.line.exponentials(load: { row[$0] }, keep: { $1.stored(at: s + $0 * Vector.lanes) })[0]
}
