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
/// Queries lie in the lanes, 16 at a time: their scores stay in the first cache. One pass over the tokens computes scores and their maximum,
/// one exponentials in their place, and one for some numbers of the values the sums that they weigh. The sum of exponentials divides the
/// result, not the scores. A query's bits depend on nothing but its own row: any cut into queries gives the same.
@inline(never)
func attend(_ shape: AttentionShape, _ q: Floats, _ k: Floats, _ v: Floats, _ added: AttentionAddends, _ y: MutableFloats, _ scratch: MutableFloats) {
  let queries = scratch, scores = queries + shape.keySize * 16, result = scores + shape.tokens * 16
  for first in stride(from: 0, to: shape.queries, by: 16) {
    let count = min(16, shape.queries - first)
    packPanels(shape.keySize, count, q + first * shape.query.row, shape.query.number, shape.query.row, shape.scale, queries)
    let largest = AttentionTile.scores(shape, k, Floats(queries), added, first, count, scores)
    let total = AttentionTile.exponentials(shape.tokens, largest, scores)
    AttentionTile.weigh(shape, v, Floats(scores), total, result)
    copyMatrix(count, shape.valueSize, result, 1, 16, y + first * shape.resultRow, shape.resultRow, 1)
  }
}

/// M tokens, or numbers of a value, by N vectors that hold 16 queries: independent sums, as many as hide the latency of a multiply-add.
struct QueryTile<let M: Int, let N: Int> {
  /// Something of 16 queries.
  typealias Queries = InlineArray<N, Vector>
  typealias Sums = InlineArray<M, Queries>

  static var tokens: Int { M }

  /// What is added to the scores of 16 queries.
  private struct Addends {
    /// Tokens 16 apart.
    let bias: Floats?, mask: Floats?
    /// Of the tokens, and of the queries.
    let regions: Floats?, own: Queries
    let penalty: Vector

    /// - first, count: the queries of the call that these are.
    init(_ added: AttentionAddends, _ tokens: Int, _ first: Int, _ count: Int) {
      bias = added.bias.map { $0 + first * tokens }
      mask = added.mask.map { $0 + first * tokens }
      regions = added.regions
      own = Queries { j in
        added.regions.map { Vector(loading: $0 + added.firstQuery + first + j * Vector.lanes, max(0, count - j * Vector.lanes)) } ?? Vector(repeating: 0)
      }
      penalty = Vector(repeating: added.penalty)
    }

    /// What scores start from.
    @inline(__always)
    func start(_ token: Int) -> Queries {
      Queries { j in bias.map { load($0 + token * 16 + j * Vector.lanes) } ?? Vector(repeating: 0) }
    }

    /// Nothing but what the scores start from.
    var areStarts: Bool { mask == nil && regions == nil }

    @inline(__always)
    func finished(_ score: Vector, _ token: Int, _ j: Int) -> Vector {
      var score = score
      if let mask { score = Vector.add(score, load(mask + token * 16 + j * Vector.lanes)) }
      if let regions { score = Vector.equal(Vector(repeating: regions[token]), own[j], score, Vector.add(score, penalty)) }
      return score
    }
  }

  /// Writes the scores `[token][16 queries]` of queries `first ..< first + count` of the call; returns the largest of each.
  ///
  /// - queries: `[keySize][16]`, scaled.
  @inline(__always)
  static func scores(
    _ shape: AttentionShape, _ k: Floats, _ queries: Floats, _ added: AttentionAddends, _ first: Int, _ count: Int, _ scores: MutableFloats
  ) -> Queries {
    let addends = Addends(added, shape.tokens, first, count)
    return addends.areStarts ? tiles(shape, k, queries, addends, areStarts: true, scores) : tiles(shape, k, queries, addends, areStarts: false, scores)
  }

  /// - areStarts: as of `addends`, a constant: the loop then asks nothing for each score.
  @inline(__always)
  private static func tiles(
    _ shape: AttentionShape, _ k: Floats, _ queries: Floats, _ addends: Addends, areStarts: Bool, _ scores: MutableFloats
  ) -> Queries {
    var largest = Queries(repeating: Vector(repeating: -.infinity)), token = 0
    while token + M <= shape.tokens {
      tile(shape, M, token, k, queries, addends, areStarts: areStarts, scores, &largest)
      token += M
    }
    if token < shape.tokens { tile(shape, shape.tokens - token, token, k, queries, addends, areStarts: areStarts, scores, &largest) }
    return largest
  }

