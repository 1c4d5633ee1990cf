/// An Attention for concrete shapes.
public struct AttentionGeometry: Sendable, Hashable {
  public let batch: Int
  public let queryHeads: Int
  /// Heads of keys and values; a divisor of `queryHeads`.
  public let keyHeads: Int
  public let queries: Int
  /// Keys, those of earlier calls included.
  public let keys: Int
  /// Keys of earlier calls.
  public let past: Int
  public let headSize: Int
  public let valueSize: Int
}

extension Attention {
  /// Sizes for concrete inputs. Throws where they contradict each other.
  public func geometry(of inputs: [Operand?]) throws(GraphError) -> AttentionGeometry {
    let q = try inputs.required(0, "Q").type, k = try inputs.required(1, "K").type, v = try inputs.required(2, "V").type
    let query = try split(q.shape, heads: queryHeads, "Q"), key = try split(k.shape, heads: keyHeads, "K")
    let value = try split(v.shape, heads: keyHeads, "V")
    let pastKey: Operand? = inputs.optional(4), pastValue: Operand? = inputs.optional(5)
    let past = try pastRows(pastKey?.type.shape, pastValue?.type.shape, key: key, value: value)
    guard q.shape.count == k.shape.count, k.shape.count == v.shape.count, query.batch == key.batch, key.batch == value.batch,
      query.size == key.size, key.heads == value.heads, key.rows == value.rows, key.heads > 0, query.heads % key.heads == 0
    else { throw .shape(place: "", reason: "Q \(q.shape), K \(k.shape) and V \(v.shape) do not fit each other") }
    let geometry = AttentionGeometry(
      batch: query.batch, queryHeads: query.heads, keyHeads: key.heads, queries: query.rows, keys: past + key.rows, past: past,
      headSize: query.size, valueSize: value.size)
    if let mask: Operand = inputs.optional(3) { try check(mask.type, geometry, element: q.element) }
    if let valid: Operand = inputs.optional(6), valid.type != TensorType(.int64, [query.batch]) || pastKey != nil {
      throw .invalid(place: "", reason: "nonpad_kv_seqlen \(valid.type.shape) must be one int64 for each item, without past keys")
    }
    return geometry
  }

  private func split(_ shape: [Int], heads: Int?, _ name: String) throws(GraphError) -> (batch: Int, heads: Int, rows: Int, size: Int) {
    if shape.count == 4 { return (shape[0], shape[1], shape[2], shape[3]) }
    guard shape.count == 3, let heads, heads > 0, shape[2] % heads == 0 else {
      throw .invalid(place: "", reason: "\(name) \(shape) has neither four axes nor three that divide into \(heads ?? 0) heads")
    }
    return (shape[0], heads, shape[1], shape[2] / heads)
  }

  private typealias Rows = (batch: Int, heads: Int, rows: Int, size: Int)

  private func pastRows(_ keys: [Int]?, _ values: [Int]?, key: Rows, value: Rows) throws(GraphError) -> Int {
    guard keys != nil || values != nil else { return 0 }
    guard let keys, let values, keys.count == 4, keys == [key.batch, key.heads, keys[2], key.size],
      values == [value.batch, value.heads, keys[2], value.size]
    else { throw .shape(place: "", reason: "past keys \(keys ?? []) and values \(values ?? []) do not fit K and V") }
    return keys[2]
  }

  private func check(_ mask: TensorType, _ g: AttentionGeometry, element: ElementType) throws(GraphError) {
    let full = [g.batch, g.queryHeads, g.queries, g.keys]
    // The last axis may be short: keys beyond it are not seen.
    guard (1...4).contains(mask.shape.count), zip(mask.shape.reversed(), full.reversed()).dropFirst().allSatisfy({ $0 == $1 || $0 == 1 }),
      mask.shape[mask.shape.count - 1] <= g.keys
    else { throw .shape(place: "", reason: "the mask \(mask.shape) does not broadcast to \(full)") }
    guard mask.element == .bool || mask.element == element else {
      throw .invalid(place: "", reason: "the mask is \(mask.element.onnxName); it must be bool or \(element.onnxName)")
    }
  }
}

/// Which keys a query may see, and what is added to its scores.
struct AttentionMask {
  private let attention: Attention
  private let geometry: AttentionGeometry
  private let shape: [Int]
  /// Numbers to add, minus infinity where a boolean mask forbids; nil without a mask.
  private let addends: [Double]?
  private let validKeys: [Int64]?

  init(_ attention: Attention, _ geometry: AttentionGeometry, mask: Tensor?, validKeys: [Int64]?) {
    self.attention = attention
    self.geometry = geometry
    self.validKeys = validKeys
    shape = mask.map { [Int](repeating: 1, count: 4 - $0.shape.count) + $0.shape } ?? []
    addends = mask.map { mask in mask.integers.map { $0.map { $0 == 0 ? -Double.infinity : 0 } } ?? mask.doubles }
  }

  /// One number for each key; `head` counts over the whole batch.
  func bias(head: Int, query: Int) -> [Double] {
    let item = head / geometry.queryHeads
    let valid = validKeys.map { Int(clamping: $0[item]) }
    // Place of the query among all keys.
    let place = query + (valid.map { max($0, -(1 << 32)) - geometry.queries } ?? geometry.past)
    return (0..<geometry.keys).map { key in
      if attention.isCausal, key > place { return -.infinity }
      if let left = attention.window.left, place - key > left { return -.infinity }
      if let right = attention.window.right, key - place > right { return -.infinity }
      if let valid, key >= valid { return -.infinity }
      guard let addends else { return 0 }
      guard key < shape[3] else { return -.infinity }
      let index = [item, head % geometry.queryHeads, query, key]
      return addends[zip(index, shape).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }]
    }
  }
}
