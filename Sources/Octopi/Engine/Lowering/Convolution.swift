import Graph
import Kernels

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
    var form: FastForm?
    for candidate in options.exact ? [] : problem.fastForms where form == nil {
      let rounding = problem.roundingGrowth(candidate, pool: pool)
      problem.rounding = rounding
      if rounding <= RoundingGrowth.limit { form = candidate }
    }
    switch form {
    case .winograd(let form): try emitWinograd(problem, form, x, output)
    case .twoTap: try emitTwoTap(problem, x, output)
    case nil:
      let input = resolved.inputChannels <= Self.planarChannels ? try planar(x) : try blocked(x)
      emit(DirectConvolutionStep(problem: problem, input: bordered(input, problem.border, name: node.name), output: output))
    }
    define(y, .blocked(output))
    return true
  }

  /// A Winograd step that normalises on load where its input is still pending.
  private mutating func emitWinograd(_ problem: ConvolutionProblem, _ form: TileForm, _ x: ValueID, _ output: BlockedView) throws(EngineError) {
    let all = problem.tiles(form), border = problem.winogradBorder(all), input: BlockedView, coefficients: BufferID?
    if case .normalized(let value)? = place(x), !value.hasZeroScale,
      requireBorder(value.raw, before: border.before, after: border.after, .mean(value.coefficients))
    {
      (input, coefficients) = (value.raw, value.coefficients)
    } else {
      (input, coefficients) = (bordered(try blocked(x), border, name: problem.name), nil)
    }
    if problem.isDeep(all) {
      let v = newPlain(floats: DeepWinogradStep.vFloats(form, input, tiles: all.perTask))
      emit(DeepWinogradStep(problem: problem, form: form, input: input, coefficients: coefficients, output: output, tiles: all, v: v))
    } else {
      let tiles = WinogradTiles(
        output: problem.output, size: all.size, wanted: problem.tilesPerTask(of: all.size), rows: kernels.convolution.winogradRows)
      emit(WinogradStep(problem: problem, form: form, input: input, coefficients: coefficients, output: output, tiles: tiles))
    }
  }

  private mutating func emitTwoTap(_ problem: ConvolutionProblem, _ x: ValueID, _ output: BlockedView) throws(EngineError) {
    let points = TwoTapPoints(), input = bordered(try blocked(x), problem.twoTapBorder, name: problem.name)
    if problem.isDeep(problem.twoTapTiles) {
      let v = newPlain(floats: DeepTwoTapStep.vFloats(problem, points, input))
      emit(DeepTwoTapStep(problem: problem, points: points, input: input, output: output, v: v))
    } else if !shareTwoTap(input, problem, output) {
      let tiles = WinogradTiles(
        output: problem.twoTapOutputs, size: TwoTapPoints.tile, wanted: problem.twoTapTilesPerTask, rows: kernels.convolution.winogradRows)
      emit(TwoTapStep(problem: problem, points: points, input: input, output: output, tiles: tiles))
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
  /// The fast forms that gain something for a layer of this shape, the fastest first, each less exact than the next.
  var fastForms: [FastForm] { gainsFromTwoTap ? [.twoTap] : tileForms.map { .winograd($0) } }

  /// Worth it under the same conditions as Winograd's algorithm, where weights that are 8 times as large are few or repaid by many tiles.
  var gainsFromTwoTap: Bool {
    let outputs = twoTapOutputs
    guard isTwoTap, geometry.inputChannels >= 8, geometry.outputChannels >= 8, min(outputs.z, outputs.y, outputs.x) >= 4 else { return false }
    if isDeep(twoTapTiles) {
      // As for `products`: weights of a kind take as long as the products of some 16 tiles. The direct form has 27 for each of these outputs.
      let products = TwoTapPoints.pairs * twoTapTiles.grid.product + 16 * TwoTapPoints.kinds
      return 3 * products <= 2 * 27 * outputs.product
    }
    return twoTapTiles.grid.product >= 64 || TwoTapWeights(self, TwoTapPoints()).floats <= 1 << 20
  }

  /// All tiles of a convolution by phases.
  var twoTapTiles: WinogradTiles { WinogradTiles(output: twoTapOutputs, size: TwoTapPoints.tile) }

  /// Tiles of a task of Winograd's algorithm: what is between the transforms stays within a megabyte.
  fileprivate func tilesPerTask(of size: Axes) -> Int {
    (geometry.inputChannels + geometry.outputChannels <= 64 ? 36 : 18) * 64 / size.product
  }

  /// The same for a convolution by phases: each task reads the weights of 729 products, so that lines may leave the second cache. A tile has 2.6 KB of
  /// them for each channel where both phases are, 400 bytes where they are not.
  fileprivate var twoTapTilesPerTask: Int {
    let channels = transposed ? (geometry.outputChannels, geometry.inputChannels) : (geometry.inputChannels, geometry.outputChannels)
    return 2600 * channels.0 + 400 * channels.1 <= 80_000 ? 36 : 18
  }

  /// Few tiles, many channels: the weights are more than the activations, and output blocks are tasks enough.
  func isDeep(_ tiles: WinogradTiles) -> Bool { tiles.grid.product <= 64 && inputRanges.count >= 4 }

  /// The tiles that cover the output.
  func tiles(_ form: TileForm) -> WinogradTiles { WinogradTiles(output: output, size: Axes(form.plane, form.plane, form.row)) }

  /// Forms that are worth their transforms: enough channels on both sides, and tiles that are not mostly outside of the volume.
  private var tileForms: [TileForm] {
    guard isWinograd, geometry.inputChannels >= 8, geometry.outputChannels >= 8 else { return [] }
    let direct = 27 * output.product, forms = TileForm.allCases.filter { $0 != .long6 || hasFewWeights }
    let costs = forms.map { (form: $0, products: products($0)) }
    let fastest = costs.filter { 3 * $0.products <= 2 * direct }.min { $0.products < $1.products }
    guard let fastest else { return [] }
    return [fastest.form] + costs.filter { $0.form.points < fastest.form.points && 3 * $0.products <= 2 * direct }.map(\.form).reversed()
  }

  /// The weights of the largest tiles stay in the last cache while all tasks read them: a third more of what comes from memory takes longer
  /// than the products that are saved.
  private var hasFewWeights: Bool { 4 * TileForm.long6.points * geometry.inputChannels * geometry.outputChannels <= 8 << 20 }

  /// Products a pair of channels. Making and reading the weights of a point takes as long as the products of some 16 tiles.
  private func products(_ form: TileForm) -> Int { form.points * (tiles(form).grid.product + 16) }
}
