import Kernels

/// A Winograd convolution of few tiles and many channels, as in the deep levels of a network: V of the whole volume is made first, then each task
/// computes one output block with weights that it makes itself. They are a megabyte or two and read once.
struct DeepWinogradStep: WinogradForm {
  let problem: ConvolutionProblem
  let form: TileForm
  let input: BlockedView
  /// Normalisation applied on load; the border must hold the mean.
  var coefficients: BufferID?
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
  let tiles: WinogradTiles
  let layout: WinogradLayout
  /// V of one image, shared by all threads.
  let v: BufferID
  let weights: WinogradWeights

  init(
    problem: ConvolutionProblem, form: TileForm, input: BlockedView, coefficients: BufferID?, output: BlockedView, tiles: WinogradTiles, v: BufferID
  ) {
    (self.problem, self.form, self.input, self.coefficients) = (problem, form, input, coefficients)
    (self.output, self.tiles, self.v) = (output, tiles, v)
    layout = WinogradLayout(form, input, output, tiles: tiles.perTask, runs: tiles.runs, isDeep: true)
    weights = WinogradWeights(form: form, blocks: 1, inputs: problem.geometry.inputChannels)
  }

  var reads: [BufferID] { [input.buffer] + (coefficients.map { [$0] } ?? []) + epilogue.reads }
  var writes: [BufferID] { [output.buffer, v] + (moments.map { [$0.buffer] } ?? []) }
  var parameters: [FloatStorage] { [problem.weights] }
  var summary: StepSummary { .convolution(problem, form.rawValue + ", whole volume", output.shape) }
  var voxelsPerTask: [Int] { tiles.voxelsPerTask }
  var scratch: Int {
    weights.floats + layout.mFloats + layout.lineFloats + max(WinogradLayout.momentFloats, WinogradWeights.scratchFloats)
  }

  /// Floats of V for so many tiles.
  static func vFloats(_ form: TileForm, _ input: BlockedView, tiles: Int) -> Int {
    form.points * (input.shape.blocks.count * input.shape.width * tiles + 16)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let source = WinogradSource(self, memory), target = WinogradTarget(self, memory), vOffset = memory.plain(v), step = self, layout = layout
    let all = tiles.range(0), planes = tiles.grid.z, perPlane = tiles.grid.y * tiles.grid.x, inputs = problem.geometry.inputChannels
    return { (frame) throws(EngineError) in
      let v = frame.arena + vOffset
      for n in 0..<step.output.shape.batch {
        frame.pool.run(layout.inputBlocks.count * planes) { task, thread in
          let block = task / planes, blocks = block..<block + 1, first = task % planes * perPlane, range = first..<first + perPlane
          let lines = frame.scratch(of: thread)
          source.lines(frame, image: n, blocks, range, lines)
          for line in 0..<step.form.lines {
            source.points(frame, ofLine: line, blocks, range, lines, v + line * layout.vFloats, rows: all.count, firstRow: first)
          }
        }
        frame.pool.run(step.output.shape.blocks.count) { block, thread in
          let u = frame.scratch(of: thread), m = u + step.weights.floats, lines = m + layout.mFloats, rest = lines + layout.lineFloats
          let blocks = block..<block + 1
          step.weights.make(step.problem, block: block, channels: 0..<inputs, as: 0, u, frame.kernels, scratch: rest)
          for line in 0..<step.form.lines {
            step.multiply(frame, line, v + line * layout.vFloats, u, m, blocks, tiles: all.count)
            target.line(frame, line, blocks, all, m, lines)
          }
          target.transform(frame, image: n, blocks, lines, all, part: 0, moments: rest)
        }
      }
    }
  }
}
