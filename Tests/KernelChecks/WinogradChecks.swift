import KernelTable
import TestSupport

/// A layer in one form: weights, input transform, products and output transform, one after the other over all tiles.
private struct Layer {
  let form: TileForm, grid: Extent
  let x: BlockedVolume, parameters: ConvolutionParameters, size: Extent, coefficients: GuardedFloats?, isMirrored: Bool

  /// The input is as large as whole tiles read; a border that is not zero is as good as any.
  init(_ form: TileForm, inputs: Int, outputs: Int, size: Extent, isNormed: Bool, isMirrored: Bool, _ random: inout SplitMix64) {
    let tile = Extent(form.plane, form.plane, form.row), grid = size.tiles(of: tile)
    (self.form, self.grid, self.size, self.isMirrored) = (form, grid, size, isMirrored)
    x = BlockedVolume(
      channels: inputs, width: BlockedVolume.width(inputs, &random), size: Extent(grid.z * tile.z + 2, grid.y * tile.y + 2, grid.x * tile.x + 2))
    x.fill(&random, offset: isNormed ? 3 : 0)
    parameters = ConvolutionParameters(inputs: inputs, outputs: outputs, taps: 27, &random)
    coefficients = isNormed ? GuardedFloats(x.blocks * 4 * x.width) { _ in random.float() } : nil
    if let coefficients { for c in 0..<x.blocks * x.width { coefficients[c / x.width * 4 * x.width + 3 * x.width + c % x.width] = 3 } }
  }

