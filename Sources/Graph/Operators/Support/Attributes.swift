extension AttributeReader {
  /// A string that names one case of an enumeration.
  func choice<C: RawRepresentable & CaseIterable>(_ name: String, default standard: C) throws(GraphError) -> C where C.RawValue == String {
    guard let text = try string(name) else { return standard }
    guard let value = C(rawValue: text) else {
      let known = C.allCases.map { $0.rawValue }.joined(separator: ", ")
      throw .invalid(place: node, reason: "attribute '\(name)' is '\(text)'; known are \(known)")
    }
    return value
  }

  /// A list of integers, each in `range`.
  func ints(_ name: String, in range: ClosedRange<Int>) throws(GraphError) -> [Int]? {
    guard let values = try ints(name) else { return nil }
    if let bad = values.first(where: { !range.contains($0) }) {
      throw .invalid(place: node, reason: "attribute '\(name)' holds \(bad), outside \(range.lowerBound) to \(range.upperBound)")
    }
    return values
  }
}

/// The axis that a possibly negative number names, in `0..<rank`.
func normalizedAxis(_ axis: Int, rank: Int) throws(GraphError) -> Int {
  guard axis >= -rank, axis < rank else { throw .invalid(place: "", reason: "axis \(axis) does not exist in rank \(rank)") }
  return axis < 0 ? axis + rank : axis
}
