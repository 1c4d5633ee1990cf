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
    if let packed = packedMatrices(b, isTransposed: transposesB, alpha: alpha) {
      if packed.count == packedFloats && packedFloats > 0 && !transposesA {
        try lowerLinear(node, a, y, depth: g.depth, columns: g.columns, weights: packed, bias: bias)
        return true
      }
      right = .packed(packed)
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

  /// Constant matrices `[..., k, n]`, transposed `[..., n, k]`, as kernels take the right-hand side of a product: where they lie in a file,
  /// or packed now. Nil for all else.
  func packedMatrices(_ id: ValueID, isTransposed: Bool, alpha: Float = 1) -> FloatStorage? {
    let layout = isTransposed ? TensorLayout.transposedMatrices : .matrices
    if alpha == 1, let mapped = (graph[id].stored as? StoredTensor)?.floats(layout) { return mapped }
    guard let constant = graph[id].constant, let values = constant.floats else { return nil }
    let shape = constant.shape.count > 1 ? constant.shape : isTransposed ? [1] + constant.shape : constant.shape + [1]
    let blocks = BlockedWeights(matrices: shape, isTransposed: isTransposed)
    return FloatStorage(count: blocks.count) { target in
      blocks.write(values, into: target)
      if alpha != 1 { for i in target.indices { target[i] *= alpha } }
    }
  }
}

extension Einsum: Lowerable {
  /// A contraction of two operands as one product for each index of the axes that both keep: operands are turned to `[kept][rows][summed]`
  /// and `[kept][summed][columns]`, the result is turned to its order.
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1], let y = node.outputs[0] else { return false }
    guard try plan.isFloat(a), try plan.isFloat(b) else { return false }
    let shapes = [try plan.type(a).shape, try plan.type(b).shape], c: EinsumContraction
    do throws(GraphError) { c = try contraction(of: shapes) } catch { throw EngineError(error, in: node.name) }
    let left = c.operands[0], right = c.operands[1]
    guard Set(left).count == left.count, Set(right).count == right.count, zip(c.operands, shapes).allSatisfy({ axes, shape in
      zip(axes, shape).allSatisfy { c.sizes[$0] == $1 }
    }) else { return false }
    let kept = c.result.filter { left.contains($0) && right.contains($0) }
    let rows = c.result.filter { left.contains($0) && !right.contains($0) }, columns = c.result.filter { right.contains($0) && !left.contains($0) }
    guard c.summed.allSatisfy({ left.contains($0) && right.contains($0) }), kept.count + rows.count + columns.count == c.result.count else { return false }
    func size(_ axes: [EinsumAxis]) -> Int { axes.reduce(1) { $0 * (c.sizes[$1] ?? 1) } }
    let first = try plan.turned(a, left, to: kept + rows + c.summed, c, name: node.name)
    let second = try plan.turned(b, right, to: kept + c.summed + columns, c, name: node.name)
    let batch = size(kept), geometry: MatMulGeometry, (m, k, n) = (size(rows), size(c.summed), size(columns))
    do throws(GraphError) { geometry = try MatMul().geometry(a: [batch, m, k], b: [batch, k, n]) } catch { throw EngineError(error, in: node.name) }
    let product = plan.newPlain(floats: batch * m * n)
    plan.emit(
      MatMulStep(
        name: node.name, a: first, b: .computed(second), output: product, geometry: geometry,
        packedFloats: plan.kernels.matMul.packedCount(k: k, n: n)))
    let order = kept + rows + columns
    plan.define(y, .plain(order == c.result ? product : plan.turned(product, order, to: c.result, c, name: node.name)))
    return true
  }
}

extension PlanBuilder {
  /// A row-major activation with its axes in another order.
  fileprivate mutating func turned(_ id: ValueID, _ axes: [EinsumAxis], to order: [EinsumAxis], _ c: EinsumContraction, name: String) throws(EngineError) -> BufferID {
    let buffer = try plain(id)
    return axes == order ? buffer : turned(buffer, axes, to: order, c, name: name)
  }

  fileprivate mutating func turned(_ buffer: BufferID, _ axes: [EinsumAxis], to order: [EinsumAxis], _ c: EinsumContraction, name: String) -> BufferID {
    let shape = axes.map { c.sizes[$0] ?? 1 }, strides = StridedMap.rowMajor(shape)
    let target = order.map { c.sizes[$0] ?? 1 }, output = newPlain(floats: target.reduce(1, *))
    emit(
      StridedCopyStep(
        name: name, kind: "transpose", input: buffer, output: output,
        map: StridedMap(
          shape: target, inputStrides: order.map { axis in axes.firstIndex(of: axis).map { strides[$0] } ?? 0 },
          outputStrides: StridedMap.rowMajor(target))))
    return output
  }
}
