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
/// Queries lie in the lanes, a vector of them at a time: their scores stay in the first cache, and two passes over the tokens do all. The
/// first computes scores and their maximum, the second exponentials and the sums of values that they weigh. The sum of exponentials divides
/// the result, not the scores. A query's bits depend on nothing but its own row: any cut into queries gives the same.
@inline(never)
func attend(_ shape: AttentionShape, _ q: Floats, _ k: Floats, _ v: Floats, _ added: AttentionAddends, _ y: MutableFloats, _ scratch: MutableFloats) {
  let lanes = Vector.lanes, queries = scratch, scores = queries + shape.keySize * 16, result = scores + shape.tokens * lanes
  for block in stride(from: 0, to: shape.queries, by: 16) {
    let end = min(block + 16, shape.queries)
    packPanels(shape.keySize, end - block, q + block * shape.query.row, shape.query.number, shape.query.row, shape.scale, queries)
    for first in stride(from: block, to: end, by: lanes) {
      let count = min(lanes, end - first), column = block * shape.tokens + first - block
      let addends = ScoreAddends(
        bias: added.bias.map { $0 + column }, mask: added.mask.map { $0 + column }, regions: added.regions,
        own: added.regions.map { Vector(loading: $0 + added.firstQuery + first, count) } ?? Vector(repeating: 0),
        penalty: Vector(repeating: added.penalty))
      let largest = score(shape, k, Floats(queries + first - block), addends, scores)
      weigh(shape, v, largest, scores, result)
      copyMatrix(count, shape.valueSize, result, 1, lanes, y + first * shape.resultRow, shape.resultRow, 1)
    }
  }
}

/// Tokens, or numbers of a value, that are computed together: independent sums, as many as hide the latency of a multiply-add.
private typealias Sums = InlineArray<8, Vector>

/// What is added to the scores of a vector of queries.
private struct ScoreAddends {
  /// Tokens 16 apart.
  let bias: Floats?, mask: Floats?
  /// Of the tokens, and of the queries.
  let regions: Floats?, own: Vector
  let penalty: Vector

  /// What a score starts from.
  @inline(__always) func start(_ token: Int) -> Vector { bias.map { load($0 + token * 16) } ?? Vector(repeating: 0) }

  @inline(__always)
  func finished(_ score: Vector, _ token: Int) -> Vector {
    var score = score
    if let mask { score = Vector.add(score, load(mask + token * 16)) }
    if let regions { score = Vector.equal(Vector(repeating: regions[token]), own, score, Vector.add(score, penalty)) }
    return score
  }
}

/// Writes the scores `[token][query]` of a vector of queries, their numbers 16 apart; returns the largest of each query.
@inline(__always)
private func score(_ shape: AttentionShape, _ k: Floats, _ queries: Floats, _ addends: ScoreAddends, _ scores: MutableFloats) -> Vector {
  var largest = Vector(repeating: -.infinity), first = 0
  while first + 8 <= shape.tokens {
    scoreTile(shape, 8, first, k, queries, addends, scores, &largest)
    first += 8
  }
  if first < shape.tokens { scoreTile(shape, shape.tokens - first, first, k, queries, addends, scores, &largest) }
  return largest
}

/// Scores of `count` tokens, a constant but in the last tile, where tokens that are missing are the last one again.
@inline(__always)
private func scoreTile(
  _ shape: AttentionShape, _ count: Int, _ first: Int, _ k: Floats, _ queries: Floats, _ addends: ScoreAddends, _ scores: MutableFloats,
  _ largest: inout Vector
) {
  var k = k + first * shape.key.row
  let number = shape.key.number, rows = InlineArray<8, Int> { min($0, count - 1) * shape.key.row }
  var sums = Sums { addends.start(first + min($0, count - 1)) }
  for l in 0..<shape.keySize {
    let query = load(queries + l * 16)
    for j in 0..<8 { sums[j] = Vector.fma(sums[j], Vector(repeating: k[rows[j]]), query) }
    k += number
  }
  for j in 0..<8 where j < count {
    let score = addends.finished(sums[j], first + j)
    largest = Vector.max(largest, score)
    score.stored(at: scores + (first + j) * Vector.lanes)
  }
}

/// `result[number][query] = Σ e[token][query] v[token][number] / Σ e`, e being the exponentials of the scores less the largest. Numbers of
/// values come in groups; the first group finds scores, the others the exponentials in their place.
@inline(__always)
private func weigh(_ shape: AttentionShape, _ v: Floats, _ largest: Vector, _ scores: MutableFloats, _ result: MutableFloats) {
  let logarithm = Vector(repeating: 1.442_695_04)
  var factor = Vector(repeating: 0)
  for first in stride(from: 0, to: shape.valueSize, by: 8) {
    let last = min(8, shape.valueSize - first) - 1, isLastGroup = first + 8 >= shape.valueSize
    let numbers = InlineArray<8, Int> { min($0, last) * shape.value.number }
    var sums = Sums(repeating: Vector(repeating: 0)), v = v + first * shape.value.number
    if first == 0 {
      var total = Vector(repeating: 0)
      for token in 0..<shape.tokens {
        let p = scores + token * Vector.lanes, e = Vector.exp2WithoutTail(Vector.mul(Vector.sub(load(p), largest), logarithm))
        total = Vector.add(total, e)
        if !isLastGroup { e.stored(at: p) }
        for j in 0..<8 { sums[j] = Vector.fma(sums[j], Vector(repeating: v[numbers[j]]), e) }
        v += shape.value.row
      }
      factor = Vector.div(Vector(repeating: 1), total)
    } else {
      for token in 0..<shape.tokens {
        let e = load(scores + token * Vector.lanes)
        for j in 0..<8 { sums[j] = Vector.fma(sums[j], Vector(repeating: v[numbers[j]]), e) }
        v += shape.value.row
      }
    }
    for j in 0..<8 where j <= last { Vector.mul(sums[j], factor).stored(at: result + (first + j) * Vector.lanes) }
  }
}
