import Graph

extension StridedAttention: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let q = node.inputs[0], let k = node.inputs[1], let v = node.inputs[2], let y = node.outputs[0], try plan.isFloat(y) else { return false }
    var constants: [Tensor?] = []
    for index in 3..<6 {
      let id = node.inputs.optional(index)
      constants.append(id.flatMap { plan.graph[$0].constant })
      if id != nil && constants.last == nil { return false }
    }
    let output = plan.newPlain(floats: try plan.type(y).count)
    plan.emit(
      AttentionStep(
        name: node.name, attention: self, query: try plan.plain(q), key: try plan.plain(k), value: try plan.plain(v), output: output,
        bias: constants[0].flatMap { plan.packedScores($0, self) }, mask: constants[1].flatMap { plan.packedScores($0, self) },
        regions: constants[2].flatMap { RegionRows($0) },
        scratch: plan.kernels.matMul.attentionScratch(tokens: tokens, keySize: keySize, valueSize: valueSize)))
    plan.define(y, .plain(output))
    return true
  }
}

extension PlanBuilder {
  /// Matrices `[n, queries, tokens]` one after the other, each transposed and packed as the kernel takes it.
  fileprivate func packedScores(_ matrices: Tensor, _ attention: StridedAttention) -> ScoreMatrices? {
    guard let values = matrices.floats else { return nil }
    let kernels = kernels.matMul, size = kernels.packedCount(k: attention.tokens, n: attention.queries), count = matrices.shape[0]
    let storage = FloatStorage(count: count * size) { target in
      guard let out = target.baseAddress else { return }
      values.withUnsafeBufferPointer { values in
        guard let source = values.baseAddress else { return }
        for i in 0..<count {
          kernels.pack(
            attention.tokens, attention.queries, source + i * attention.queries * attention.tokens, 1, attention.tokens, 1, out + i * size)
        }
      }
    }
    return ScoreMatrices(storage: storage, size: size, count: count)
  }
}
