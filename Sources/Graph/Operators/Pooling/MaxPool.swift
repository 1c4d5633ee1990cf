/// The largest value of each window; padding never counts (ONNX MaxPool 1, 8, 10, 11, 12, 22).
///
/// A NaN in the window is the result. A window whose taps all lie outside the input, which dilation can bring about, gives minus
/// infinity, or the least integer.
public struct MaxPool: Operator {
  /// Its `kernelShape` is never nil.
  public let window: SlidingWindow
  /// A last window may reach beyond the padding.
  public let roundsUp: Bool
  /// Indices count the first spatial axis fastest.
  public let columnMajorIndices: Bool
  /// A second output holds, for each maximum, its position in the whole input, counted flat over all axes.
  public let givesIndices: Bool

  public static let declaration = OperatorDeclaration(
    "MaxPool", opsets: [1, 8, 10, 11, 12, 22], outputs: 1...2, elements: ElementType.floatingPoint + [.int8, .uint8]
  ) { (node) throws(GraphError) in
    MaxPool(
      window: try SlidingWindow(node, needsKernel: true), roundsUp: try node.bool("ceil_mode") ?? false,
      columnMajorIndices: try node.bool("storage_order") ?? false, givesIndices: node.outputCount > 1)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(
      window.attributes.and(["ceil_mode": .flag(roundsUp), "storage_order": .flag(columnMajorIndices)]), outputCount: givesIndices ? 2 : 1)
  }

  /// Sizes and pads for X `[N, C, D...]`.
  public func geometry(input: [Int]) throws(GraphError) -> PoolingGeometry { try window.pooling(input: input, roundsUp: roundsUp) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    let shape = try geometry(input: x.shape).outputShape
    return [TensorType(x.element, shape)] + (givesIndices ? [TensorType(.int64, shape)] : [])
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let geometry = try geometry(input: x.shape), sweep = geometry.sweep, values = x.doubles
    let least = x.element.isFloatingPoint ? -Double.infinity : Double(x.element.integerLimits.least)
    let best = geometry.forEachChannel { channel in
      var best = [(value: Double, at: Int)](repeating: (least, 0), count: geometry.outputVoxels)
      sweep.forEachRow { row in
        for u in 0..<row.count {
          let at = row.fixed + u * row.stride, value = values[channel + at]
          // `!(<=)` holds for a NaN too; it then stays, since nothing exceeds it.
          if !(value <= best[row.moving + u].value), !best[row.moving + u].value.isNaN { best[row.moving + u] = (value, at) }
        }
      }
      return best.map { ($0.value, channel + position($0.at, in: geometry.input)) }
    }
    let type = TensorType(x.element, geometry.outputShape)
    let maxima = x.element.isFloatingPoint ? Tensor(type, rounding: best.map(\.0)) : Tensor(type, .integers(best.map { Int64($0.0) }))
    let indices = Tensor(TensorType(.int64, type.shape), .integers(best.map { Int64($0.1) }))
    return givesIndices ? [maxima, indices] : [maxima]
  }

  /// A row-major position within a channel in the order that the node wants.
  private func position(_ flat: Int, in shape: [Int]) -> Int {
    guard columnMajorIndices else { return flat }
    var rest = flat, result = 0
    let distances = shape.indices.map { shape[..<$0].reduce(1, *) }
    for axis in shape.indices.reversed() {
      result += rest % shape[axis] * distances[axis]
      rest /= shape[axis]
    }
    return result
  }
}

/// The largest value of each channel, space reduced to one voxel (ONNX GlobalMaxPool 1, 22). NaN wins.
public struct GlobalMaxPool: Operator {
  public static let declaration = OperatorDeclaration("GlobalMaxPool", opsets: [1, 22], elements: ElementType.floatingPoint) {
    (_) throws(GraphError) in GlobalMaxPool()
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [try globallyPooled(inputs)] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    try [poolGlobally(inputs) { $0.reduce(-.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 } }]
  }
}
