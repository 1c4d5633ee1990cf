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
    let floats = Self.floats(problem, points, input, output)
    return weights.floats + floats.m + TwoTapAddresses.transformFloats + max(TwoTapAddresses.momentFloats, TwoTapWeights.scratchFloats)
  }

  /// Two read V once, which forward holds all eight phases of each point, where tasks stay enough and their weights small beside the caches;
  /// all tasks have as many.
  private static func blocksPerTask(_ problem: ConvolutionProblem) -> Int {
    let blocks = problem.inputRanges.count, bytes = 2 * TwoTapPoints.kinds * problem.geometry.inputChannels * 16 * 4
    return !problem.transposed && blocks >= 16 && blocks % 2 == 0 && bytes <= 4 << 20 ? 2 : 1
  }

  /// Floats of V of all blocks, and of M of those of a task, for all tiles.
  static func floats(_ problem: ConvolutionProblem, _ points: TwoTapPoints, _ input: BlockedView, _ output: BlockedView) -> (v: Int, m: Int) {
    let tiles = problem.twoTapTiles.perTask, inputs = input.shape.blocks.count * input.shape.width
    return TwoTapAddresses.floats(
      problem, points, vUnit: inputs * tiles, mUnit: blocksPerTask(problem) * output.shape.width * tiles)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let step = self, all = tiles.range(0), planes = tiles.grid.z, perPlane = tiles.grid.y * tiles.grid.x, inputs = problem.geometry.inputChannels
    let source = TwoTapSource(x: memory.view(input), problem: problem, tiles: tiles)
    let vOffset = memory.plain(v), inputBlocks = input.shape.blocks.count
    let target = TwoTapTarget(
      problem, tiles, output, ConvolutionTail(epilogue: epilogue, moments: moments), mRow: output.shape.width, memory)
    let perTask = weights.blocks, blocks = output.shape.blocks.count, places = (0..<perTask).map { weights.places($0) }
    let products = TwoTapProducts(weights, input.shape, outputWidth: output.shape.width)
    let at = TwoTapAddresses(
      problem, points, vUnit: inputBlocks * input.shape.width * all.count, mUnit: perTask * output.shape.width * all.count)
    let mFloats = Self.floats(problem, points, input, output).m
    return { (frame) throws(EngineError) in
      let v = frame.arena + vOffset
      for n in 0..<step.output.shape.batch {
        frame.pool.run(inputBlocks * planes) { task, thread in
          let block = task / planes, first = task % planes * perPlane
          source.transform(
            frame, at, image: n, blocks: block..<block + 1, first..<first + perPlane, v, rows: all.count, firstRow: first,
            scratch: frame.scratch(of: thread))
        }
        frame.pool.run(blocks / perTask) { task, thread in
          let u = frame.scratch(of: thread), m = u + step.weights.floats, transform = m + mFloats
          let range = task * perTask..<(task + 1) * perTask
          for (place, block) in zip(places, range) {
            step.weights.make(block: block, channels: 0..<inputs, place, u, frame.kernels, scratch: transform)
          }
          products.multiply(frame, at, u, v, m, tiles: all.count)
          target.transform(frame, at, image: n, range, all, part: 0, m, scratch: transform, moments: transform + TwoTapAddresses.transformFloats)
        }
      }
    }
  }
}
