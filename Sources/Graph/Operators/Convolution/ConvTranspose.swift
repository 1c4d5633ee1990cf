/// The transpose of a convolution: `Y[n][o][v * stride + k * dilation - pad] += W[i][o][k] * X[n][i][v]`, from the bias B[o]
/// (ONNX ConvTranspose 1, 11, 22).
///
/// Inputs X `[N, C, D...]` with one to three spatial axes, W `[C, O / groups, K...]`, optionally B `[O]`.
public struct ConvTranspose: Hashable {
  public let window: SlidingWindow
  public let groups: Int
  /// Voxels appended to the result at the end of each axis; fewer than stride or dilation there.
  public let outputPadding: [Int]?
  /// Spatial size of the result; the padding follows from it.
  public let outputShape: [Int]?

  public static let declaration = OperatorDeclaration(
    "ConvTranspose", opsets: [1, 11, 22], inputs: 2...3, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    let groups = try node.int("group") ?? 1
    guard groups > 0 else { throw .invalid(place: node.node, reason: "attribute 'group' is \(groups)") }
    return ConvTranspose(
      window: try SlidingWindow(node), groups: groups, outputPadding: try node.ints("output_padding", in: 0...SlidingWindow.largest),
      outputShape: try node.ints("output_shape", in: 1...SlidingWindow.largest))
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(
      window.attributes.and([
        "group": .integer(groups), "output_padding": outputPadding.map(Attribute.integers), "output_shape": outputShape.map(Attribute.integers),
      ]))
  }

  /// Sizes and pads for concrete shapes, X `[N, C, D...]` and W `[C, O / groups, K...]`.
  public func geometry(input: [Int], weight: [Int]) throws(GraphError) -> ConvolutionGeometry {
    try ConvolutionOperands.check(input: input, weight: weight, window: window)
    let axes = input.count - 2
    let (channels, share) = weight[1].multipliedReportingOverflow(by: groups)
    guard !share, weight[0] == input[1], input[1] % groups == 0 else {
      throw .shape(
        place: "", reason: "input \(input) has \(input[1]) channels, weights \(weight) take \(weight[0]) in \(groups) groups")
    }
    if let padding = outputPadding, padding.count != axes {
      throw .invalid(place: "", reason: "output_padding \(padding) has \(padding.count) numbers; \(axes) spatial axes need \(axes)")
    }
    // Some writers list N and C as well; ONNX Runtime takes both.
    if let shape = outputShape, shape.count != axes, shape.count != axes + 2 {
      throw .invalid(place: "", reason: "output_shape \(shape) has \(shape.count) numbers; \(axes) spatial axes need \(axes)")
    }
    var begin: [Int] = [], end: [Int] = [], output: [Int] = []
    for axis in 0..<axes {
      let fit = try placed(axis: axis, size: input[axis + 2], kernel: weight[axis + 2], axes: axes)
      begin.append(fit.begin)
      end.append(fit.end)
      output.append(fit.count)
    }
    return ConvolutionGeometry(
      batch: input[0], inputChannels: input[1], outputChannels: channels, groups: groups, input: Array(input[2...]), output: output,
      kernel: Array(weight[2...]), strides: output.indices.map(window.stride), dilations: output.indices.map(window.dilation),
      padsBegin: begin, padsEnd: end)
  }

  /// What is cut from both ends of the full result along one axis, and how many voxels remain. Where the wanted size exceeds the full
  /// one, nothing is cut and the surplus at the end holds the bias alone.
  private func placed(axis: Int, size: Int, kernel: Int, axes: Int) throws(GraphError) -> (begin: Int, end: Int, count: Int) {
    let stride = window.stride(axis), span = (kernel - 1) * window.dilation(axis) + 1, extra = outputPadding?[axis] ?? 0
    guard extra == 0 || extra < max(stride, window.dilation(axis)) else {
      throw .invalid(
        place: "", reason: "output_padding \(extra) is not below stride \(stride) or dilation \(window.dilation(axis)) of axis \(axis + 2)")
    }
    let full = (max(size, 1) - 1) * stride + extra + span
    let wanted: Int? =
      if let shape = outputShape { shape[shape.count - axes + axis] }
      else if window.autoPad == .sameUpper || window.autoPad == .sameLower { size * stride }
      else { nil }
    if let wanted {
      let cut = max(0, full - wanted)
      // ONNX puts the odd voxel at the beginning unless auto_pad is SAME_UPPER, also where it is absent.
      return window.autoPad == .sameUpper ? (cut / 2, cut - cut / 2, wanted) : (cut - cut / 2, cut / 2, wanted)
    }
    let begin = window.pads?[axis] ?? 0, end = window.pads?[axes + axis] ?? 0
    guard full - begin - end > 0 else {
      throw .shape(place: "", reason: "pads \(begin) and \(end) cut all \(full) voxels of axis \(axis + 2)")
    }
    return (begin, end, full - begin - end)
  }
}

extension ConvTranspose: ConvolutionOperator {
  /// The sums of a transposed convolution, scattered: each tap of the kernel adds all input voxels to where they belong.
  func sums(_ g: ConvolutionGeometry, x: [Double], w: [Double], bias: [Double]?) -> [Double] {
    let sweep = g.sweep(moving: g.input, fixed: g.output)
    let inputVoxels = g.input.reduce(1, *), outputVoxels = g.output.reduce(1, *), kernelVoxels = g.kernel.reduce(1, *)
    var y: [Double] = []
    y.reserveCapacity(g.batch * g.outputChannels * outputVoxels)
    for n in 0..<g.batch {
      for o in 0..<g.outputChannels {
        var sums = [Double](repeating: bias?[o] ?? 0, count: outputVoxels)
        for i in 0..<g.inputsPerGroup {
          let channel = o / g.outputsPerGroup * g.inputsPerGroup + i
          let source = (n * g.inputChannels + channel) * inputVoxels
          let weights = (channel * g.outputsPerGroup + o % g.outputsPerGroup) * kernelVoxels
          sweep.forEachRow { row in
            let factor = w[weights + row.tap]
            for u in 0..<row.count { sums[row.fixed + u * row.stride] += factor * x[source + row.moving + u] }
          }
        }
        y.append(contentsOf: sums)
      }
    }
    return y
  }
}
