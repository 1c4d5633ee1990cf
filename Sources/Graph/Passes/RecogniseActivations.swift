extension Graph {
  /// The graph with activations that exporters write as arithmetic put together again: Gelu (both forms), Swish (SiLU), Mish, HardSwish.
  public func withRecognisedActivations() -> Graph {
    rewritten { node, pattern, _ in
      guard node.operation is Mul || node.operation is Div, let id = node.outputs.first ?? nil else { return nil }
      let isNarrow = pattern.element(id) == .float16 || pattern.element(id) == .bfloat16
      let gates = GateMatch(pattern: pattern, tolerance: isNarrow ? 2e-3 : 1e-5)
      for gate in pattern.factors(of: id).values {
        for candidate in gates.activations(behind: gate) {
          let product = pattern.factors(of: id, keeping: [candidate.x, gate])
          if gates.isNear(product.scalar, candidate.factor), product.values == [candidate.x, gate] || product.values == [gate, candidate.x] {
            return [node.replaced(by: candidate.operation, [candidate.x])]
          }
        }
      }
      return nil
    }
  }
}

/// Tells which activations of the form `factor * x * gate(x)` a gate could belong to. Numbers agree to a tolerance that suits the
/// precision of the graph.
private struct GateMatch {
  struct Candidate {
    let x: ValueID
    let factor: Double
    let operation: any Operator
  }

  let pattern: Pattern
  let tolerance: Double

  func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= tolerance * abs(b) }

  func activations(behind gate: ValueID) -> [Candidate] {
    if let (_, node) = pattern.source(of: gate, as: Sigmoid.self), let argument = node.inputs.optional(0) {
      return pattern.multiples(argument).map { Candidate(x: $0.value, factor: 1, operation: Swish(alpha: Float($0.number))) }
    }
    if let (_, tanh) = pattern.source(of: gate, as: Tanh.self),
      let (_, softplus) = pattern.source(of: tanh.inputs.optional(0), as: Softplus.self), let x = softplus.inputs.optional(0)
    {
      return [Candidate(x: x, factor: 1, operation: Mish())]
    }
    if let (sigmoid, node) = pattern.source(of: gate, as: HardSigmoid.self), let x = node.inputs.optional(0) {
      return isNear(Double(sigmoid.alpha), 1 / 6) && isNear(Double(sigmoid.beta), 0.5) ? [Candidate(x: x, factor: 1, operation: HardSwish())] : []
    }
    guard let (inner, one) = pattern.shifted(gate), isNear(one, 1) else { return [] }
    if let (_, node) = pattern.source(of: inner, as: Erf.self), let argument = node.inputs.optional(0) {
      return pattern.multiples(argument).filter { isNear($0.number, 0.5.squareRoot()) }.map {
        Candidate(x: $0.value, factor: 0.5, operation: Gelu(approximation: .none))
      }
    }
    if let (_, node) = pattern.source(of: inner, as: Tanh.self), let argument = node.inputs.optional(0) {
      return pattern.multiples(argument).filter { isNear($0.number, (2 / Double.pi).squareRoot()) }.compactMap {
        cubic($0.value).map { Candidate(x: $0, factor: 0.5, operation: Gelu(approximation: .tanh)) }
      }
    }
    return []
  }

  /// x, where `id` is `x + 0.044715 * x^3`.
  private func cubic(_ id: ValueID) -> ValueID? {
    guard let (_, sum) = pattern.source(of: id, as: Add.self) else { return nil }
    return pattern.eitherWay(sum) { x in
      guard let other = sum.inputs.first(where: { $0 != x }) ?? nil else { return nil }
      let terms = pattern.factors(of: other, keeping: [x])
      return isNear(terms.scalar, 0.044715) && terms.values.reduce(0, { $0 + exponent($1, of: x) }) == 3 ? x : nil
    }?.found
  }

  /// 1 for x itself, n for `x^n`; NaN for everything else.
  private func exponent(_ id: ValueID, of x: ValueID) -> Double {
    if id == x { return 1 }
    guard let (_, power) = pattern.source(of: id, as: Pow.self), power.inputs.optional(0) == x else { return .nan }
    return pattern.scalar(power.inputs.optional(1)) ?? .nan
  }
}