  /// Scores of `count` tokens, a constant but in the last tile, where tokens that are missing are the last one again.
  @inline(__always)
  private static func tile(
    _ shape: AttentionShape, _ count: Int, _ first: Int, _ k: Floats, _ queries: Floats, _ addends: Addends, areStarts: Bool,
    _ scores: MutableFloats, _ largest: inout Queries
  ) {
    var k = k + first * shape.key.row
    let number = shape.key.number, rows = InlineArray<M, Int> { min($0, count - 1) * shape.key.row }
    var sums = Sums { addends.start(first + min($0, count - 1)) }
    for l in 0..<shape.keySize {
      let query = Queries { j in load(queries + l * 16 + j * Vector.lanes) }
      for i in 0..<M {
        let key = Vector(repeating: k[rows[i]])
        for j in 0..<N { sums[i][j] = Vector.fma(sums[i][j], key, query[j]) }
      }
      k += number
    }
    for i in 0..<M where i < count {
      for j in 0..<N {
        let score = areStarts ? sums[i][j] : addends.finished(sums[i][j], first + i, j)
        largest[j] = Vector.max(largest[j], score)
        score.stored(at: scores + (first + i) * 16 + j * Vector.lanes)
      }
    }
  }

  /// Replaces scores by the exponentials of what they are less than the largest; returns their sums. The largest may be
  /// rounded after it is multiplied, since a query's factor divides out; a score must not, so the difference comes first where `fma` rounds
  /// twice. What is 87 less counts as nothing beside the largest.
  @inline(__always)
  static func exponentials(_ tokens: Int, _ largest: Queries, _ scores: MutableFloats) -> Queries {
    Queries { j in // One vector at a time: the constants fill the registers.
      let logarithm = Vector(repeating: 1.442_695_04), largest = largest[j], shift = Vector.neg(Vector.mul(largest, logarithm))
      var total = Vector(repeating: 0), p = scores + j * Vector.lanes
      @inline(__always)
      func replace<let Count: Int>(_: InlineArray<Count, Vector>.Type) {
        let x = InlineArray<Count, Vector> { i in
          let score = load(p + i * 16)
          return hasFMA ? Vector.fma(shift, score, logarithm) : Vector.mul(Vector.sub(score, largest), logarithm)
        }
        let e = Vector.exp2FromMinus125(x)
        for i in 0..<Count { e[i].stored(at: p + i * 16) }
        // One addition to what the next ones wait for.
        total = Vector.add(total, Count == 4 ? Vector.add(Vector.add(e[0], e[1]), Vector.add(e[2], e[3])) : e[0])
        p += Count * 16
      }
      for _ in 0..<tokens / 4 { replace(InlineArray<4, Vector>.self) }
      for _ in 0..<tokens % 4 { replace(InlineArray<1, Vector>.self) }
      return total
    }
  }

  /// `result[number][query] = Σ e[token][query] v[token][number] / total[query]`, M numbers at a time.
  @inline(__always)
  static func weigh(_ shape: AttentionShape, _ v: Floats, _ exponentials: Floats, _ totals: Queries, _ result: MutableFloats) {
    let factors = Queries { Vector.div(Vector(repeating: 1), totals[$0]) }
    for first in stride(from: 0, to: shape.valueSize, by: M) {
      let last = min(M, shape.valueSize - first) - 1, numbers = InlineArray<M, Int> { min($0, last) * shape.value.number }
      var sums = Sums(repeating: Queries(repeating: Vector(repeating: 0))), v = v + first * shape.value.number
      for token in 0..<shape.tokens {
        let e = Queries { j in load(exponentials + token * 16 + j * Vector.lanes) }
        for i in 0..<M {
          let value = Vector(repeating: v[numbers[i]])
          for j in 0..<N { sums[i][j] = Vector.fma(sums[i][j], value, e[j]) }
        }
        v += shape.value.row
      }
      for i in 0..<M where i <= last {
        for j in 0..<N { Vector.mul(sums[i][j], factors[j]).stored(at: result + (first + i) * 16 + j * Vector.lanes) }
      }
    }
  }
}
