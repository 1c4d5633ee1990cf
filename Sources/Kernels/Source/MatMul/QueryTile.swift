import KernelTable

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
        let lane = j * Vector.lanes
        return added.regions.map { Vector(loading: $0 + added.firstQuery + first + lane, max(0, count - lane)) } ?? Vector(repeating: 0)
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

  /// The keys of all tokens.
  private struct Keys {
    let first: Floats
    /// Numbers of a key, and the distances from key to key and from number to number.
    let size: Int, row: Int, number: Int

    @inline(__always)
    init(_ first: Floats, size: Int, row: Int, number: Int) { (self.first, self.size, self.row, self.number) = (first, size, row, number) }

    @inline(__always)
    init(_ shape: AttentionShape, _ k: Floats) { self.init(k, size: shape.keySize, row: shape.key.row, number: shape.key.number) }

    /// Eight numbers a key, side by side.
    var isCompact: Bool { size == 8 && row == 8 && number == 1 }
  }

  /// What no score may exceed by magnitude where exponentials are taken without the largest: sums of them times values stay far from overflow, and
  /// what is 87 less than zero still counts as nothing beside the own region's.
  private static var nearBound: Float { 40 }

  /// log2 e.
  private static var log2e: Float { 1.442_695_04 }

  /// `result[number][query] = Σ e[token][query] v[token][number] / Σ e[token][query]`, e the exponentials of scores, of queries
  /// `first ..< first + count` of the call.
  ///
  /// - queries: `[keySize][16]`, scaled. scores: `[tokens][16]`, overwritten.
  @inline(__always)
  static func attend(
    _ shape: AttentionShape, _ k: Floats, _ v: Floats, _ queries: Floats, _ added: AttentionAddends, _ first: Int, _ count: Int,
    _ result: MutableFloats, _ scores: MutableFloats
  ) {
    let addends = Addends(added, shape.tokens, first, count), bounds = bounds(shape, queries, added)
    var areNear = true
    for j in 0..<N { for lane in 0..<Vector.lanes where !(bounds[j][lane] <= nearBound) { areNear = false } }
    let totals: Queries
    if areNear {
      totals = nearExponentials(shape, k, queries, addends, scores)
    } else {
      let all = Self.scores(shape, k, queries, addends, scores), near = Vector(repeating: nearBound)
      let largest = Queries { Vector.exceeds(bounds[$0], near, all[$0], Vector(repeating: 0)) }
      totals = exponentials(shape.tokens, largest, scores, Queries(repeating: Vector(repeating: 0)))
    }
    weigh(shape, v, Floats(scores), totals, result)
  }

  /// What the scores of each query cannot exceed by magnitude; the penalty, where it lowers them, apart.
  @inline(__always)
  private static func bounds(_ shape: AttentionShape, _ queries: Floats, _ added: AttentionAddends) -> Queries {
    let raised = added.regions == nil ? 0 : Swift.max(0, added.penalty)
    var bounds = Queries(repeating: Vector(repeating: added.bound + raised))
    for l in 0..<shape.keySize {
      let key = Vector(repeating: added.keyBounds[l])
      for j in 0..<N { bounds[j] = Vector.fma(bounds[j], Vector.abs(load(queries + l * 16 + j * Vector.lanes)), key) }
    }
    return bounds
  }

  /// Calls `body` with 0, 1 ..< N as constants: a loop of so much work is not unrolled.
  @inline(__always)
  private static func forEachVector(_ body: (Int) -> Void) {
    body(0)
    if N > 1 { body(1) }
    if N > 2 {
      body(2)
      body(3)
    }
  }

  /// Writes the scores `[token][16 queries]` of all tokens; returns the largest of each query.
  @inline(__always)
  private static func scores(
    _ shape: AttentionShape, _ k: Floats, _ queries: Floats, _ addends: Addends, _ scores: MutableFloats
  ) -> Queries {
    let keys = Keys(shape, k)
    var largest = Queries(repeating: Vector(repeating: -.infinity))
    for first in stride(from: 0, to: shape.tokens, by: M) {
      let count = min(M, shape.tokens - first)
      store(scoresOfTile(keys, count, first, queries, addends, areStarts: false), count, scores + first * 16)
      for token in first..<first + count {
        for j in 0..<N { largest[j] = Vector.max(largest[j], load(Floats(scores + token * 16 + j * Vector.lanes))) }
      }
    }
    return largest
  }

  /// Exponentials `[token][16 queries]` of scores that are near zero; returns their sums.
  @inline(__always)
  private static func nearExponentials(_ shape: AttentionShape, _ k: Floats, _ queries: Floats, _ addends: Addends, _ e: MutableFloats) -> Queries {
    let keys = Keys(shape, k), whole = shape.tokens / M * M, left = shape.tokens - whole, totals: Queries
    switch (keys.isCompact, addends.areStarts) {
    case (true, true): totals = nearTiles(Keys(k, size: 8, row: 8, number: 1), whole, queries, addends, areStarts: true, e)
    case (_, true): totals = nearTiles(keys, whole, queries, addends, areStarts: true, e)
    case (_, false): totals = nearTiles(keys, whole, queries, addends, areStarts: false, e)
    }
    if left == 0 { return totals }
    store(scoresOfTile(keys, left, whole, queries, addends, areStarts: false), left, e + whole * 16)
    return exponentials(left, Queries(repeating: Vector(repeating: 0)), e + whole * 16, totals)
  }

  /// Exponentials of so many tokens, whole tiles; returns their sums.
  @inline(__always)
  private static func nearTiles(
    _ keys: Keys, _ tokens: Int, _ queries: Floats, _ addends: Addends, areStarts: Bool, _ e: MutableFloats
  ) -> Queries {
    let logarithm = Vector(repeating: log2e), limit = Vector(repeating: -125)
    var totals = Queries(repeating: Vector(repeating: 0))
    for first in stride(from: 0, to: tokens, by: M) {
      let scores = scoresOfTile(keys, M, first, queries, addends, areStarts: areStarts)
      forEachVector { j in // One after the other: more would not find room in the registers.
        let powers = Vector.exp2AboveMinus125(
          InlineArray<M, Vector> { i in
            let x = Vector.mul(scores[i][j], logarithm)
            return areStarts ? x : Vector.max(limit, x)
          })
        for i in 0..<M {
          powers[i].stored(at: e + (first + i) * 16 + j * Vector.lanes)
          totals[j] = Vector.add(totals[j], powers[i])
        }
      }
    }
    return totals
  }

  /// Scores of `count` tokens, a constant but in the last tile, where tokens that are missing are the last one again.
  ///
  /// - areStarts: as of `addends`, or false; a constant: the loop then asks nothing for each score.
  @inline(__always)
  private static func scoresOfTile(_ keys: Keys, _ count: Int, _ first: Int, _ queries: Floats, _ addends: Addends, areStarts: Bool) -> Sums {
    let rows = InlineArray<M, Int> { min($0, count - 1) * keys.row }
    var k = keys.first + first * keys.row, sums = Sums { addends.start(first + min($0, count - 1)) }
    for l in 0..<keys.size {
      let query = Queries { j in load(queries + l * 16 + j * Vector.lanes) }
      for i in 0..<M {
        let key = Vector(repeating: k[rows[i]])
        for j in 0..<N { sums[i][j] = Vector.fma(sums[i][j], key, query[j]) }
      }
      k += keys.number
    }
    if !areStarts { for i in 0..<M { for j in 0..<N { sums[i][j] = addends.finished(sums[i][j], first + min(i, count - 1), j) } } }
    return sums
  }

  @inline(__always)
  private static func store(_ scores: Sums, _ count: Int, _ target: MutableFloats) {
    for i in 0..<M where i < count { for j in 0..<N { scores[i][j].stored(at: target + i * 16 + j * Vector.lanes) } }
  }

  /// Replaces scores by the exponentials of what they are less than the largest, and returns `totals` with these added. The largest may be
  /// rounded after it is multiplied, since a query's factor divides out; a score must not, so the difference comes first where `fma` rounds
  /// twice. What is 87 less counts as nothing beside the largest.
  @inline(__always)
  private static func exponentials(_ tokens: Int, _ largest: Queries, _ scores: MutableFloats, _ totals: Queries) -> Queries {
    Queries { j in // One vector at a time: the constants fill the registers.
      let logarithm = Vector(repeating: log2e), largest = largest[j], shift = Vector.neg(Vector.mul(largest, logarithm))
      var total = totals[j], p = scores + j * Vector.lanes
      @inline(__always)
      func replace<let Count: Int>(_: InlineArray<Count, Vector>.Type) {
        let x = InlineArray<Count, Vector> { i in
          let score = load(p + i * 16)
          return hasFMA ? Vector.fma(shift, score, logarithm) : Vector.mul(Vector.sub(score, largest), logarithm)
        }
        let e = Vector.exp2FromMinus125(x)
        for i in 0..<Count {
          e[i].stored(at: p + i * 16)
          total = Vector.add(total, e[i])
        }
        p += Count * 16
      }
      for _ in 0..<tokens / 4 { replace(InlineArray<4, Vector>.self) }
      for _ in 0..<tokens % 4 { replace(InlineArray<1, Vector>.self) }
      return total
    }
  }

  /// `result[number][query] = Σ e[token][query] v[token][number] / total[query]`, M numbers at a time.
  @inline(__always)
  private static func weigh(_ shape: AttentionShape, _ v: Floats, _ exponentials: Floats, _ totals: Queries, _ result: MutableFloats) {
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
