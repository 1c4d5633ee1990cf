/// Tensors one after the other along one axis (ONNX Concat 1, 4, 11, 13).
public struct Concat: Forwarding, Hashable {
  public let axis: Int

  public static let declaration = OperatorDeclaration(
    "Concat", opsets: [1, 4, 11, 13], inputs: 1...OperatorDeclaration.many, elements: ElementType.all
  ) { (node) throws(GraphError) in
    guard let axis = try node.int("axis") ?? (node.opset < 4 ? 1 : nil) else {
      throw .invalid(place: node.node, reason: "attribute 'axis' is missing")
    }
    return Concat(axis: axis)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let first = try inputs.required(0, "inputs").type
    let axis = try normalizedAxis(axis, rank: first.shape.count)
    var result = first
    for index in inputs.indices.dropFirst() {
      var other = try inputs.required(index, "inputs").type
      guard other.shape.count == first.shape.count else {
        throw .shape(place: "", reason: "shapes \(first.shape) and \(other.shape) cannot be joined")
      }
      result.shape[axis] += other.shape[axis]
      other.shape[axis] = first.shape[axis]
      guard other == first else { throw .shape(place: "", reason: "shapes \(first.shape) and \(other.shape) cannot be joined along axis \(axis)") }
    }
    return [result]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let axis = try normalizedAxis(axis, rank: type.shape.count)
    let tensors = inputs.compactMap { $0 }
    let outer = type.shape[..<axis].reduce(1, *), inner = type.shape[axis...].dropFirst().reduce(1, *)
    let lengths = tensors.map { $0.shape[axis] * inner }
    switch tensors[0].values {
    case .floats: return [Tensor(type, .floats(Self.join(tensors.map { $0.floats ?? [] }, outer, lengths)))]
    case .integers: return [Tensor(type, .integers(Self.join(tensors.map { $0.integers ?? [] }, outer, lengths)))]
    case .doubles: return [Tensor(type, .doubles(Self.join(tensors.map(\.doubles), outer, lengths)))]
    }
  }

  private static func join<T>(_ sources: [[T]], _ outer: Int, _ lengths: [Int]) -> [T] {
    var result: [T] = []
    result.reserveCapacity(lengths.reduce(0, +) * outer)
    for row in 0..<outer {
      for (source, length) in zip(sources, lengths) { result.append(contentsOf: source[(row * length)..<((row + 1) * length)]) }
    }
    return result
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? {
    inputs.indices.first { inputs.optional($0)?.type == results[0] }
  }
}

/// One tensor in parts along one axis: of given lengths, or equal ones (ONNX Split 1, 2, 11, 13, 18).
public struct Split: Forwarding, Hashable {
  public let axis: Int
  private let attribute: [Int]?
  private let count: Int
  /// Since opset 18 the last of `num_outputs` parts may be shorter.
  private let lastIsShorter: Bool

  public static let declaration = OperatorDeclaration(
    "Split", opsets: [1, 2, 11, 13, 18], inputs: 1...2, outputs: 1...OperatorDeclaration.many, elements: ElementType.all
  ) { (node) throws(GraphError) in
    let count = node.opset >= 18 ? try node.int("num_outputs") : nil
    if let count, count != node.outputCount {
      throw .invalid(place: node.node, reason: "num_outputs is \(count), the node lists \(node.outputCount)")
    }
    return Split(
      axis: try node.int("axis") ?? 0, attribute: node.opset < 13 ? try node.ints("split") : nil, count: node.outputCount,
      lastIsShorter: node.opset >= 18)
  }

  public var definition: OperatorDefinition {
    let opset: Int? = attribute != nil ? 12 : lastIsShorter ? nil : 17
    return OperatorDefinition(["axis": .integer(axis), "split": attribute.map(Attribute.integers)], opset: opset, outputCount: count)
  }

  /// Length of each part of a tensor of `shape`.
  public func lengths(of shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int] {
    let length = shape[try normalizedAxis(axis, rank: shape.count)]
    let given: [Int]?
    if let input = inputs.optional(1) { given = try input.wholeNumbers("split") } else { given = attribute }
    if let given {
      guard given.count == count, given.allSatisfy({ $0 >= 0 }), given.reduce(0, { $0 &+ $1 }) == length else {
        throw .shape(place: "", reason: "parts \(given) do not make \(count) of an axis of \(length)")
      }
      return given
    }
    guard count > 0 else { return [] }
    if lastIsShorter {
      let part = (length + count - 1) / count
      return (0..<count).map { max(0, min(part, length - $0 * part)) }
    }
    guard length % count == 0 else { throw .shape(place: "", reason: "an axis of \(length) has no \(count) equal parts") }
    return [Int](repeating: length / count, count: count)
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    let axis = try normalizedAxis(axis, rank: x.shape.count)
    return try lengths(of: x.shape, inputs).map { length in
      var part = x
      part.shape[axis] = length
      return part
    }
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    let axis = try normalizedAxis(axis, rank: x.shape.count), strides = rowMajorStrides(x.shape)
    var start = 0, parts: [Tensor] = []
    for type in try outputs(of: inputs.map { $0.map(Operand.init) }) {
      parts.append(x.strided(type.shape, strides: strides, offset: start * strides[axis]))
      start += type.shape[axis]
    }
    return parts
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { results.count == 1 ? 0 : nil }
}
