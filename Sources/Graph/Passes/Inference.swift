extension Node {
  /// Types of the node's results for its operands, within the limits; errors name the node.
  func results(of operands: [Operand?]) throws(GraphError) -> [TensorType] {
    let declaration = type(of: operation).declaration
    do throws(GraphError) {
      if let element = operands.first??.type.element, !declaration.elements.contains(element) {
        throw GraphError.unsupported(
          place: "", reason: "its first input is \(element.onnxName); supported are \(declaration.elements.map(\.onnxName).joined(separator: ", "))")
      }
      var types: [TensorType] = []
      for type in try operation.outputs(of: operands) { types.append(try type.checked()) }
      guard types.count >= outputs.count else {
        throw GraphError.invalid(place: "", reason: "it has \(types.count) results, \(outputs.count) are named")
      }
      return types
    } catch {
      throw error.at(place)
    }
  }

  /// The node's results by its operator's plain loops; errors name the node.
  func evaluate(_ inputs: [Tensor?], types: [TensorType]) throws(GraphError) -> [Tensor] {
    do throws(GraphError) {
      let results = try operation.evaluate(inputs)
      assert(zip(results, types).allSatisfy { $0.type == $1 }, "\(place): \(results.map(\.type)) where \(types) were announced")
      return results
    } catch {
      throw error.at(place)
    }
  }
}

extension Graph {
  /// How many nodes and outputs read each value.
  func useCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: values.count)
    for node in nodes { for case let id? in node.inputs { counts[id.index] += 1 } }
    for id in outputs { counts[id.index] += 1 }
    return counts
  }
}

extension Graph {
  /// Gives every value its type, from those of inputs and constants. Constants that have not been read are known by their type alone.
  public mutating func inferTypes() throws(GraphError) {
    for node in nodes {
      var operands: [Operand?] = []
      for id in node.inputs {
        guard let id else { operands.append(nil); continue }
        guard let type = self[id].type else { throw .invalid(place: node.place, reason: "'\(self[id].name)' has no type") }
        operands.append(Operand(type, constant: self[id].stored == nil ? self[id].constant : nil))
      }
      for (id, type) in zip(node.outputs, try node.results(of: operands)) { if let id { self[id].type = type } }
    }
  }
}
