import Graph
import Kernels

extension FusedAttention: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let q = node.inputs[0], let k = node.inputs[1], let v = node.inputs[2], let y = node.outputs[0] else { return false }
    let output = plan.newPlain(floats: batch * queries * valueSize)
    let kernels = plan.kernels.matMul
    plan.emit(
      AttentionStep(
        name: node.name, attention: self, queries: try plan.plain(q), keys: try plan.plain(k), values: try plan.plain(v), output: output,
        addends: addends.map { FloatStorage($0.values) }, packedKeys: kernels.packedCount(k: size, n: tokens),
        packedValues: kernels.packedCount(k: tokens, n: valueSize), scores: kernels.attentionScratch(tokens: tokens)))
    plan.define(y, .plain(output))
    return true
  }
}

/// Attention, matrix by matrix; the scores of a few queries at a time stay in a core's cache.
struct AttentionStep: PlannedStep {
  let name: String
  let attention: FusedAttention
  let queries: BufferID, keys: BufferID, values: BufferID, output: BufferID
  let addends: [FloatStorage]
  let packedKeys: Int, packedValues: Int, scores: Int

  var reads: [BufferID] { [queries, keys, values] }
  var writes: [BufferID] { [output] }
  var parameters: [FloatStorage] { addends }
  var scratch: Int { packedKeys + packedValues + scores }
  var summary: StepSummary {
    let a = attention, scores = Double(a.batch * a.queries * a.tokens)
    return StepSummary(
      name: name, kernel: "attention", shape: "\(a.batch)x\(a.queries)x\(a.tokens)x\(a.size)", flops: 2 * scores * Double(a.size + a.valueSize),
      bytes: 4 * Double(a.batch) * Double((a.queries + a.tokens) * (a.size + a.valueSize)), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let q = memory.plain(queries), k = memory.plain(keys), v = memory.plain(values), y = memory.plain(output), step = self, a = attention
    let shape = AttentionShape(
      queries: a.queries, tokens: a.tokens, keySize: a.size, valueSize: a.valueSize, queryRow: a.size, resultRow: a.valueSize, biasRow: a.tokens,
      maskRow: a.tokens)
    return { (frame) throws(EngineError) in
      frame.pool.run(a.batch) { b, thread in
        let kernels = frame.kernels.matMul, scratch = frame.scratch(of: thread)
        let packedKeys = scratch, packedValues = packedKeys + step.packedKeys, scores = packedValues + step.packedValues
        kernels.pack(
          a.size, a.tokens, frame.arena + k + b * a.tokens * a.size, a.transposesKeys ? a.tokens : 1, a.transposesKeys ? 1 : a.size, 1, packedKeys)
        kernels.pack(a.tokens, a.valueSize, frame.arena + v + b * a.tokens * a.valueSize, a.valueSize, 1, 1, packedValues)
        func addend(_ index: Int) -> Floats? {
          index < step.addends.count ? step.addends[index].pointer + a.addends[index].offsets[b] : nil
        }
        kernels.attend(
          shape, frame.arena + q + b * a.queries * a.size, packedKeys, packedValues, addend(0), addend(1),
          frame.arena + y + b * a.queries * a.valueSize, scores)
      }
    }
  }
}