  var tiles: Int { grid.count }
  /// First voxel of a tile.
  func origin(_ z: Int, _ y: Int, _ x: Int) -> Extent { Extent(z * form.plane, y * form.plane, x * form.row) }
  /// Lanes that are transformed of a block with so many channels.
  private func lanes(_ channels: Int) -> Int { channels <= 8 ? 8 : 16 }
  private var uStride: Int { parameters.blocks * parameters.inputs * 16 + 16 }
  private var vStride: Int { x.blocks * tiles * x.width + 16 }
  /// Floats from line to line: voxels along x of one row of tiles, two of padding besides.
  private func lineStride(_ width: Int) -> Int { (grid.x * form.row + 4) * width }
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
    let u = GuardedFloats(form.points * uStride), scratch = GuardedFloats(2304)
    for block in 0..<parameters.blocks {
      var channel = 0
      while channel < parameters.inputs {
        var row = WinogradWeightRow(
          weights: parameters.weights.floats + block * parameters.blockStride + channel * 16,
          u: u.p + (block * parameters.inputs + channel) * 16, scratch: scratch.p)
        row.form = form
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
    let v = GuardedFloats(form.points * vStride), stride = lineStride(x.width), lines = GuardedFloats(form.lines * stride)
    for block in 0..<x.blocks {
      for rowOfTiles in 0..<grid.z * grid.y {
        var first = 0
        while first < grid.x {
          let origin = origin(rowOfTiles / grid.y, rowOfTiles % grid.y, first)
          var row = WinogradInputRow(x: x.floats.floats + x.at(block * x.width, origin), lines: lines.p)
          row.form = form
          (row.width, row.count, row.sz, row.sy, row.lineStride) = (x.width, min(3, grid.x - first), x.sz, x.sy, stride)
          row.channels = lanes(x.lengths[block])
          row.coefficients = coefficients.map { $0.floats + block * 4 * x.width }
          kernels.convolution.winogradInput(&row)
          for number in 0..<form.lines {
            let points = v.p + number * form.pointsOfLine * vStride + (block * tiles + rowOfTiles * grid.x + first) * x.width
            var line = WinogradLine(line: lines.p + number * stride, points: points)
            (line.form, line.width, line.channels, line.count, line.pointStride) = (form, x.width, row.channels, row.count, vStride)
            kernels.convolution.winogradInputLine(&line)
          }
          first += row.count
        }
      }
    }
    report.expectIntact(lines, "lines of the input")
    report.expectIntact(v, "V")
    return v
  }

  /// M for output blocks of `width` channels.
  func products(_ width: Int, _ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let u = weights(kernels, report), v = transformed(kernels, report), m = GuardedFloats(form.points * mStride(width)), lengths = Integers(x.lengths)
    let outputStarts = Integers((0..<parameters.blocks).map { $0 * parameters.inputs * 16 }), inputStarts = Integers(followingStarts(x.lengths))
    for point in 0..<form.points {
      var product = WinogradProduct(
        lengths: lengths.p, v: v.floats + point * vStride, u: u.floats + point * uStride, outputStarts: outputStarts.p,
        inputStarts: inputStarts.p, m: m.p + point * mStride(width))
      (product.inputWidth, product.outputWidth, product.tiles, product.inputBlocks) = (x.width, width, tiles, x.blocks)
      product.outputBlocks = (parameters.outputs + width - 1) / width
      kernels.convolution.winogradProduct(&product)
    }
    report.expectIntact(m, "M")
    return m
  }

  func finish(_ m: GuardedFloats, _ target: TileTarget, _ kernels: KernelTable, _ report: Report) {
    let width = target.y.width, stride = lineStride(width), lines = GuardedFloats(form.lines * stride)
    for block in 0..<target.y.blocks {
      let channels = lanes(parameters.outputs - block * width)
      for rowOfTiles in 0..<grid.z * grid.y {
        let first = block * tiles + rowOfTiles * grid.x, origin = origin(rowOfTiles / grid.y, rowOfTiles % grid.y, 0)
        for number in 0..<form.lines {
          var line = WinogradLine(line: lines.p + number * stride, points: m.p + number * form.pointsOfLine * mStride(width) + first * width)
          (line.form, line.width, line.channels, line.count, line.pointStride) = (form, width, channels, grid.x, mStride(width))
          kernels.convolution.winogradOutputLine(&line)
        }
        let count = Extent(min(form.plane, size.z - origin.z), min(form.plane, size.y - origin.y), size.x)
        var row = WinogradOutputRow(
          lines: lines.p, epilogue: target.epilogue(block: block, origin: origin, count: count, isFirst: rowOfTiles == 0))
        (row.form, row.width, row.channels, row.lineStride) = (form, width, channels, stride)
        kernels.convolution.winogradOutput(&row)
      }
    }
    report.expectIntact(lines, "lines of the output")
  }
}

/// Layers of random shapes; bounds relative to the rms of the result.
private func check(_ form: TileForm, _ seed: Int, isNormed: Bool, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(seed))
  let inputs = 1 + random.below(36), outputs = 1 + random.below(24), size = Extent.random(13, &random), isMirrored = random.next() % 3 == 0
  let layer = Layer(form, inputs: inputs, outputs: outputs, size: size, isNormed: isNormed, isMirrored: isMirrored, &random)
  let width = BlockedVolume.width(outputs, &random), sums = layer.sums(), place = "\(inputs) -> \(outputs), \(size.z) x \(size.y) x \(size.x)"
  report.place = place
  let m = layer.products(width, kernels, report)
  for test in EpilogueCase.all {
    report.place = place + ", blocks of \(layer.x.width) and \(width), " + test.text
    let target = TileTarget(layer.parameters, size, width: width, test, &random)
    layer.finish(m, target, kernels, report)
    target.compare(sums, largest: form == .cube2 ? 2e-5 : 6e-5, report)
  }
}

extension KernelFamily {
  public static let winograd = KernelFamily(
    "Winograd",
    TileForm.allCases.map { form in KernelCheck("weights of \(form.rawValue)") { checkWinogradWeights(form, $0, $1) } }
      + [(8, 8), (8, 16), (16, 8), (16, 16)].map { inputWidth, outputWidth in
        KernelCheck("products of blocks of \(inputWidth) and \(outputWidth)") { checkProducts(inputWidth, outputWidth, $0, $1) }
      }
      + TileForm.allCases.flatMap { form in
        (0..<12).map { seed in
          KernelCheck("\(form.rawValue), layer \(seed)" + (seed % 2 == 1 ? ", normed on load" : "")) { check(form, seed, isNormed: seed % 2 == 1, $0, $1) }
        }
      })
}
