/// Adds overlapping blocks up to an image: the transpose of cutting it into the windows of a convolution (ONNX Col2Im 18).
///
/// Inputs: columns `[N, C * block, L]`, size of the image, size of a block; L counts the windows in row-major order. The result is `[N, C, D...]`.
public struct Col2Im: Operator {
  /// Its `kernelShape` is absent: the third input is the kernel.
  public let window: SlidingWindow

  public static let declaration = OperatorDeclaration("Col2Im", opsets: [18], inputs: 3...3, elements: ElementType.numeric) {
    (node) throws(GraphError) in Col2Im(window: try SlidingWindow(node))
  }

  public var definition: OperatorDefinition { OperatorDefinition(window.attributes) }

  /// The convolution whose windows the blocks are: its input is the image.
  public func geometry(columns: [Int], image: [Int], block: [Int]) throws(GraphError) -> PoolingGeometry {
    try window.check(axes: image.count)
    guard block.count == image.count, block.allSatisfy((1...SlidingWindow.largest).contains), image.allSatisfy({ $0 > 0 }), columns.count == 3
    else { throw .invalid(place: "", reason: "columns \(columns), image \(image) and block \(block) do not fit each other") }
    let taps = TensorType(.float32, block).count
    var begin: [Int] = [], end: [Int] = [], count: [Int] = []
    for axis in image.indices {
      let fit = try window.windows(axis: axis, size: image[axis], kernel: block[axis], roundsUp: false)
      begin.append(fit.begin)
      end.append(fit.end)
      count.append(fit.count)
    }
    guard columns[1] % taps == 0, TensorType(.float32, count).count == columns[2] else {
      throw .shape(place: "", reason: "columns \(columns) are not blocks \(block) at \(count) places of an image \(image)")
    }
    return PoolingGeometry(
      batch: columns[0], channels: columns[1] / taps, input: image, output: count, kernel: block,
      strides: image.indices.map(window.stride), dilations: image.indices.map(window.dilation), padsBegin: begin, padsEnd: end)
  }

  private func geometry(of inputs: [Operand?]) throws(GraphError) -> PoolingGeometry {
    try geometry(
      columns: try inputs.required(0, "input").type.shape, image: try inputs.required(1, "image_shape").integers("image_shape"),
      block: try inputs.required(2, "block_shape").integers("block_shape"))
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let g = try geometry(of: inputs)
    return [TensorType(try inputs.required(0, "input").type.element, [g.batch, g.channels] + g.input)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let columns: Tensor = try inputs.required(0, "input")
    let g = try geometry(of: inputs.operands)
    let type = TensorType(columns.element, [g.batch, g.channels] + g.input)
    if let integers = columns.integers { return [Tensor(type, wrapping: sums(integers, g, zero: 0, add: &+))] }
    return [Tensor(type, rounding: sums(columns.doubles, g, zero: 0, add: +))]
  }

  private func sums<T>(_ columns: [T], _ g: PoolingGeometry, zero: T, add: (T, T) -> T) -> [T] {
    let voxels = g.input.reduce(1, *), taps = g.kernel.reduce(1, *), windows = g.outputVoxels, sweep = g.sweep
    var image = [T](repeating: zero, count: g.batch * g.channels * voxels)
    for channel in 0..<(g.batch * g.channels) {
      sweep.forEachRow { row in
        let source = (channel * taps + row.tap) * windows + row.moving, target = channel * voxels + row.fixed
        for u in 0..<row.count { image[target + u * row.stride] = add(image[target + u * row.stride], columns[source + u]) }
      }
    }
    return image
  }
}
