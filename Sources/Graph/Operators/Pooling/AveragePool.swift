/// The mean of each window (ONNX AveragePool 1, 7, 10, 11, 19, 22).
public struct AveragePool: Operator {
  /// Its `kernelShape` is never nil.
  public let window: SlidingWindow
  /// A last window may reach beyond the padding.
  public let roundsUp: Bool
  /// Padding counts as zeros; else the mean is over the voxels inside.
  public let countsPadding: Bool

  public static let declaration = OperatorDeclaration(
    "AveragePool", opsets: [1, 7, 10, 11, 19, 22], elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    AveragePool(
      window: try SlidingWindow(node, needsKernel: true), roundsUp: try node.bool("ceil_mode") ?? false,
      countsPadding: try node.bool("count_include_pad") ?? false)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(window.attributes.and(["ceil_mode": .flag(roundsUp), "count_include_pad": .flag(countsPadding)]))
  }

  /// Sizes and pads for X `[N, C, D...]`.
  public func geometry(input: [Int]) throws(GraphError) -> PoolingGeometry { try window.pooling(input: input, roundsUp: roundsUp) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    return [TensorType(x.element, try geometry(input: x.shape).outputShape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let geometry = try geometry(input: x.shape), sweep = geometry.sweep, values = x.doubles
    let counts = geometry.counts(includingPadding: countsPadding)
    let means = geometry.forEachChannel { channel in
      var sums = [Double](repeating: 0, count: geometry.outputVoxels)
      sweep.forEachRow { row in
        for u in 0..<row.count { sums[row.moving + u] += values[channel + row.fixed + u * row.stride] }
      }
      return zip(sums, counts).map { $0 / Double($1) }
    }
    return [Tensor(TensorType(x.element, geometry.outputShape), rounding: means)]
  }
}

/// The mean of each channel, space reduced to one voxel (ONNX GlobalAveragePool 1, 22).
public struct GlobalAveragePool: Operator {
  public static let declaration = OperatorDeclaration("GlobalAveragePool", opsets: [1, 22], elements: ElementType.floatingPoint) {
    (_) throws(GraphError) in GlobalAveragePool()
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [try globallyPooled(inputs)] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    try [poolGlobally(inputs) { $0.reduce(0, +) / Double($0.count) }]
  }
}

/// X `[N, C, D...]` with every spatial axis reduced to 1.
func globallyPooled(_ inputs: [Operand?]) throws(GraphError) -> TensorType {
  let x = try inputs.required(0, "X").type
  guard x.shape.count >= 2 else { throw .invalid(place: "", reason: "input 'X' of shape \(x.shape) has no axes N and C") }
  return TensorType(x.element, x.shape[..<2] + x.shape[2...].map { _ in 1 })
}

/// One number out of the voxels of each channel.
func poolGlobally(_ inputs: [Tensor?], _ reduce: (ArraySlice<Double>) -> Double) throws(GraphError) -> Tensor {
  let x: Tensor = try inputs.required(0, "X")
  let type = try globallyPooled([Operand(x)]), values = x.doubles
  let voxels = x.shape[2...].reduce(1, *)
  return Tensor(type, rounding: (0..<type.count).map { reduce(values[$0 * voxels..<($0 + 1) * voxels]) })
}
