// Operators whose result is the input read with other strides.

/// Axes in another order, reversed by default (ONNX Transpose 1 to 25).
public struct Transpose: Forwarding, Hashable {
  /// `result axis i = input axis permutation[i]`; nil reverses them.
  public let permutation: [Int]?

  public static let declaration = OperatorDeclaration(
    "Transpose", opsets: [1, 13] + movementOpsets, elements: ElementType.all
  ) { (node) throws(GraphError) in Transpose(permutation: try node.ints("perm")) }

  public var definition: OperatorDefinition { OperatorDefinition(["perm": permutation.map(Attribute.integers)]) }

  /// The permutation for a tensor of `rank` axes.
  public func order(rank: Int) throws(GraphError) -> [Int] {
    guard let permutation else { return (0..<rank).reversed() }
    var order: [Int] = []
    for axis in permutation { order.append(try normalizedAxis(axis, rank: rank)) }
    guard order.count == rank, Set(order).count == rank else {
      throw .invalid(place: "", reason: "perm \(permutation) is no order of \(rank) axes")
    }
    return order
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "data").type
    return [TensorType(x.element, try order(rank: x.shape.count).map { x.shape[$0] })]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "data")
    let order = try order(rank: x.shape.count), strides = rowMajorStrides(x.shape)
    return [x.strided(order.map { x.shape[$0] }, strides: order.map { strides[$0] })]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? {
    guard let shape = inputs.optional(0)?.type.shape, let order = try? order(rank: shape.count) else { return nil }  // types were inferred: it cannot throw
    let moving = order.filter { shape[$0] != 1 }
    return shape == results[0].shape && moving == moving.sorted() ? 0 : nil
  }
}

/// The input broadcast against a shape, in both directions (ONNX Expand 8, 13).
public struct Expand: Forwarding, Hashable {
  public static let declaration = OperatorDeclaration(
    "Expand", opsets: [8, 13], inputs: 2...2, elements: ElementType.all
  ) { (_) throws(GraphError) in Expand() }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    let shape = try inputs.required(1, "shape").integers("shape")
    return [try TensorType(x.element, try broadcastShape([x.shape, shape])).checked()]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    return [try inputs.required(0, "input").broadcast(to: type.shape)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { inputs.optional(0)?.type == results[0] ? 0 : nil }
}

/// The input side by side with itself, so many times along each axis (ONNX Tile 1, 6, 13).
public struct Tile: Forwarding, Hashable {
  /// Opset 1 repeats one axis; both are inputs there.
  private let isAlongOneAxis: Bool

  public static let declaration = OperatorDeclaration(
    "Tile", opsets: [1, 6, 13], inputs: 2...3, elements: ElementType.all
  ) { (node) throws(GraphError) in Tile(isAlongOneAxis: node.opset == 1) }

  public var definition: OperatorDefinition { OperatorDefinition(opset: isAlongOneAxis ? 1 : nil) }

  /// Repeats for each axis of a tensor of `rank`.
  public func repeats(_ inputs: [Operand?], rank: Int) throws(GraphError) -> [Int] {
    var repeats = try inputs.required(1, "repeats").wholeNumbers("repeats")
    if isAlongOneAxis {
      guard let count = repeats.first, let axis = try inputs.required(2, "axis").wholeNumbers("axis").first else {
        throw .invalid(place: "", reason: "tiles and axis must be scalars")
      }
      repeats = [Int](repeating: 1, count: rank)
      repeats[try normalizedAxis(axis, rank: rank)] = count
    }
    guard repeats.count == rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw .invalid(place: "", reason: "repeats \(repeats) do not fit a tensor of rank \(rank)")
    }
    return repeats
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    return [try TensorType(x.element, zip(x.shape, try repeats(inputs, rank: x.shape.count)).map { $0 * $1 }).checked()]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    let repeats = try repeats(inputs.map { $0.map(Operand.init) }, rank: x.shape.count), strides = rowMajorStrides(x.shape)
    // Axes repeat and length alternate; the repeat has stride 0.
    let split = x.strided(zip(repeats, x.shape).flatMap { [$0, $1] }, strides: strides.flatMap { [0, $0] })
    return [split.reshaped(zip(x.shape, repeats).map { $0 * $1 })]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { inputs.optional(0)?.type == results[0] ? 0 : nil }
}

/// Blocks of channels become blocks of space, one axis of length `blockSize` each (ONNX DepthToSpace 1, 11, 13, 28); N C H W.
public struct DepthToSpace: Operator, Hashable {
  public let blockSize: Int
  /// Channels count block column, block row, channel (`DCR`), else channel first (`CRD`).
  public let blocksFirst: Bool

