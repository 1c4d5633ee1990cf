import Kernels

/// A convolution of stride 2 by phases with few tiles and many channels, as in the deep levels of a network: V of the whole volume is made first,
/// then each task computes one or two output blocks with weights that it makes itself. They are a megabyte or more and read once.
struct DeepTwoTapStep: SingleConvolution {
  let problem: ConvolutionProblem
  let input: BlockedView
  let output: BlockedView
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
  private let points: TwoTapPoints
  /// All in one task.
  private let tiles: WinogradTiles
  private let weights: TwoTapWeights
  /// V of one image, shared by all threads.
  let v: BufferID

  init(problem: ConvolutionProblem, points: TwoTapPoints, input: BlockedView, output: BlockedView, v: BufferID) {
    (self.problem, self.points, self.input, self.output, self.v) = (problem, points, input, output, v)
    tiles = problem.twoTapTiles
    weights = TwoTapWeights(problem, points, blocks: Self.blocksPerTask(problem))
  }

  var reads: [BufferID] { [input.buffer] + epilogue.reads }
  var writes: [BufferID] { [output.buffer, v] + (moments.map { [$0.buffer] } ?? []) }
  var parameters: [FloatStorage] { [problem.weights] }
  var summary: StepSummary { .convolution(problem, "two-tap F(4x4x4), whole volume", output.shape) }
  var voxelsPerTask: [Int] { tiles.voxelsPerTask(of: problem) }
  var scratch: Int {
    let products = weights.floats + layout.floats(points.lines[0], tiles: tiles.perTask) + outputLines.floats
    return max(products + max(WinogradLayout.momentFloats, TwoTapWeights.scratchFloats), inputLines.floats)
  }

  /// Two read V once, which forward holds all eight phases of each point, where tasks stay enough and their weights small beside the caches;
  /// all tasks have as many.
  private static func blocksPerTask(_ problem: ConvolutionProblem) -> Int {
    let blocks = problem.inputRanges.count, bytes = 2 * TwoTapPoints.kinds * problem.geometry.inputChannels * 16 * 4
    return !problem.transposed && blocks >= 16 && blocks % 2 == 0 && bytes <= 4 << 20 ? 2 : 1
  }

  /// Floats of V.
  static func vFloats(_ problem: ConvolutionProblem, _ points: TwoTapPoints, _ input: BlockedView) -> Int {
    let layout = TwoTapLayout.v(problem, input.shape)
    return points.lines.reduce(0) { $0 + layout.floats($1, tiles: problem.twoTapTiles.perTask) }
  }

  /// Of one line along x.
  private var layout: TwoTapLayout { .m(problem, output.shape, blocks: weights.blocks) }
  /// One block and one plane of tiles at a time.
  private var inputLines: TwoTapLines {
    TwoTapLines.input(problem, input.shape, blocks: 1, tiles: tiles.grid.y * tiles.grid.x, runs: tiles.grid.y)
  }
  private var outputLines: TwoTapLines { TwoTapLines.output(problem, output.shape, blocks: weights.blocks, tiles: tiles.perTask) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let step = self, all = tiles.range(0), planes = tiles.grid.z, perPlane = tiles.grid.y * tiles.grid.x, inputs = problem.geometry.inputChannels
    let source = TwoTapSource(problem, tiles, inputLines, input, memory), layout = layout, lines = points.lines
    let target = TwoTapTarget(
      problem, tiles, layout, outputLines, output, ConvolutionTail(epilogue: epilogue, moments: moments), memory)
    let vOffset = memory.plain(v), vLayout = TwoTapLayout.v(problem, input.shape), inputBlocks = input.shape.blocks.count
    let vStarts = lines.reduce(into: [0]) { $0.append($0[$0.count - 1] + vLayout.floats($1, tiles: all.count)) }
    let perTask = weights.blocks, blocks = output.shape.blocks.count, places = (0..<perTask).map { weights.places($0) }
    let products = TwoTapProducts(weights, input.shape, layout), mFloats = layout.floats(lines[0], tiles: all.count), lineFloats = outputLines.floats
    return { (frame) throws(EngineError) in
      let v = frame.arena + vOffset
      for n in 0..<step.output.shape.batch {
        frame.pool.run(inputBlocks * planes) { task, thread in
          let block = task / planes, first = task % planes * perPlane, range = first..<first + perPlane, scratch = frame.scratch(of: thread)
          source.rows(frame, image: n, block..<block + 1, range, scratch)
          for (line, start) in zip(lines, vStarts) {
            source.points(frame, line, block..<block + 1, range, scratch, v + start, rows: all.count, firstRow: first)
          }
        }
        frame.pool.run(blocks / perTask) { task, thread in
          let u = frame.scratch(of: thread), m = u + step.weights.floats, outputs = m + mFloats, rest = outputs + lineFloats
          let range = task * perTask..<(task + 1) * perTask
          for (place, block) in zip(places, range) { step.weights.make(block: block, channels: 0..<inputs, place, u, frame.kernels, scratch: rest) }
          for (line, start) in zip(lines, vStarts) {
            products.multiply(frame, line, u, v + start, m, tiles: all.count)
            target.line(frame, line, blocks: perTask, all, m, outputs)
          }
          target.transform(frame, image: n, range, all, part: 0, outputs, moments: rest)
        }
      }
    }
  }
}
