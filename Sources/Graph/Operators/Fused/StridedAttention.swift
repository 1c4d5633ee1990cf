/// Attention of several heads on operands that stay where they are, for instance packed in one tensor:
/// `y[b][h][i] = sum over j of softmax over j(scale * q[b][h][i] . k[b][h][j] + bias[h][i][j] + mask[b % M][i][j]) v[b][h][j]`.
///
/// Inputs: the tensors in which q, k and v lie, which may be the same; then, each possibly absent, bias `[heads, queries, tokens]`, mask
/// `[M, queries, tokens]`, and regions `[M, tokens]`, which add `penalty` where query and token are of different regions.
/// Result `[batches, queries, heads, valueSize]`, or with `headsFirst` `[batches, heads, queries, valueSize]`.
public struct StridedAttention: Operator, Hashable {
  /// Where the numbers of q, k or v lie in their tensor: an offset, and the distance from batch to batch, head to head, token to token
  /// and number to number.
  public struct View: Sendable, Hashable, Codable {
    public let offset: Int
    public let batch: Int
    public let head: Int
    public let token: Int
    public let feature: Int
  }

  public let batches: Int
  public let heads: Int
  public let queries: Int
  public let tokens: Int
  /// Numbers of a query and of a key.
  public let keySize: Int
  public let valueSize: Int
  public let scale: Float
  public let penalty: Float
  public private(set) var query: View
  public private(set) var key: View
  public private(set) var value: View
  public let headsFirst: Bool

  public static let declaration = OperatorDeclaration(
    "StridedAttention", domain: Fused.domain, opsets: [1], inputs: 3...6, elements: [.float32, .float16, .bfloat16, .float64]
  ) { (node) throws(GraphError) in
    let sizes = try node.ints("sizes") ?? []
    guard sizes.count == 6 else { throw .invalid(place: node.node, reason: "attribute 'sizes' needs 6 numbers") }
    return StridedAttention(
      batches: sizes[0], heads: sizes[1], queries: sizes[2], tokens: sizes[3], keySize: sizes[4], valueSize: sizes[5],
      scale: try node.float("scale") ?? 1, penalty: try node.float("penalty") ?? 0, query: try View(node, "query"), key: try View(node, "key"),
      value: try View(node, "value"), headsFirst: try node.bool("heads_first") ?? false)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition([
      "sizes": .integers([batches, heads, queries, tokens, keySize, valueSize]), "scale": .float(scale), "penalty": .float(penalty),
      "query": .integers(query.list), "key": .integers(key.list), "value": .integers(value.list), "heads_first": .flag(headsFirst),
    ])
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    guard [batches, heads, queries, tokens, keySize, valueSize].allSatisfy({ $0 > 0 }) else {
      throw .invalid(place: "", reason: "a size is not positive")
    }
    let q = try inputs.required(0, "q").type
    try query.check(q, [batches, heads, queries, keySize])
    try key.check(try inputs.required(1, "k").type, [batches, heads, tokens, keySize])
    try value.check(try inputs.required(2, "v").type, [batches, heads, tokens, valueSize])
    if let bias = inputs.optional(3)?.type, bias.shape != [heads, queries, tokens] {
      throw .shape(place: "", reason: "a bias of shape \(bias.shape) does not fit \([heads, queries, tokens])")
    }
    if let mask = inputs.optional(4)?.type, mask.shape.count != 3 || mask.shape[0] < 1 || mask.shape.dropFirst() != [queries, tokens] {
      throw .shape(place: "", reason: "a mask of shape \(mask.shape) does not fit \([queries, tokens])")
    }
    if let regions = inputs.optional(5)?.type {
      guard regions.shape.count == 2, regions.shape[0] >= 1, regions.shape[1] == tokens, queries == tokens, regions.element == .int64 else {
        throw .shape(place: "", reason: "regions of shape \(regions.shape) do not fit \(queries) queries and \(tokens) tokens")
      }
    }
    return [TensorType(q.element, headsFirst ? [batches, heads, queries, valueSize] : [batches, queries, heads, valueSize])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let q = (try inputs.required(0, "q") as Tensor).doubles, k = (try inputs.required(1, "k") as Tensor).doubles
    let v = (try inputs.required(2, "v") as Tensor).doubles
    let offsets = AttentionOffsets(self, bias: inputs.optional(3), mask: inputs.optional(4), regions: inputs.optional(5))
    var y = [Double](repeating: 0, count: type.count)
    for b in 0..<batches {
      for h in 0..<heads {
        for i in 0..<queries {
          let scores = (0..<tokens).map { j in
            let product = (0..<keySize).reduce(0.0) { $0 + q[query.at(b, h, i, $1)] * k[key.at(b, h, j, $1)] }
            return product * Double(scale) + offsets.at(b, h, i, j)
          }
          let largest = scores.max() ?? 0
          let powers = scores.map { Real.exp($0 - largest) }
          let sum = powers.reduce(0, +)
          let row = headsFirst ? (b * heads + h) * queries + i : (b * queries + i) * heads + h
          for e in 0..<valueSize { y[row * valueSize + e] = (0..<tokens).reduce(0.0) { $0 + powers[$1] * v[value.at(b, h, $1, e)] } / sum }
        }
      }
    }
    return [Tensor(type, rounding: y)]
  }
}

extension StridedAttention.View {
  fileprivate init(_ node: AttributeReader, _ name: String) throws(GraphError) {
    let list = try node.ints(name) ?? []
    guard list.count == 5 else { throw .invalid(place: node.node, reason: "attribute '\(name)' needs 5 numbers") }
    self.init(offset: list[0], batch: list[1], head: list[2], token: list[3], feature: list[4])
  }

