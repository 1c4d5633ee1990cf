/// Slices of the data along one axis, in the order of the indices (ONNX Gather 1, 11, 13).
public struct Gather: Operator, Hashable {
  public let axis: Int

  public static let declaration = OperatorDeclaration(
    "Gather", opsets: [1, 11, 13], inputs: 2...2, elements: ElementType.all
  ) { (node) throws(GraphError) in Gather(axis: try node.int("axis") ?? 0) }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let data = try inputs.required(0, "data").type, indices = try indexOperand(inputs, 1, "indices")
    let axis = try normalizedAxis(axis, rank: data.shape.count)
    return [TensorType(data.element, data.shape[..<axis] + indices.shape + data.shape[(axis + 1)...])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let data: Tensor = try inputs.required(0, "data"), indices: Tensor = try inputs.required(1, "indices")
    let axis = try normalizedAxis(axis, rank: data.shape.count), length = data.shape[axis]
    var positions: [Int] = []
    for index in indices.integers ?? [] { positions.append(try normalizedIndex(index, length: length)) }
    let inner = data.shape[(axis + 1)...].reduce(1, *), outer = data.shape[..<axis].reduce(1, *)
    return [data.runs((0..<outer).flatMap { row in positions.map { (row * length + $0) * inner } }, length: inner, shape: type.shape)]
  }
}

/// For every index the element that stands at its place, but at the index along one axis (ONNX GatherElements 11, 13).
public struct GatherElements: Operator, Hashable {
  public let axis: Int

  public static let declaration = OperatorDeclaration(
    "GatherElements", opsets: [11, 13], inputs: 2...2, elements: ElementType.all
  ) { (node) throws(GraphError) in GatherElements(axis: try node.int("axis") ?? 0) }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let data = try inputs.required(0, "data").type, indices = try indexOperand(inputs, 1, "indices")
    try checkElementIndices(indices.shape, data: data.shape, axis: try normalizedAxis(axis, rank: data.shape.count))
    return [TensorType(data.element, indices.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let data: Tensor = try inputs.required(0, "data"), indices: Tensor = try inputs.required(1, "indices")
    let axis = try normalizedAxis(axis, rank: data.shape.count)
    return [data.runs(try elementPositions(indices, in: data.shape, axis: axis), length: 1, shape: indices.shape)]
  }
}

/// Refuses indices that name elements outside of the data on the axes that they do not choose.
func checkElementIndices(_ indices: [Int], data: [Int], axis: Int) throws(GraphError) {
  let fits = indices.count == data.count && data.indices.allSatisfy { $0 == axis || indices[$0] <= data[$0] }
  guard fits else { throw .shape(place: "", reason: "indices of shape \(indices) do not fit data of shape \(data) along axis \(axis)") }
}

/// Where in data of `shape` each of the indices points: its own place, but for `axis`.
func elementPositions(_ indices: Tensor, in shape: [Int], axis: Int) throws(GraphError) -> [Int] {
  var strides = rowMajorStrides(shape)
  let step = strides[axis], length = shape[axis]
  strides[axis] = 0
  var bases: [Int] = []
  bases.reserveCapacity(indices.count)
  let walk = StrideWalk(indices.shape, strides: [strides])
  walk.forEachRow { offsets in for i in 0..<walk.rowLength { bases.append(offsets[0] + i * walk.rowStrides[0]) } }
  for (i, index) in (indices.integers ?? []).enumerated() { bases[i] += try normalizedIndex(index, length: length) * step }
  return bases
}

/// Slices of the data at index tuples, after `batchAxes` axes that data and indices share (ONNX GatherND 11, 12, 13).
public struct GatherND: Operator, Hashable {
  public let batchAxes: Int

  public static let declaration = OperatorDeclaration(
    "GatherND", opsets: [11, 12, 13], inputs: 2...2, elements: ElementType.all
  ) { (node) throws(GraphError) in GatherND(batchAxes: node.opset < 12 ? 0 : try node.int("batch_dims") ?? 0) }

  public var definition: OperatorDefinition { OperatorDefinition(["batch_dims": .integer(batchAxes)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let data = try inputs.required(0, "data").type, indices = try indexOperand(inputs, 1, "indices").shape
    guard batchAxes >= 0, batchAxes < min(data.shape.count, indices.count), indices.prefix(batchAxes) == data.shape.prefix(batchAxes),
      let depth = indices.last, depth >= 1, batchAxes + depth <= data.shape.count
    else { throw .shape(place: "", reason: "indices of shape \(indices) do not fit data of shape \(data.shape) with \(batchAxes) batch axes") }
    return [TensorType(data.element, indices.dropLast() + data.shape[(batchAxes + depth)...])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let type = try outputs(of: inputs.map { $0.map(Operand.init) })[0]
    let data: Tensor = try inputs.required(0, "data"), indices: Tensor = try inputs.required(1, "indices")
    let depth = indices.shape.last ?? 0
    let axes = Array(data.shape[batchAxes..<(batchAxes + depth)]), run = data.shape[(batchAxes + depth)...].reduce(1, *)
    let tuples = try tuplePositions(indices, axes: axes, run: run)
    let perBatch = indices.shape[batchAxes...].dropLast().reduce(1, *), batch = axes.reduce(run, *)
    return [data.runs(tuples.enumerated().map { $1 + $0 / max(perBatch, 1) * batch }, length: run, shape: type.shape)]
  }
}

/// Where each index tuple, the last axis of `indices`, points in data with leading `axes` and `run` elements behind them.
func tuplePositions(_ indices: Tensor, axes: [Int], run: Int) throws(GraphError) -> [Int] {
  let strides = rowMajorStrides(axes).map { $0 * run }
  let values = indices.integers ?? []
  var positions: [Int] = []
  positions.reserveCapacity(values.count / axes.count)
  for tuple in 0..<(values.count / axes.count) {
    var position = 0
    for (k, length) in axes.enumerated() { position += try normalizedIndex(values[tuple * axes.count + k], length: length) * strides[k] }
    positions.append(position)
  }
  return positions
}