  public static let declaration = OperatorDeclaration(
    "DepthToSpace", opsets: [1, 11, 13, 28], elements: ElementType.all
  ) { (node) throws(GraphError) in
    DepthToSpace(blockSize: try readBlockSize(node), blocksFirst: node.opset < 11 ? true : try readOrder(node))
  }

  public var definition: OperatorDefinition { OperatorDefinition(["blocksize": .integer(blockSize), "mode": orderAttribute(blocksFirst)]) }

  private func lengths(_ shape: [Int]) throws(GraphError) -> (n: Int, c: Int, h: Int, w: Int) {
    guard shape.count == 4, shape[1] % (blockSize * blockSize) == 0 else {
      throw .shape(place: "", reason: "shape \(shape) cannot give blocks of \(blockSize) by \(blockSize)")
    }
    return (shape[0], shape[1] / (blockSize * blockSize), shape[2], shape[3])
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    let (n, c, h, w) = try lengths(x.shape)
    return [TensorType(x.element, [n, c, h * blockSize, w * blockSize])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    let (n, c, h, w) = try lengths(x.shape), b = blockSize
    let split = blocksFirst ? [n, b, b, c, h, w] : [n, c, b, b, h, w]
    let order = blocksFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
    let strides = rowMajorStrides(split)
    return [x.strided(order.map { split[$0] }, strides: order.map { strides[$0] }).reshaped([n, c, h * b, w * b])]
  }
}

/// Blocks of space become channels (ONNX SpaceToDepth 1, 13, 28); N C H W.
public struct SpaceToDepth: Operator, Hashable {
  public let blockSize: Int
  /// As in `DepthToSpace`; always true before opset 28.
  public let blocksFirst: Bool

  public static let declaration = OperatorDeclaration(
    "SpaceToDepth", opsets: [1, 13, 28], elements: ElementType.all
  ) { (node) throws(GraphError) in
    SpaceToDepth(blockSize: try readBlockSize(node), blocksFirst: node.opset < 28 ? true : try readOrder(node))
  }

  public var definition: OperatorDefinition { OperatorDefinition(["blocksize": .integer(blockSize), "mode": orderAttribute(blocksFirst)]) }

  private func check(_ shape: [Int]) throws(GraphError) {
    guard shape.count == 4, shape[2] % blockSize == 0, shape[3] % blockSize == 0 else {
      throw .shape(place: "", reason: "shape \(shape) is not made of blocks of \(blockSize) by \(blockSize)")
    }
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    try check(x.shape)
    let channels = TensorType(x.element, [x.shape[1], blockSize, blockSize]).count
    return [try TensorType(x.element, [x.shape[0], channels, x.shape[2] / blockSize, x.shape[3] / blockSize]).checked()]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    try check(x.shape)
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / blockSize, x.shape[3] / blockSize), b = blockSize
    let split = [n, c, h, b, w, b], order = blocksFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
    let strides = rowMajorStrides(split)
    return [x.strided(order.map { split[$0] }, strides: order.map { strides[$0] }).reshaped([n, c * b * b, h, w])]
  }
}

private func readBlockSize(_ node: AttributeReader) throws(GraphError) -> Int {
  guard let size = try node.int("blocksize") else { throw .invalid(place: node.node, reason: "attribute 'blocksize' is missing") }
  guard (1...1 << 15).contains(size) else { throw .invalid(place: node.node, reason: "a block size of \(size) is absurd") }
  return size
}

private enum DepthOrder: String, CaseIterable { case blocksFirst = "DCR", channelsFirst = "CRD" }

private func readOrder(_ node: AttributeReader) throws(GraphError) -> Bool {
  try node.choice("mode", default: DepthOrder.blocksFirst) == .blocksFirst
}

private func orderAttribute(_ blocksFirst: Bool) -> Attribute {
  .string((blocksFirst ? DepthOrder.blocksFirst : .channelsFirst).rawValue)
}
