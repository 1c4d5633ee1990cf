extension [Tensor?] {
  /// The inputs as type inference sees them, all of them constant.
  var operands: [Operand?] { map { tensor in tensor.map { Operand($0) } } }
}

/// Refuses a parameter that is not of `element`, or that does not repeat along axes of `shape` to become of that shape.
func checkBroadcast(_ parameter: TensorType, _ name: String, element: ElementType, to shape: [Int]) throws(GraphError) {
  guard parameter.element == element else {
    throw .invalid(place: "", reason: "input '\(name)' is \(parameter.element.onnxName), not \(element.onnxName)")
  }
  guard parameter.shape.count <= shape.count, zip(parameter.shape.reversed(), shape.reversed()).allSatisfy({ $0 == $1 || $0 == 1 }) else {
    throw .shape(place: "", reason: "input '\(name)' of shape \(parameter.shape) does not broadcast to \(shape)")
  }
}
