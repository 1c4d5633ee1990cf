/// Operators that pick and place values by index, or make indices.
enum Indexing {
  static let operators = [
    Gather.declaration, GatherElements.declaration, GatherND.declaration, ScatterElements.declaration, Scatter.declaration,
    ScatterND.declaration, NonZero.declaration, TopK.declaration, OneHot.declaration, Trilu.declaration, CumSum.declaration,
  ]
}

/// The position that a possibly negative index names along an axis of `length`.
func normalizedIndex(_ index: Int64, length: Int) throws(GraphError) -> Int {
  let position = index < 0 ? Int(index) &+ length : Int(index)
  guard position >= 0, position < length else { throw .invalid(place: "", reason: "index \(index) is outside an axis of \(length)") }
  return position
}

/// An operand that holds indices.
func indexOperand(_ inputs: [Operand?], _ position: Int, _ name: String) throws(GraphError) -> TensorType {
  let type = try inputs.required(position, name).type
  guard type.element == .int64 || type.element == .int32 else {
    throw .invalid(place: "", reason: "input '\(name)' holds \(type.element.onnxName), not int32 or int64")
  }
  return type
}
