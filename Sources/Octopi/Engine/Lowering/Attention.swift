import Graph

extension StridedAttention: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let q = node.inputs[0], let k = node.inputs[1], let v = node.inputs[2], let y = node.outputs[0], try plan.isFloat(y) else { return false }
    let added = (3..<6).map { node.inputs.optional($0) }
    guard added.allSatisfy({ id in id.map { plan.graph[$0].isConstant } ?? true }) else { return false }
    let bias = added[0].flatMap { plan.scoreMatrices($0, self) }, mask = added[1].flatMap { plan.scoreMatrices($0, self) }
    let regions = added[2].flatMap { plan.graph[$0].constant }.flatMap { RegionRows($0) }
    guard (bias == nil) == (added[0] == nil), (mask == nil) == (added[1] == nil), (regions == nil) == (added[2] == nil) else { return false }
    let output = plan.newPlain(floats: try plan.type(y).count)
    plan.emit(
      AttentionStep(
        plan.byHeads(self, q, k, v) ?? self, plan.kernels.matMul, name: node.name, query: try plan.plain(q), key: try plan.plain(k),
        value: try plan.plain(v), output: output, bias: bias, mask: mask, regions: regions))
    plan.define(y, .plain(output))
    return true
  }
}

extension PlanBuilder {
  /// The attention once the product that makes queries, keys and values together writes them head by head, if nothing else reads it: short
  /// pieces of rows that hold all heads come from memory one by one, each with what other heads need.
  fileprivate mutating func byHeads(_ attention: StridedAttention, _ q: ValueID, _ k: ValueID, _ v: ValueID) -> StridedAttention? {
    guard q == k, k == v, let buffer = ownedBuffer(q, uses: 3), let step = producer(of: buffer) as? LinearStep, step.residual == nil,
      let result = attention.byHeads(rows: step.rows, columns: step.columns)
    else { return nil }
    let isChanged = update(LinearStep.self, writing: buffer) { step in
      step.group = attention.keySize
      return true
    }
    return isChanged ? result : nil
  }

  /// Matrices `[n, queries, tokens]`, each transposed and packed as the kernel takes it.
  fileprivate func scoreMatrices(_ id: ValueID, _ attention: StridedAttention) -> ScoreMatrices? {
    guard let storage = packedMatrices(id, isTransposed: true) else { return nil }
    return ScoreMatrices(storage: storage, size: kernels.matMul.packedCount(k: attention.tokens, n: attention.queries))
  }
}
