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
/// Queries lie in the lanes: scores of a panel of queries are a product of keys and queries, their softmax runs from vector to vector, and
/// they are the right-hand side of the product with values as they stand. Nothing is packed but a few queries. The sum of exponentials
/// divides the result, not the scores. A query's bits depend on nothing but its own row: any cut into queries gives the same.
@inline(never)
func attend(_ shape: AttentionShape, _ q: Floats, _ k: Floats, _ v: Floats, _ added: AttentionAddends, _ y: MutableFloats, _ scratch: MutableFloats) {
  let blockWidth = max(16, panelWidth), step = vectorStep(shape.tokens)
  let packed = scratch, scores = packed + shape.keySize * blockWidth, result = scores + shape.tokens * blockWidth
  for first in stride(from: 0, to: shape.queries, by: panelWidth) {
    let queries = min(panelWidth, shape.queries - first), width = (queries + Vector.lanes - 1) / Vector.lanes * Vector.lanes
    let panel = panelStart(first, shape.tokens)
    packPanels(shape.keySize, queries, q + first * shape.query.row, shape.query.number, shape.query.row, shape.scale, packed)
    multiplyPanel(
      shape.tokens, width, shape.keySize, k, shape.key.row, shape.key.number, Floats(packed),
      TileStart(bias: nil, matrix: added.bias.map { $0 + panel }, row: 16, step: step), scores, 16, step)
    for vector in 0..<width / Vector.lanes {
      let scores = scores + vector * step, column = vector * Vector.lanes
      if let mask = added.mask {
        let mask = mask + panel + vector * step
        for token in 0..<shape.tokens { Vector.add(load(scores + token * 16), load(mask + token * 16)).stored(at: scores + token * 16) }
      }
      if let regions = added.regions {
        penalize(shape.tokens, regions, Vector(loading: regions + added.firstQuery + first + column, queries - column), added.penalty, scores)
      }
      let line = SoftmaxLine<Vector>(count: shape.tokens, acrossLanes: false)
      let sum = line.exponentials(load: { Vector(loading: scores + $0 * 16) }, keep: { $1.stored(at: scores + $0 * 16) })
      Vector.div(Vector(repeating: 1), sum).stored(at: packed + column)
    }
    multiply(shape.valueSize, width, shape.tokens, v, shape.value.number, shape.value.row, Floats(scores), nil, nil, 0, result, width)
    for e in 0..<shape.valueSize {
      for column in stride(from: 0, to: width, by: Vector.lanes) {
        let x = result + e * width + column
        Vector.mul(load(x), load(packed + column)).stored(at: x)
      }
    }
    copyMatrix(queries, shape.valueSize, result, 1, width, y + first * shape.resultRow, shape.resultRow, 1)
  }
}

/// Adds `penalty` to the scores of a vector of queries, tokens 16 floats apart, where the token is of another region than the query.
@inline(__always)
private func penalize(_ tokens: Int, _ regions: Floats, _ own: Vector, _ penalty: Float, _ scores: MutableFloats) {
  for token in 0..<tokens {
    let x = load(scores + token * 16), worse = Vector.add(x, Vector(repeating: penalty))
    Vector.equal(Vector(repeating: regions[token]), own, x, worse).stored(at: scores + token * 16)
  }
}
