extension Graph {
  /// The graph with attention, `softmax(q kᵀ + ...) v`, as one node that reads q, k and v where they lie and never holds all scores.
  public func withRecognisedAttention() -> Graph {
    rewritten { node, pattern, graph in
      if let transpose = node.operation as? Transpose, transpose.permutation == [0, 2, 1, 3],
        let inner = node.inputs.optional(0), let product = pattern.producer(of: inner), pattern.useCount(inner) == 1
      {
        return AttentionMatch(pattern, product.node)?.replacement(node, headsFirst: false, &graph)
      }
      return AttentionMatch(pattern, node)?.replacement(node, headsFirst: true, &graph)
    }
  }
}

/// The parts of `softmax(scores) v`, scores being a scaled product of queries and keys plus constants.
private struct AttentionMatch {
  let query: StridedView
  let key: StridedView
  let value: StridedView
  let scores: ScoreMatch

  init?(_ pattern: Pattern, _ node: Node) {
    guard let (weights, values) = MatrixProduct(pattern, node, .plain)?.operands, let (softmax, source) = pattern.onlySource(of: weights, as: Softmax.self),
      let rank = pattern.shape(weights)?.count, rank == 4, softmax.group.axis == -1 || softmax.group.axis == 3,
      let scores = ScoreMatch(pattern, source.inputs.optional(0)), let query = StridedView(scores.query, pattern),
      let key = StridedView(scores.key, pattern), let value = StridedView(values, pattern)
    else { return nil }
    self.scores = scores
    self.query = query
    self.key = scores.keyIsTransposed ? key.swapped : key
    self.value = value
    let q = self.query.shape, k = self.key.shape, v = self.value.shape
    guard q.count == 4, k.count == 4, v.count == 4, q[..<2] == k[..<2], q[..<2] == v[..<2], q[3] == k[3], k[2] == v[2],
      !(q + k + v).contains(0), [self.query, self.key, self.value].allSatisfy({ $0.strides.allSatisfy { $0 >= 0 } }),
      pattern.shape(weights) == [q[0], q[1], q[2], k[2]]
    else { return nil }
  }

  func replacement(_ node: Node, headsFirst: Bool, _ graph: inout Graph) -> [Node]? {
    let operation = StridedAttention(
      batches: query.shape[0], heads: query.shape[1], queries: query.shape[2], tokens: key.shape[2], keySize: query.shape[3],
      valueSize: value.shape[3], scale: Float(scores.scale), penalty: scores.penalty, query: query.view, key: key.view, value: value.view,
      headsFirst: headsFirst)
    let extras = [scores.bias, scores.mask, scores.regions].map { tensor in tensor.map { graph.add(constant: $0, name: node.name + ".scores") } }
    return [node.replaced(by: operation, [query.source, key.source, value.source] + extras)]
  }
}

/// `a b`, or `a bᵀ`, of matrices behind two leading axes: by MatMul, or by an Einsum that says the same.
private struct MatrixProduct {
  enum Form { case plain, transposed }
  let operands: (ValueID, ValueID)

  init?(_ pattern: Pattern, _ node: Node, _ form: Form) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1), pattern.shape(a)?.count == 4, pattern.shape(b)?.count == 4 else { return nil }
    operands = (a, b)
    switch node.operation {
    case is MatMul: if form == .transposed { return nil }
    case let einsum as Einsum:
      let terms = (einsum.terms + [einsum.result]).map { $0.compactMap { $0 } }
      guard terms.count == 3, terms.allSatisfy({ $0.count == 4 }), Set(terms.joined()).count == 5, Set(terms[0]).count == 4 else { return nil }
      let left = terms[0], right = terms[1]
      let inner = form == .plain ? 2 : 3
      let expected = left[..<3] + [right[form == .plain ? 3 : 2]]
      guard left[..<2] == right[..<2], right[inner] == left[3], terms[2] == Array(expected) else { return nil }
    default: return nil
    }
  }
}

/// What a value of scores `[batches, heads, queries, tokens]` is made of.
private struct ScoreMatch {
  let query: ValueID
  let key: ValueID
  let keyIsTransposed: Bool
  private(set) var scale = 1.0
  /// `[heads, queries, tokens]`
  private(set) var bias: Tensor?
  /// `[M, queries, tokens]`
  private(set) var mask: Tensor?
  private(set) var regions: Tensor?
  private(set) var penalty: Float = 0

