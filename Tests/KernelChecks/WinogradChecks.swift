import KernelTable
import TestSupport

/// A layer of F(4x4x4, 3x3x3): weights, input transform, products and output transform, one after the other over all tiles.
private struct Layer {
  let x: BlockedVolume, parameters: ConvolutionParameters, size: Extent, coefficients: GuardedFloats?, isMirrored: Bool

  /// The input is as large as whole tiles read; a border that is not zero is as good as any.
  init(inputs: Int, outputs: Int, size: Extent, isNormed: Bool, isMirrored: Bool, _ random: inout SplitMix64) {
    (self.size, self.isMirrored) = (size, isMirrored)
    x = BlockedVolume(channels: inputs, width: BlockedVolume.width(inputs, &random), size: size.tiles.map { 4 * $0 + 2 })
    x.fill(&random, offset: isNormed ? 3 : 0)
    parameters = ConvolutionParameters(inputs: inputs, outputs: outputs, taps: 27, &random)
    coefficients = isNormed ? GuardedFloats(x.blocks * 4 * x.width) { _ in random.float() } : nil
    if let coefficients { for c in 0..<x.blocks * x.width { coefficients[c / x.width * 4 * x.width + 3 * x.width + c % x.width] = 3 } }
  }

  var tiles: Int { size.tiles.count }
  private var uStride: Int { parameters.blocks * parameters.inputs * 16 + 16 }
  private var vStride: Int { x.blocks * tiles * x.width + 16 }
  func mStride(_ width: Int) -> Int { (parameters.outputs + width - 1) / width * tiles * width + 16 }

  /// Sums in double over the numbers that the kernels read.
  func sums() -> [Double] {
    let reach = size.map { $0 + 2 }, width = x.width
    return convolution(
      parameters, input: reach, output: size,
      value: { c, p in
        let value = x.floats[x.at(c, p)]
        return coefficients.map { normed(value, $0, from: c / width * 4 * width, width, c % width) } ?? Double(value)
      }, taps: { o in (0..<3).map { AxisTap(tap: isMirrored ? 2 - $0 : $0, position: o + $0) } })
  }

  /// Weights in parts of at most 5 channels: any cut will do.
  private func weights(_ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let u = GuardedFloats(216 * uStride), scratch = GuardedFloats(2304)
    for block in 0..<parameters.blocks {
      var channel = 0
      while channel < parameters.inputs {
        var row = WinogradWeightRow(
          weights: parameters.weights.floats + block * parameters.blockStride + channel * 16,
          u: u.p + (block * parameters.inputs + channel) * 16, scratch: scratch.p)
        (row.tapStride, row.channels, row.isMirrored, row.pointStride) = (parameters.tapStride, min(5, parameters.inputs - channel), isMirrored, uStride)
        kernels.convolution.winogradWeights(&row)
        channel += row.channels
      }
    }
    report.expectIntact(u, "U")
    report.expectIntact(scratch, "scratch of the weights")
    return u
  }

  /// Rows of at most three tiles.
  private func transformed(_ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let v = GuardedFloats(216 * vStride), scratch = GuardedFloats(252 * 16), grid = size.tiles
    for block in 0..<x.blocks {
      for line in 0..<grid.z * grid.y {
        var first = 0
        while first < grid.x {
          let origin = Extent(line / grid.y * 4, line % grid.y * 4, first * 4)
          var row = WinogradInputRow(
            x: x.floats.floats + x.at(block * x.width, origin), v: v.p + (block * tiles + line * grid.x + first) * x.width, scratch: scratch.p)
          (row.width, row.count, row.sz, row.sy, row.pointStride) = (x.width, min(3, grid.x - first), x.sz, x.sy, vStride)
          row.coefficients = coefficients.map { $0.floats + block * 4 * x.width }
          kernels.convolution.winogradInput(&row)
          first += row.count
        }
      }
    }
    report.expectIntact(v, "V")
    report.expectIntact(scratch, "scratch of the input")
    return v
  }

  /// M for output blocks of `width` channels.
  func products(_ width: Int, _ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let u = weights(kernels, report), v = transformed(kernels, report), m = GuardedFloats(216 * mStride(width)), lengths = Integers(x.lengths)
    for point in 0..<216 {
      var product = WinogradProduct(lengths: lengths.p, v: v.floats + point * vStride, u: u.floats + point * uStride, m: m.p + point * mStride(width))
      (product.inputWidth, product.outputWidth, product.tiles, product.inputBlocks) = (x.width, width, tiles, x.blocks)
      (product.uBlock, product.outputBlocks) = (parameters.inputs * 16, (parameters.outputs + width - 1) / width)
      kernels.convolution.winogradProduct(&product)
    }
    report.expectIntact(m, "M")
    return m
  }

  func finish(_ m: GuardedFloats, _ target: TileTarget, _ kernels: KernelTable, _ report: Report) {
    let width = target.y.width, scratch = GuardedFloats(96 * 16), grid = size.tiles
    for block in 0..<target.y.blocks {
      for t in 0..<tiles {
        let origin = grid.position(t).map { $0 * 4 }, left = Extent(size.z - origin.z, size.y - origin.y, size.x - origin.x)
        var tile = WinogradOutputTile(
          m: m.floats + (block * tiles + t) * width, scratch: scratch.p,
          epilogue: target.epilogue(block: block, origin: origin, count: left.map { min(4, $0) }, isFirst: t == 0))
        (tile.width, tile.pointStride) = (width, mStride(width))
        kernels.convolution.winogradOutput(&tile)
      }
    }
    report.expectIntact(scratch, "scratch of the output")
  }
}

/// Layers of random shapes; bounds of F(4) relative to the rms of the result.
private func check(_ seed: Int, isNormed: Bool, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(seed))
  let inputs = 1 + random.below(36), outputs = 1 + random.below(24), size = Extent.random(10, &random), isMirrored = random.next() % 3 == 0
  let layer = Layer(inputs: inputs, outputs: outputs, size: size, isNormed: isNormed, isMirrored: isMirrored, &random)
  let width = BlockedVolume.width(outputs, &random), sums = layer.sums(), place = "\(inputs) -> \(outputs), \(size.z) x \(size.y) x \(size.x)"
  report.place = place
  let m = layer.products(width, kernels, report)
  for test in EpilogueCase.all {
    report.place = place + ", blocks of \(layer.x.width) and \(width), " + test.text
    let target = TileTarget(layer.parameters, size, width: width, test, &random)
    layer.finish(m, target, kernels, report)
    target.compare(sums, largest: 6e-5, report)
  }
}

extension KernelFamily {
  public static let winograd = KernelFamily(
    "Winograd F(4x4x4)",
    [KernelCheck("weights", checkWinogradWeights)]
      + [(8, 8), (8, 16), (16, 8), (16, 16)].map { inputWidth, outputWidth in
        KernelCheck("products of blocks of \(inputWidth) and \(outputWidth)") { checkProducts(inputWidth, outputWidth, $0, $1) }
      } + (0..<12).map { seed in KernelCheck("layer \(seed)" + (seed % 2 == 1 ? ", normed on load" : "")) { check(seed, isNormed: seed % 2 == 1, $0, $1) } })
}
