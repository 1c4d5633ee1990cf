import Graph
import Kernels

extension MatMul: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], try plan.isFloat(a), try plan.isFloat(b) else { return false }
    let shapeA = try plan.type(a).shape, shapeB = try plan.type(b).shape
    let geometry: MatMulGeometry
    do throws(GraphError) { geometry = try self.geometry(a: shapeA, b: shapeB) } catch { throw EngineError(error, in: node.name) }
    return try plan.lowerProduct(node, geometry, alpha: 1, transposesA: false, transposesB: false)
  }
}

extension Gemm: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], try plan.isFloat(a), try plan.isFloat(b) else { return false }
    let shapeA = try plan.type(a).shape, shapeB = try plan.type(b).shape
    let geometry: MatMulGeometry
    do throws(GraphError) { geometry = try self.geometry(a: shapeA, b: shapeB) } catch { throw EngineError(error, in: node.name) }
    var bias: FloatStorage?
    if node.inputs.count > 2, let c = node.inputs[2] {
      guard let constant = plan.graph[c].constant, let values = constant.floats, constant.shape.last == geometry.columns, constant.count == geometry.columns
      else { return false }
      bias = FloatStorage(values.map { beta * $0 })
    }
    return try plan.lowerProduct(node, geometry, alpha: alpha, transposesA: transposesA, transposesB: transposesB, bias: bias)
  }
}

extension PlanBuilder {
  mutating func lowerProduct(
    _ node: Node, _ geometry: MatMulGeometry, alpha: Float, transposesA: Bool, transposesB: Bool, bias: FloatStorage? = nil
  ) throws(EngineError) -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], let y = node.outputs[0], graph[a].constant == nil || graph[b].constant == nil else { return false }
    let g = geometry, packedFloats = kernels.matMul.packedCount(k: g.depth, n: g.columns)
    let right: MatMulStep.RightSide
    if let constant = graph[b].constant, let values = constant.floats {
      let matrices = constant.count / max(1, g.depth * g.columns), kernels = kernels.matMul
      let storage = FloatStorage(values)
      right = .packed(
        FloatStorage(count: matrices * packedFloats) { target in
          guard let out = target.baseAddress else { return }
          for i in 0..<matrices {
            kernels.pack(
              g.depth, g.columns, storage.pointer + i * g.depth * g.columns, transposesB ? 1 : g.columns, transposesB ? g.depth : 1, alpha,
              out + i * packedFloats)
          }
        })
    } else {
      right = .computed(try plain(b))
    }
    let left = try plain(a), output = newPlain(floats: try type(y).count)
    emit(
      MatMulStep(
        name: node.name, a: left, b: right, output: output, geometry: g, alpha: alpha, transposesA: transposesA, transposesB: transposesB, bias: bias,
        packedFloats: packedFloats))
    define(y, .plain(output))
    return true
  }
}
