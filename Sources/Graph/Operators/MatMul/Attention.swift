#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `softmax(scale * Q K' + bias) V` head by head (ONNX Attention 23, 24, 25).
///
/// Inputs Q, K, V as `[batch, heads, sequence, size]` or, with the numbers of heads given, `[batch, sequence, heads * size]`; several heads of
/// Q may share one of K and V. Optionally a mask that broadcasts to `[batch, heads, queries, keys]` (booleans allow, numbers are
/// added), keys and values of earlier calls, and the number of valid keys per item. A query that may see no key gives zeros.
/// Computed in double precision whatever the attribute 'softmax_precision' says.
public struct Attention: Operator {
  /// What the fourth output holds.
  public enum Scores: Int, Sendable {
    case scaled, capped, biased, probabilities
  }

  /// Absent: one over the root of the size of a head.
  public let scale: Float?
  /// Scores become `softcap * tanh(score / softcap)`; 0 leaves them.
  public let softcap: Float
  /// Query i sees keys up to i, counted from the first that is not from an earlier call.
  public let isCausal: Bool
  /// How far a query sees before and behind its own place; nil is without end.
  public let window: (left: Int?, right: Int?)
  /// Numbers of heads for operands of three axes.
  public let queryHeads: Int?
  public let keyHeads: Int?
  public let scores: Scores
  /// How many of result, present keys, present values and scores the node lists.
  public let outputCount: Int

  public static let declaration = OperatorDeclaration(
    "Attention", opsets: [23, 24, 25], inputs: 3...7, outputs: 1...4, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    node.ignore("softmax_precision")
    let mode = try node.int("qk_matmul_output_mode") ?? 0
    guard let scores = Scores(rawValue: mode) else {
      throw .invalid(place: node.node, reason: "attribute 'qk_matmul_output_mode' is \(mode), not 0 to 3")
    }
    let cap = try node.float("softcap") ?? 0
    guard cap >= 0 else { throw .invalid(place: node.node, reason: "attribute 'softcap' is \(cap), below 0") }
    return Attention(
      scale: try node.float("scale"), softcap: cap, isCausal: try node.bool("is_causal") ?? false,
      window: (left: try side(node, "left_window_size"), right: try side(node, "right_window_size")),
      queryHeads: try node.int("q_num_heads"), keyHeads: try node.int("kv_num_heads"), scores: scores, outputCount: node.outputCount)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(
      [
        "scale": scale.map(Attribute.float), "softcap": .float(softcap), "is_causal": .flag(isCausal),
        "left_window_size": window.left.map(Attribute.integer), "right_window_size": window.right.map(Attribute.integer),
        "q_num_heads": queryHeads.map(Attribute.integer), "kv_num_heads": keyHeads.map(Attribute.integer),
        "qk_matmul_output_mode": .integer(scores.rawValue),
      ], outputCount: outputCount)
  }

  private static func side(_ node: AttributeReader, _ name: String) throws(GraphError) -> Int? {
    guard node.opset >= 25, let size = try node.int(name), size != -1 else { return nil }
    guard size >= 0 else { throw .invalid(place: node.node, reason: "attribute '\(name)' is \(size), below -1") }
    return size
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let q = try inputs.required(0, "Q").type, k = try inputs.required(1, "K").type, v = try inputs.required(2, "V").type
    let g = try geometry(of: inputs)
    let types = [
      TensorType(q.element, q.shape.count == 4 ? [g.batch, g.queryHeads, g.queries, g.valueSize] : [g.batch, g.queries, g.queryHeads * g.valueSize]),
      TensorType(k.element, [g.batch, g.keyHeads, g.keys, g.headSize]), TensorType(v.element, [g.batch, g.keyHeads, g.keys, g.valueSize]),
      TensorType(q.element, [g.batch, g.queryHeads, g.queries, g.keys]),
    ]
    return Array(types.prefix(outputCount))
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let operands = inputs.operands
    let g = try geometry(of: operands), types = try outputs(of: operands)
    let q: Tensor = try inputs.required(0, "Q"), k: Tensor = try inputs.required(1, "K"), v: Tensor = try inputs.required(2, "V")
    let queries = byHead(q, heads: g.queryHeads, size: g.headSize)
    let keys = joined(inputs.optional(4), byHead(k, heads: g.keyHeads, size: g.headSize), blocks: g.batch * g.keyHeads)
    let values = joined(inputs.optional(5), byHead(v, heads: g.keyHeads, size: g.valueSize), blocks: g.batch * g.keyHeads)
    let mask = AttentionMask(self, g, mask: inputs.optional(3), validKeys: (inputs.optional(6) as Tensor?)?.integers)
    let factor = scale.map { Double($0) } ?? 1 / Double(g.headSize).squareRoot()
    var result: [Double] = [], shown: [Double] = []
    for head in 0..<(g.batch * g.queryHeads) {
      let shared = head * g.keyHeads / g.queryHeads
      for query in 0..<g.queries {
        let row = (head * g.queries + query) * g.headSize
        let scaled = (0..<g.keys).map { key in
          let other = (shared * g.keys + key) * g.headSize
          return factor * (0..<g.headSize).reduce(0) { $0 + queries[row + $1] * keys[other + $1] }
        }
        let capped = softcap > 0 ? scaled.map { Double(softcap) * tanh($0 / Double(softcap)) } : scaled
        let bias = mask.bias(head: head, query: query)
        let biased = zip(capped, bias).map { $0 + $1 }
        let weights = bias.allSatisfy { $0 == -.infinity } ? biased.map { _ in 0 } : probabilities(biased)
        result += (0..<g.valueSize).map { column in
          weights.indices.reduce(0) { $0 + weights[$1] * values[(shared * g.keys + $1) * g.valueSize + column] }
        }
        if outputCount == 4 { shown += [scaled, capped, biased, weights][scores.rawValue] }
      }
    }
    let ordered =
      q.shape.count == 4 ? result : swapped(result, batch: g.batch, outer: g.queryHeads, inner: g.queries, size: g.valueSize)
    return zip(types, [ordered, keys, values, shown]).map { Tensor($0, rounding: $1) }
  }

  private func probabilities(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0, powers = scores.map { exp($0 - largest) }, sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Values as `[batch, heads, rows, size]`, whatever the number of axes.
  private func byHead(_ tensor: Tensor, heads: Int, size: Int) -> [Double] {
    guard tensor.shape.count == 3 else { return tensor.doubles }
    return swapped(tensor.doubles, batch: tensor.shape[0], outer: tensor.shape[1], inner: heads, size: size)
  }

  /// `[batch, outer, inner, size]` as `[batch, inner, outer, size]`.
  private func swapped(_ values: [Double], batch: Int, outer: Int, inner: Int, size: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for item in 0..<batch {
      for second in 0..<inner {
        for first in 0..<outer {
          let start = ((item * outer + first) * inner + second) * size
          result += values[start..<start + size]
        }
      }
    }
    return result
  }

  /// The rows of earlier calls before those of this one, for each of `blocks` items and heads.
  private func joined(_ past: Tensor?, _ present: [Double], blocks: Int) -> [Double] {
    guard let old = past?.doubles, blocks > 0 else { return present }
    let before = old.count / blocks, now = present.count / blocks
    var result: [Double] = []
    for block in 0..<blocks {
      result += old[block * before..<(block + 1) * before]
      result += present[block * now..<(block + 1) * now]
    }
    return result
  }
}
