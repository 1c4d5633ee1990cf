import Graph

/// An operator that the engine has kernels for. Others run by their reference evaluation.
protocol Lowerable: Operator {
  /// Emits the steps of one node. Returns false to leave this node to the reference evaluation.
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool
}

extension PlanBuilder {
  /// Emits the steps of one node, by kernel or by reference.
  mutating func lower(_ node: Node) throws(EngineError) {
    defer { finish(node) }
    if let operation = node.operation as? any Lowerable, try operation.lower(node, into: &self) { return }
    var inputs: [HostSource?] = []
    for id in node.inputs {
      if let id { inputs.append(try hostSource(id)) } else { inputs.append(nil) }
    }
    var outputs: [ReferenceStep.Output] = [], types: [TensorType] = []
    for id in node.outputs {
      guard let id else {
        outputs.append(.unused)
        continue
      }
      let type = try type(id)
      types.append(type)
      if type.element.isFloatingPoint && type.element != .float64 {
        let buffer = newPlain(floats: type.count)
        outputs.append(.floats(buffer))
        define(id, .plain(buffer))
      } else {
        let slot = newHostSlot()
        outputs.append(.slot(slot))
        define(id, .host(slot))
      }
    }
    emit(ReferenceStep(name: node.name, operation: node.operation, inputs: inputs, outputs: outputs, types: types))
  }
}