  init?(_ pattern: Pattern, _ id: ValueID?) {
    guard var id, let shape = pattern.shape(id), shape.count == 4 else { return nil }
    var addends: [(constant: ScoreAddend, axes: [Int])] = []
    var factor = 1.0
    while true {
      guard pattern.useCount(id) == 1, let node = pattern.producer(of: id)?.node, let current = pattern.shape(id) else { return nil }
      if let (inner, number) = pattern.multiple(id) {
        // A factor would have to reach the constants that were added before it.
        factor *= number
        id = inner
      } else if node.operation is Add, factor == 1, let (addend, inner) = pattern.eitherWay(node, { ScoreAddend($0, pattern) }) {
        addends.append((addend, current))
        id = inner
      } else if node.operation is Reshape, let inner = node.inputs.optional(0), let before = pattern.shape(inner), before.suffix(2) == shape.suffix(2) {
        id = inner
      } else if let product = MatrixProduct(pattern, node, .plain) {
        (query, key, keyIsTransposed) = (product.operands.0, product.operands.1, true)
        break
      } else if let product = MatrixProduct(pattern, node, .transposed) {
        (query, key, keyIsTransposed) = (product.operands.0, product.operands.1, false)
        break
      } else {
        return nil
      }
    }
    guard pattern.shape(id) == shape else { return nil }
    scale = factor
    for (addend, axes) in addends { guard absorb(addend, axes, shape) else { return nil } }
    absorbScales(pattern)
  }

  /// Factors of queries and keys are factors of their products.
  private mutating func absorbScales(_ pattern: Pattern) {
    let q = pattern.multiples(query), k = pattern.multiples(key)
    guard let lastQuery = q.last, let lastKey = k.last else { return }
    scale *= lastQuery.number * lastKey.number
    self = ScoreMatch(self, query: lastQuery.value, key: lastKey.value)
  }

  private init(_ other: ScoreMatch, query: ValueID, key: ValueID) {
    (self.query, self.key, keyIsTransposed) = (query, key, other.keyIsTransposed)
    (scale, bias, mask, regions, penalty) = (other.scale, other.bias, other.mask, other.regions, other.penalty)
  }

  /// Takes a constant that is added to scores seen as `axes`: one for each head, or one for each window.
  private mutating func absorb(_ addend: ScoreAddend, _ axes: [Int], _ shape: [Int]) -> Bool {
    let matrix = Array(shape[2...]), given = [Int](repeating: 1, count: max(0, axes.count - addend.shape.count)) + addend.shape
    guard axes.count >= 4, given.count == axes.count, Array(axes.suffix(3)) == Array(shape.suffix(3)), Array(given.suffix(2)) == matrix else { return false }
    let heads = given[given.count - 3], leading = Array(given.dropLast(3))
    if leading.allSatisfy({ $0 == 1 }), case .dense(let tensor) = addend.content, bias == nil {
      bias = tensor.reshaped([heads] + matrix).broadcast(to: [shape[1]] + matrix)
      return true
    }
    // Windows are the fastest of the leading axes, so that batch b has mask b % M.
    guard heads == 1, mask == nil, regions == nil, leading.dropLast().allSatisfy({ $0 == 1 }), let windows = leading.last,
      windows == axes[axes.count - 4]
    else { return false }
    switch addend.content {
    case .regions(let tensor, let different): (regions, penalty) = (tensor, different)
    case .dense(let tensor):
      let masks = tensor.reshaped([windows] + matrix)
      if let (found, different) = RegionMask.regions(of: masks) { (regions, penalty) = (found, different) } else { mask = masks }
    }
    return true
  }
}

/// Something constant that is added to scores.
private struct ScoreAddend {
  enum Content {
    case dense(Tensor)
    /// Region numbers of a mask that is zero within regions, and what it is between them.
    case regions(Tensor, different: Float)
  }

  let content: Content
  let shape: [Int]

  init?(_ id: ValueID, _ pattern: Pattern) {
    guard let shape = pattern.shape(id) else { return nil }
    self.shape = shape
    if let constant = pattern.constant(id) {
      guard constant.count > 1 else { return nil }
      content = .dense(constant)
      return
    }
    var id = id
    while let (_, reshape) = pattern.source(of: id, as: Reshape.self), let inner = reshape.inputs.optional(0) { id = inner }
    guard let (mask, node) = pattern.source(of: id, as: RegionMask.self), mask.same == 0, let regions = pattern.constant(node.inputs.optional(0)) else {
      return nil
    }
    content = .regions(regions, different: mask.different)
  }
}
