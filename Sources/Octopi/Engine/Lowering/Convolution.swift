import Graph

extension Conv: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    try plan.lowerConvolution(node, transposed: false) { (x, w) throws(GraphError) in try geometry(input: x, weight: w) }
  }
}

extension ConvTranspose: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    try plan.lowerConvolution(node, transposed: true) { (x, w) throws(GraphError) in try geometry(input: x, weight: w) }
  }
}

extension PlanBuilder {
  /// Channels up to which an input is read as planes: its blocks of 16 would be mostly padding.
  private static var planarChannels: Int { 4 }

  mutating func lowerConvolution(
    _ node: Node, transposed: Bool, geometry: ([Int], [Int]) throws(GraphError) -> ConvolutionGeometry
  ) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let w = node.inputs[1], let y = node.outputs[0], let weight = graph[w].type, graph[w].isConstant,
      weight.element.isFloatingPoint, weight.element != .float64
    else { return false }
    var bias: Tensor?
    if node.inputs.count > 2, let b = node.inputs[2] {
      guard let constant = graph[b].constant else { return false }
      bias = constant
    }
    let resolved: ConvolutionGeometry
    let shape = try type(x).shape
    do throws(GraphError) { resolved = try geometry(shape, weight.shape) } catch { throw EngineError(error, in: node.name) }
    var problem = try ConvolutionProblem(name: node.name, geometry: resolved, transposed: transposed, weight: graph[w], bias: bias)
    let output = newBlocked(
      BlockedShape(batch: resolved.batch, channels: resolved.outputChannels, size: problem.output, rank: resolved.output.count))
    let form = options.exact ? nil : problem.fastForm
    problem.rounding = form.map { problem.roundingGrowth($0, pool: pool) }
    switch (problem.rounding ?? .infinity) <= RoundingGrowth.limit ? form : nil {
    case .winograd: try emitWinograd(problem, x, output)
    case .twoTap:
      let tiles = WinogradTiles(
        output: problem.twoTapOutputs, channels: 2 * (resolved.inputChannels + resolved.outputChannels), rows: kernels.convolution.winogradRows)
      let points = TwoTapPoints()
      let input = bordered(try blocked(x), problem.twoTapBorder, name: node.name)
      if !shareTwoTap(input, problem, output) { emit(TwoTapStep(problem: problem, points: points, input: input, output: output, tiles: tiles)) }
    case nil:
      let input = resolved.inputChannels <= Self.planarChannels ? try planar(x) : try blocked(x)
      emit(DirectConvolutionStep(problem: problem, input: bordered(input, problem.border, name: node.name), output: output))
    }
    define(y, .blocked(output))
    return true
  }

  /// A Winograd step that normalises on load where its input is still pending.
  private mutating func emitWinograd(_ problem: ConvolutionProblem, _ x: ValueID, _ output: BlockedView) throws(EngineError) {
    let border = problem.winogradBorder, input: BlockedView, coefficients: BufferID?
    if case .normalized(let value)? = place(x), !value.hasZeroScale,
      requireBorder(value.raw, before: border.before, after: border.after, .mean(value.coefficients))
    {
      (input, coefficients) = (value.raw, value.coefficients)
    } else {
      (input, coefficients) = (bordered(try blocked(x), border, name: problem.name), nil)
    }
    if problem.isDeep {
      let tiles = WinogradTiles(output: problem.output), v = newPlain(floats: DeepWinogradStep.vFloats(input, tiles: tiles.perTask))
      emit(DeepWinogradStep(problem: problem, input: input, coefficients: coefficients, output: output, tiles: tiles, v: v))
    } else {
      let tiles = WinogradTiles(
        output: problem.output, channels: problem.geometry.inputChannels + problem.geometry.outputChannels, rows: kernels.convolution.winogradRows)
      emit(WinogradStep(problem: problem, input: input, coefficients: coefficients, output: output, tiles: tiles))
    }
  }

  /// The view with a border of zeros, as a copy if its own border must hold something else.
  private mutating func bordered(_ view: BlockedView, _ border: (before: Axes, after: Axes), name: String) -> BlockedView {
    if requireBorder(view, before: border.before, after: border.after, .zero) { return view }
    let copy = copied(view, name: name)
    _ = requireBorder(copy, before: border.before, after: border.after, .zero)
    return copy
  }
}

extension ConvolutionProblem {
  /// The fast form that gains something for a layer of this shape.
  var fastForm: FastForm? { gainsFromWinograd ? .winograd : gainsFromTwoTap ? .twoTap : nil }

  /// Worth it under the same conditions as F(4x4x4), where weights that are 27 times as large are few or repaid by many tiles.
  var gainsFromTwoTap: Bool {
    let outputs = twoTapOutputs
    return isTwoTap && geometry.inputChannels >= 8 && geometry.outputChannels >= 8 && min(outputs.z, outputs.y, outputs.x) >= 4
      && (WinogradTiles(output: outputs).grid.product >= 64 || TwoTapPoints().weightFloats(self) <= 1 << 20)
  }

  /// Few tiles, many channels: the weights are more than the activations, and output blocks are tasks enough.
  var isDeep: Bool { WinogradTiles(output: output).grid.product <= 64 && inputRanges.count >= 4 }

  /// F(4x4x4) is worth its transforms: enough channels on both sides, and tiles that are not mostly outside of the volume.
  var gainsFromWinograd: Bool {
    let smallest = min(output.z, output.y, output.x)
    return isWinograd && geometry.inputChannels >= 8 && geometry.outputChannels >= 8 && smallest >= 8
  }
}
