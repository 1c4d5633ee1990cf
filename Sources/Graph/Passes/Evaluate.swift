extension Graph {
  /// Runs the graph by the operators' own plain loops: the oracle of passes and kernels.
  ///
  /// - inputs: in the order of `self.inputs`, of any shape that the network accepts.
  /// - Returns: the outputs in the order of `self.outputs`.
  public func evaluate(_ inputs: [Tensor]) throws(GraphError) -> [Tensor] {
    guard inputs.count == self.inputs.count else {
      throw .shape(place: "", reason: "the network has \(self.inputs.count) inputs, \(inputs.count) were given")
    }
    var tensors = values.map(\.constant)
    for (id, tensor) in zip(self.inputs, inputs) {
      try self[id].check(tensor.type)
      tensors[id.index] = tensor
    }
    var uses = useCounts()
    for node in nodes {
      let operands = node.inputs.map { $0.flatMap { tensors[$0.index] } }
      let types = try node.results(of: operands.map { $0.map(Operand.init) })
      guard types.allSatisfy({ $0.count <= Self.largestEvaluation }) else {
        throw .unsupported(place: node.place, reason: "results of shape \(types.map(\.shape)) are too large for reference evaluation")
      }
      let results = try node.evaluate(operands, types: types)
      for (id, tensor) in zip(node.outputs, results) { if let id { tensors[id.index] = tensor } }
      for case let id? in node.inputs {
        uses[id.index] -= 1
        if uses[id.index] == 0 { tensors[id.index] = nil }
      }
    }
    var results: [Tensor] = []
    for id in outputs {
      guard let tensor = tensors[id.index] else { throw .invalid(place: "output '\(self[id].name)'", reason: "no node makes it") }
      results.append(tensor)
    }
    return results
  }

  private static let largestEvaluation = 1 << 31
}

extension Value {
  /// Refuses a type that contradicts what the file declares of this input.
  func check(_ given: TensorType) throws(GraphError) {
    guard let declared else { return }
    guard declared.element == given.element else {
      throw .shape(place: "input '\(name)'", reason: "it is \(declared.element.onnxName), \(given.element.onnxName) was given")
    }
    guard let shape = declared.shape else { return }
    let agrees = shape.count == given.shape.count && zip(shape, given.shape).allSatisfy { if case .known(let n) = $0 { n == $1 } else { true } }
    guard agrees else {
      let text = shape.map { dimension in
        switch dimension {
        case .known(let length): "\(length)"
        case .named(let name): name
        case .unknown: "?"
        }
      }
      throw .shape(place: "input '\(name)'", reason: "the model declares shape [\(text.joined(separator: ", "))], \(given.shape) was given")
    }
  }
}
