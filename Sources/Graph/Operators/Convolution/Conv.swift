/// `Y[n][o][v] = B[o] + sum over i, k of W[o][i][k] * X[n][i][v * stride + k * dilation - pad]` with zero outside (ONNX Conv 1, 11, 22).
///
/// Inputs X `[N, C, D...]` with one to three spatial axes, W `[O, C / groups, K...]`, optionally B `[O]`. Output channel o belongs to group
/// `o / (O / groups)` and sees the input channels of that group alone.
public struct Conv: Hashable {
  public let window: SlidingWindow
  public let groups: Int

  public static let declaration = OperatorDeclaration(
    "Conv", opsets: [1, 11, 22], inputs: 2...3, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    let groups = try node.int("group") ?? 1
    guard groups > 0 else { throw .invalid(place: node.node, reason: "attribute 'group' is \(groups)") }
    return Conv(window: try SlidingWindow(node), groups: groups)
  }

  public var definition: OperatorDefinition { OperatorDefinition(window.attributes.and(["group": .integer(groups)])) }

  /// Sizes and pads for concrete shapes, X `[N, C, D...]` and W `[O, C / groups, K...]`.
  public func geometry(input: [Int], weight: [Int]) throws(GraphError) -> ConvolutionGeometry {
    try ConvolutionOperands.check(input: input, weight: weight, window: window)
    let (channels, share) = weight[1].multipliedReportingOverflow(by: groups)
    guard !share, channels == input[1], weight[0] % groups == 0 else {
      throw .shape(
        place: "", reason: "input \(input) has \(input[1]) channels, weights \(weight) with \(groups) groups take \(weight[1]) a group")
    }
    var begin: [Int] = [], end: [Int] = [], output: [Int] = []
    for axis in 0..<(input.count - 2) {
      let fit = try window.windows(axis: axis, size: input[axis + 2], kernel: weight[axis + 2], roundsUp: false)
      begin.append(fit.begin)
      end.append(fit.end)
      output.append(fit.count)
    }
    return ConvolutionGeometry(
      batch: input[0], inputChannels: input[1], outputChannels: weight[0], groups: groups, input: Array(input[2...]), output: output,
      kernel: Array(weight[2...]), strides: output.indices.map(window.stride), dilations: output.indices.map(window.dilation),
      padsBegin: begin, padsEnd: end)
  }
}

extension Conv: ConvolutionOperator {
  /// The sums of a convolution, gathered: each tap of the kernel adds its share to all output voxels that it serves.
  func sums(_ g: ConvolutionGeometry, x: [Double], w: [Double], bias: [Double]?) -> [Double] {
    let sweep = g.sweep(moving: g.output, fixed: g.input)
    let inputVoxels = g.input.reduce(1, *), outputVoxels = g.output.reduce(1, *), kernelVoxels = g.kernel.reduce(1, *)
    var y: [Double] = []
    y.reserveCapacity(g.batch * g.outputChannels * outputVoxels)
    for n in 0..<g.batch {
      for o in 0..<g.outputChannels {
        var sums = [Double](repeating: bias?[o] ?? 0, count: outputVoxels)
        for i in 0..<g.inputsPerGroup {
          let source = (n * g.inputChannels + o / g.outputsPerGroup * g.inputsPerGroup + i) * inputVoxels
          let weights = (o * g.inputsPerGroup + i) * kernelVoxels
          sweep.forEachRow { row in
            let factor = w[weights + row.tap]
            for u in 0..<row.count { sums[row.moving + u] += factor * x[source + row.fixed + u * row.stride] }
          }
        }
        y.append(contentsOf: sums)
      }
    }
    return y
  }
}
