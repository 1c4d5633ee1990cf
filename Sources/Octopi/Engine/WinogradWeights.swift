import Kernels

/// Weights of a Winograd convolution, `[point][output block][input channel][16]`, a line of padding after each point.
struct WinogradWeights: Sendable {
  let form: TileForm
  /// Output blocks at a time.
  let blocks: Int
  let inputs: Int

  /// Floats from point to point; without the line of padding, points that are written together would fall into few sets of a cache.
  var pointStride: Int { blocks * inputs * 16 + 16 }
  var floats: Int { form.points * pointStride }

  static let scratchFloats = 2304

  /// Writes the weights of one output block of the layer as block `index` of those at `u`, input channels `channels`.
  func make(
    _ problem: ConvolutionProblem, block: Int, channels: Range<Int>, as index: Int, _ u: MutableFloats, _ kernels: KernelTable, scratch: MutableFloats
  ) {
    var row = WinogradWeightRow(
      weights: problem.weights.pointer + problem.weightStarts[block] + channels.lowerBound * 16,
      u: u + (index * inputs + channels.lowerBound) * 16, scratch: scratch)
    (row.form, row.tapStride, row.channels, row.pointStride) = (form, inputs * 16, channels.count, pointStride)
    row.isMirrored = problem.transposed // A transposed convolution of stride 1 is a plain one with the kernel mirrored.
    kernels.convolution.winogradWeights(&row)
  }

  /// All weights of a layer, in parts of some output blocks.
  static func derived(_ problem: ConvolutionProblem, _ form: TileForm) -> (WinogradWeights, DerivedWeights) {
    let blocks = problem.inputRanges.count, inputs = problem.geometry.inputChannels
    let bytes = form.points * blocks * inputs * 16 * 4, wanted = (bytes + DerivedWeights.mostPartBytes - 1) / DerivedWeights.mostPartBytes
    let perPart = (blocks + wanted - 1) / wanted, part = WinogradWeights(form: form, blocks: perPart, inputs: inputs)
    let derived = DerivedWeights(parts: (blocks + perPart - 1) / perPart, partFloats: part.floats) { index, target, frame in
      let first = index * perPart, count = min(perPart, blocks - first), pieces = (inputs + 15) / 16
      frame.pool.run(count * pieces) { task, thread in
        let block = task / pieces, channel = task % pieces * 16
        part.make(
          problem, block: first + block, channels: channel..<min(inputs, channel + 16), as: block, target, frame.kernels, scratch: frame.scratch(of: thread))
      }
    }
    return (part, derived)
  }
}
