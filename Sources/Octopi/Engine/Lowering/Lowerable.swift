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
    var isEmpty = false
    for case let id? in node.inputs + node.outputs where try type(id).count == 0 { isEmpty = true }
    if !isEmpty, let operation = node.operation as? any Lowerable, try operation.lower(node, into: &self) { return }
    try lowerByReference(node)
  }

  /// The operator's own loops; kernels need not know tensors without elements.
  private mutating func lowerByReference(_ node: Node) throws(EngineError) {
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
      guard type.count <= Self.largestReference else {
        throw .unsupported(place: node.place, reason: "a result of shape \(type.shape) is too large for an operator without a kernel")
      }
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

  /// Elements of a result by plain loops, which hold some copies of it.
  private static let largestReference = 1 << 28
}
