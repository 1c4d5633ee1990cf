/// Indices of all elements that are not zero, one row an axis (ONNX NonZero 9, 13). The shape depends on the values.
public struct NonZero: Operator {
  public static let declaration = OperatorDeclaration.plain("NonZero", opsets: [9, 13], elements: ElementType.all) { NonZero() }

  private func positions(_ x: Tensor) -> [Int] {
    switch x.values {
    case .floats(let v): v.indices.filter { v[$0] != 0 }
    case .doubles(let v): v.indices.filter { v[$0] != 0 }
    case .integers(let v): v.indices.filter { v[$0] != 0 }
    }
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x: Operand = try inputs.required(0, "X")
    guard let values = x.constant else {
      throw .unsupported(place: "", reason: "the shape of its result is known only when the network runs")
    }
    return [TensorType(.int64, [x.type.shape.count, positions(values).count])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let positions = positions(x)
    let rows = zip(rowMajorStrides(x.shape), x.shape).flatMap { stride, length in positions.map { Int64($0 / stride % length) } }
    return [Tensor(TensorType(.int64, [x.shape.count, positions.count]), .integers(rows))]
  }
}

/// The `k` largest or smallest elements along an axis, in order, and where they stood (ONNX TopK 1, 10, 11, 24). Of equals the first counts.
public struct TopK: Operator {
  public let axis: Int
  public let largest: Bool
  /// Up to opset 9 an attribute.
  private let attribute: Int?

  public static let declaration = OperatorDeclaration(
    "TopK", opsets: [1, 10, 11, 24], inputs: 1...2, outputs: 1...2, elements: ElementType.numeric
  ) { (node) throws(GraphError) in
    node.ignore("sorted")  // the order of unsorted results is free
    return TopK(
      axis: try node.int("axis") ?? -1, largest: node.opset < 11 ? true : try node.bool("largest") ?? true,
      attribute: node.opset < 10 ? try node.int("k") ?? 0 : nil)
  }

  public var definition: OperatorDefinition {
    if let attribute { return OperatorDefinition(["axis": .integer(axis), "k": .integer(attribute)], opset: 9) }
    return OperatorDefinition(["axis": .integer(axis), "largest": .flag(largest)])
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    var type = try inputs.required(0, "X").type
    let axis = try normalizedAxis(axis, rank: type.shape.count), count: Int?
    if let attribute { count = attribute } else { count = try inputs.required(1, "K").integers("K").first }
    guard let count, (0...type.shape[axis]).contains(count) else {
      throw .invalid(place: "", reason: "an axis of \(type.shape[axis]) has no \(count.map { "\($0)" } ?? "?") largest elements")
    }
    type.shape[axis] = count
    return [type, TensorType(.int64, type.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let types = try outputs(of: inputs.map { $0.map(Operand.init) })
    let x: Tensor = try inputs.required(0, "X")
    let axis = try normalizedAxis(axis, rank: x.shape.count)
    let length = x.shape[axis], inner = x.shape[(axis + 1)...].reduce(1, *), outer = x.shape[..<axis].reduce(1, *)
    let count = types[0].shape[axis], precedes = order(of: x)
    var starts = [Int?](repeating: 0, count: types[0].count), ranks = [Int64](repeating: 0, count: types[0].count)
    for o in 0..<outer {
      for i in 0..<inner {
        let base = o * length * inner + i
        let best = (0..<length).sorted { precedes(base + $0 * inner, base + $1 * inner) }.prefix(count)
        for (k, rank) in best.enumerated() {
          starts[(o * count + k) * inner + i] = base + rank * inner
          ranks[(o * count + k) * inner + i] = Int64(rank)
        }
      }
    }
    return [x.runs(starts, length: 1, shape: types[0].shape), Tensor(types[1], .integers(ranks))]
  }

  /// Whether one position comes before another: NaN counts as larger than all numbers, and the earlier of equals comes first.
  private func order(of x: Tensor) -> (Int, Int) -> Bool {
    if let values = x.integers {
      let isBelow = x.element.isBelow
      return { a, b in values[a] == values[b] ? a < b : isBelow(values[b], values[a]) == largest }
    }
    let values = x.doubles.map { $0.isNaN ? Double.infinity : $0 }
    return { a, b in values[a] == values[b] ? a < b : (values[a] > values[b]) == largest }
  }
}

/// A new axis of length `depth` that holds `on` at the index and `off` elsewhere (ONNX OneHot 9, 11, 28).
public struct OneHot: Operator {
  public let axis: Int

  public static let declaration = OperatorDeclaration(
    "OneHot", opsets: [9, 11, 28], inputs: 3...3, elements: ElementType.numeric
  ) { (node) throws(GraphError) in OneHot(axis: try node.int("axis") ?? -1) }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    var shape = try inputs.required(0, "indices").type.shape
    let depth: Operand = try inputs.required(1, "depth"), values = try inputs.required(2, "values").type
    guard depth.type.count == 1, values.shape == [2] else { throw .invalid(place: "", reason: "depth must be one number, values two") }
    guard let constant = depth.constant?.scalar else {
      throw .unsupported(place: "input 'depth'", reason: "a shape depends on values that are known only when the network runs")
    }
    guard constant >= 0, constant <= Double(Limits.dimension.upperBound) else {
      throw .invalid(place: "", reason: "a depth of \(constant) is absurd")
    }
    shape.insert(Int(constant), at: try normalizedAxis(axis, rank: shape.count + 1))
    return [try TensorType(values.element, shape).checked()]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let indices: Tensor = try inputs.required(0, "indices"), values: Tensor = try inputs.required(2, "values")
    let axis = try normalizedAxis(axis, rank: type.shape.count), depth = type.shape[axis]
    let inner = type.shape[(axis + 1)...].reduce(1, *)
    var starts = [Int?](repeating: 0, count: type.count)
    for (k, index) in indices.doubles.enumerated() {
      let place = index < 0 ? index + Double(depth) : index
      guard place >= 0, place < Double(depth) else { continue }  // indices outside are off everywhere
      starts[(k / inner * depth + Int(place)) * inner + k % inner] = 1
    }
    return [values.runs(starts, length: 1, shape: type.shape)]
  }
}
