import KernelTable

/// `Y = softmax(scale Q Kᵀ + bias + mask + penalties) V` for one head, softmax along each row.
///
/// - q, k, v: `[queries][keySize]`, `[tokens][keySize]`, `[tokens][valueSize]`, at the strides of the shape.
/// - y: `[queries][valueSize]`, rows `resultRow` apart.
/// - added.bias, added.mask: `[queries][tokens]`, transposed and laid out by `packPanels` with queries as columns, or nil.
/// - added.regions: `[tokens]`, or nil; `penalty` is added where query and token are of different regions, query i being token
///   `firstQuery + i`.
/// - scratch: `MatMulKernels.attentionScratch` floats.
///
/// Queries lie in the lanes, 16 at a time: their exponentials stay in the first caches. Where no score of a query can exceed 40, as bounds of keys
/// and addends tell, softmax needs no largest score: exponentials are taken while scores are in registers. Elsewhere a pass before finds it. The sum
/// of exponentials divides the result, not the scores. A query's bits depend on nothing but its own row: any cut into queries gives the same.
@inline(never)
func attend(_ shape: AttentionShape, _ q: Floats, _ k: Floats, _ v: Floats, _ added: AttentionAddends, _ y: MutableFloats, _ scratch: MutableFloats) {
  let queries = scratch, result = queries + shape.keySize * 16, scores = result + shape.valueSize * 16
  for first in stride(from: 0, to: shape.queries, by: 16) {
    let count = min(16, shape.queries - first)
    packPanels(shape.keySize, count, q + first * shape.query.row, shape.query.number, shape.query.row, shape.scale, queries)
    AttentionTile.attend(shape, k, v, Floats(queries), added, first, count, result, scores)
    copyMatrix(count, shape.valueSize, result, 1, 16, y + first * shape.resultRow, shape.resultRow, 1)
  }
}

/// The largest magnitude of each number of the keys, `[keySize]`; NaN where one is: see `AttentionAddends.keyBounds`.
@inline(never)
func attentionKeyBounds(_ shape: AttentionShape, _ k: Floats, _ bounds: MutableFloats) {
  for l in 0..<shape.keySize { bounds[l] = 0 }
  let side = shape.key.number == 1 ? Vector.lanes : 1
  for token in 0..<shape.tokens {
    forEachVector(of: side, shape.keySize) { l, lanes in
      let keys = Vector(loading: k + token * shape.key.row + l * shape.key.number, lanes)
      Vector.maximum(Vector(loading: bounds + l, lanes), Vector.abs(keys)).stored(at: bounds + l, lanes)
    }
  }
}
