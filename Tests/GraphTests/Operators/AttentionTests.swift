import Graph
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite("Attention", .tags(.operator))
struct AttentionTests {
  /// What `bias` gives minus infinity is not seen; the formula, written for one head of one item.
  static func head(_ q: [[Double]], _ k: [[Double]], _ v: [[Double]], scale: Double, bias: (Int, Int) -> Double) -> [[Double]] {
    q.indices.map { i in
      let powers = k.indices.map { j in exp(scale * zip(q[i], k[j]).map { $0 * $1 }.reduce(0, +) + bias(i, j)) }
      let sum = powers.reduce(0, +)
      return v[0].indices.map { c in sum == 0 ? 0 : k.indices.map { powers[$0] / sum * v[$0][c] }.reduce(0, +) }
    }
  }

  static func rows(_ tensor: Tensor, item: Int, head: Int) -> [[Double]] {
    (0..<tensor.shape[2]).map { row in (0..<tensor.shape[3]).map { tensor.doubles[flat([item, head, row, $0], in: tensor.shape)!] } }
  }

  static let q = Tensor.random([2, 4, 3, 5], seed: 1), k = Tensor.random([2, 2, 6, 5], seed: 2), v = Tensor.random([2, 2, 6, 4], seed: 3)

  /// Compares `[batch, heads, queries, size]` with the formula; two heads of Q share one of K and V.
  static func check(_ y: Tensor, scale: Double = 1 / 5.squareRoot(), k: Tensor = k, v: Tensor = v, bias: (Int, Int, Int, Int) -> Double) {
    #expect(y.shape == [2, 4, 3, 4])
    for item in 0..<2 {
      for head in 0..<4 {
        let want = Self.head(
          rows(q, item: item, head: head), rows(k, item: item, head: head / 2), rows(v, item: item, head: head / 2), scale: scale
        ) { bias(item, head, $0, $1) }
        for (got, want) in zip(rows(y, item: item, head: head).joined(), want.joined()) { #expect(abs(got - want) < 5e-7) }
      }
    }
  }

  @Test func plain() throws {
    Self.check(try SingleNode("Attention", opset: 23, inputs: 3)(Self.q, Self.k, Self.v)[0]) { _, _, _, _ in 0 }
    let scaled = try SingleNode("Attention", opset: 23, inputs: 3, ["scale": .float(0.25)])(Self.q, Self.k, Self.v)[0]
    Self.check(scaled, scale: 0.25) { _, _, _, _ in 0 }
  }

  /// Three axes: heads lie side by side in the last.
  @Test func headsSideBySide() throws {
    let swap = try SingleNode("Transpose", opset: 13, inputs: 1, ["perm": .ints([0, 2, 1, 3])])
    let flatten = { (tensor: Tensor) throws -> Tensor in
      let swapped = try swap(tensor)[0]
      return swapped.reshaped([swapped.shape[0], swapped.shape[1], swapped.shape[2] * swapped.shape[3]])
    }
    let node = try SingleNode("Attention", opset: 23, inputs: 3, ["q_num_heads": .int(4), "kv_num_heads": .int(2)])
    let y = try node(flatten(Self.q), flatten(Self.k), flatten(Self.v))[0]
    #expect(y.shape == [2, 3, 16])
    Self.check(try swap(y.reshaped([2, 3, 4, 4]))[0]) { _, _, _, _ in 0 }
  }

  @Test func masks() throws {
    let node = try SingleNode("Attention", opset: 24, inputs: 4)
    let addends = Tensor.random([4, 1, 6], seed: 7)
    Self.check(try node(Self.q, Self.k, Self.v, addends)[0]) { _, head, _, key in addends.doubles[head * 6 + key] }
    // Query 1 sees nothing and gives zeros; keys 4 and 5 lie beyond the mask.
    let allowed = Tensor(TensorType(.bool, [3, 4]), .integers([1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1]))
    Self.check(try node(Self.q, Self.k, Self.v, allowed)[0]) { _, _, query, key in
      key < 4 && allowed.integers![query * 4 + key] == 1 ? 0 : -.infinity
    }
  }

  @Test func causal() throws {
    let node = try SingleNode("Attention", opset: 24, inputs: 7, ["is_causal": .int(1)])
    Self.check(try node(Self.q, Self.k, Self.v)[0]) { _, _, query, key in key <= query ? 0 : -.infinity }
    // Item 0 has five valid keys, so its queries stand at 2, 3, 4; item 1 two: its first query sees nothing.
    Self.check(try node(Self.q, Self.k, Self.v, nil, nil, nil, .vector(5, 2))[0]) { item, _, query, key in
      let valid = item == 0 ? 5 : 2
      return key <= query + valid - 3 && key < valid ? 0 : -.infinity
    }
  }

  @Test func window() throws {
    let node = try SingleNode("Attention", opset: 25, inputs: 3, ["left_window_size": .int(1), "right_window_size": .int(2)])
    Self.check(try node(Self.q, Self.k, Self.v)[0]) { _, _, query, key in (query - 1...query + 2).contains(key) ? 0 : -.infinity }
  }

  /// Keys of earlier calls come first; the further outputs show them and the scores at every stage.
  @Test func pastAndScores() throws {
    let (pastKeys, keys) = (Tensor.random([2, 2, 4, 5], seed: 8), Tensor.random([2, 2, 2, 5], seed: 9))
    let (pastValues, values) = (Tensor.random([2, 2, 4, 4], seed: 10), Tensor.random([2, 2, 2, 4], seed: 11))
    let join = try SingleNode("Concat", opset: 13, inputs: 2, ["axis": .int(2)])
    let (allKeys, allValues) = (try join(pastKeys, keys)[0], try join(pastValues, values)[0])
    var stages: [Tensor] = []
    for mode in 0..<4 {
      let attributes: [String: Attribute] = ["is_causal": .int(1), "qk_matmul_output_mode": .int(Int64(mode)), "softcap": .float(2)]
      let node = try SingleNode("Attention", opset: 23, inputs: 6, outputs: 4, attributes)
      let results = try node(Self.q, keys, values, nil, pastKeys, pastValues)
      #expect(results[1] == allKeys && results[2] == allValues)
      stages.append(results[3])
    }
    var at = 0
    withEachIndex(of: stages[0].shape) { i in
      let q = Self.rows(Self.q, item: i[0], head: i[1])[i[2]], k = Self.rows(allKeys, item: i[0], head: i[1] / 2)[i[3]]
      let raw = zip(q, k).map { $0 * $1 }.reduce(0, +) / 5.squareRoot(), capped = 2 * tanh(raw / 2)
      #expect(abs(stages[0].doubles[at] - raw) < 1e-6 && abs(stages[1].doubles[at] - capped) < 1e-6)
      #expect(i[3] <= i[2] + 4 ? stages[2].doubles[at] == stages[1].doubles[at] : stages[2].doubles[at] == -.infinity)
      at += 1
    }
    let sums = try SingleNode("ReduceSum", opset: 11, inputs: 1, ["axes": .ints([3])])(stages[3])[0]
    #expect(sums.doubles.allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test func refuses() throws {
    let type = { (shape: [Int]) in Operand(TensorType(.float32, shape)) }
    let node = try SingleNode("Attention", opset: 24, inputs: 3).operation
    let q = type([1, 2, 3, 4]), k = type([1, 2, 5, 4]), v = type([1, 2, 5, 6])
    for (inputs, reason) in [
      ([q, type([1, 2, 5, 3]), v], "Q [1, 2, 3, 4], K [1, 2, 5, 3] and V [1, 2, 5, 6] do not fit each other"),
      ([type([1, 3, 3, 4]), k, v], "Q [1, 3, 3, 4], K [1, 2, 5, 4] and V [1, 2, 5, 6] do not fit each other"),
      ([type([1, 3, 8]), type([1, 5, 8]), type([1, 5, 8])], "Q [1, 3, 8] has neither four axes nor three that divide into 0 heads"),
      ([q, k, v, type([2, 5])], "the mask [2, 5] does not broadcast to [1, 2, 3, 5]"),
      ([q, k, v, Operand(TensorType(.float64, [3, 5]))], "the mask is double; it must be bool or float"),
      ([q, k, v, nil, type([1, 2, 2, 4])], "past keys [1, 2, 2, 4] and values [] do not fit K and V"),
      ([q, k, v, nil, nil, nil, Operand(.vector(1, 1))], "nonpad_kv_seqlen [2] must be one int64 for each item, without past keys"),
    ] as [([Operand?], String)] {
      #expect(try #require(throws: GraphError.self) { try node.outputs(of: inputs) }.reason == reason)
    }
    for attributes in [["softcap": .float(-1)], ["qk_matmul_output_mode": .int(4)], ["left_window_size": .int(-2)]] as [[String: Attribute]] {
      #expect(throws: GraphError.self) { try SingleNode("Attention", opset: 25, inputs: 3, attributes) }
    }
  }
}