  fileprivate var list: [Int] { [offset, batch, head, token, feature] }

  public func at(_ b: Int, _ h: Int, _ i: Int, _ f: Int) -> Int { offset + b * batch + h * head + i * token + f * feature }

  /// Refuses a view of `lengths` that reaches outside of its tensor.
  fileprivate func check(_ type: TensorType, _ lengths: [Int]) throws(GraphError) {
    let strides = [batch, head, token, feature]
    guard offset >= 0, strides.allSatisfy({ $0 >= 0 }) else { throw .invalid(place: "", reason: "a view has negative strides") }
    let last = zip(strides, lengths).reduce(offset) { min($0, Limits.count) + $1.0 * ($1.1 - 1) }
    guard last < type.count else { throw .shape(place: "", reason: "a view reaches element \(last) of a tensor of \(type.count)") }
  }
}

extension StridedAttention {
  /// The same attention to one tensor `[rows][columns]` in whose rows the heads are neighbours, once it lies head by head,
  /// `[columns / keySize][rows][keySize]`; nil if it cannot.
  public func byHeads(rows: Int, columns: Int) -> StridedAttention? {
    guard keySize == valueSize, columns > keySize, columns % keySize == 0 else { return nil }
    let views = [query, key, value].compactMap { $0.byHeads(heads, size: keySize, rows: rows, columns: columns) }
    guard views.count == 3 else { return nil }
    var result = self
    (result.query, result.key, result.value) = (views[0], views[1], views[2])
    return result
  }
}

extension StridedAttention.View {
  fileprivate func byHeads(_ heads: Int, size: Int, rows: Int, columns: Int) -> Self? {
    let first = offset % columns
    guard feature == 1, token % columns == 0, batch % columns == 0, first % size == 0, head % size == 0, first + head * (heads - 1) + size <= columns
    else { return nil }
    // A step along the columns becomes one of whole matrices, a step along the rows one of heads.
    return Self(
      offset: first * rows + offset / columns * size, batch: batch / columns * size, head: head * rows, token: token / columns * size, feature: 1)
  }
}

/// What is added to the scores.
private struct AttentionOffsets {
  let heads: Int, queries: Int, tokens: Int
  let penalty: Double
  let bias: [Double]?
  let mask: [Double]?
  let regions: [Int64]?
  let masks: Int

  init(_ attention: StridedAttention, bias: Tensor?, mask: Tensor?, regions: Tensor?) {
    (heads, queries, tokens) = (attention.heads, attention.queries, attention.tokens)
    penalty = Double(attention.penalty)
    self.bias = bias?.doubles
    self.mask = mask?.doubles
    self.regions = regions?.integers
    masks = mask?.shape[0] ?? regions?.shape[0] ?? 1
  }

  func at(_ b: Int, _ h: Int, _ i: Int, _ j: Int) -> Double {
    let window = b % masks
    var sum = 0.0
    if let bias { sum += bias[(h * queries + i) * tokens + j] }
    if let mask { sum += mask[(window * queries + i) * tokens + j] }
    if let regions, regions[window * tokens + i] != regions[window * tokens + j] { sum += penalty }
    return sum
  }
}
