import KernelTable
import TestSupport

/// Which phases have a product at each of the 125 points, and where their parts of V, U and M lie.
///
/// Bits of a phase (4 z, 2 y, 1 x) say which axes have two taps; the others have no product at infinity, which is point 4 of an axis.
private struct Points {
  let phases: [[Int]]

  init() {
    phases = (0..<125).map { point in
      (0..<8).filter { f in (point / 25 < 4 || f & 4 != 0) && (point / 5 % 5 < 4 || f & 2 != 0) && (point % 5 < 4 || f & 1 != 0) }
    }
  }

  /// Offset of each point where a point takes `units(phases)` units; the last entry is the end of all.
  func starts(_ unit: Int, _ units: (Int) -> Int) -> [Int] {
    var starts = [0]
    for point in 0..<125 { starts.append(starts[point] + units(phases[point].count) * unit + 16) }
    return starts
  }

  func index(_ phase: Int, _ point: Int) -> Int { phases[point].firstIndex(of: phase) ?? 0 }

  /// Which of the 216 weights of a pair of channels a phase has at a point: one tap has the same at all of them.
  func kind(_ phase: Int, _ point: Int) -> Int {
    ((phase & 4 != 0 ? point / 25 : 5) * 6 + (phase & 2 != 0 ? point / 5 % 5 : 5)) * 6 + (phase & 1 != 0 ? point % 5 : 5)
  }
}

/// A layer of stride 2 by F(4, 2) along each axis, forward or transposed; up to 8 outputs of a transposed one share columns in pairs of phases.
private struct Layer {
  let points = Points()
  let x: BlockedVolume, parameters: ConvolutionParameters, isTransposed: Bool, isHalved: Bool
  /// Outputs, and those of the first phase, which tiles cover.
  let size: Extent, tiled: Extent

  /// - width: of the blocks of the input, or nil for a random one.
  init(inputs: Int, outputs: Int, size: Extent, isTransposed: Bool, width: Int?, _ random: inout SplitMix64) {
    (self.size, self.isTransposed, isHalved) = (size, isTransposed, isTransposed && outputs <= 8)
    tiled = isTransposed ? size.map { ($0 + 1) / 2 } : size
    x = BlockedVolume(
      channels: inputs, width: width ?? BlockedVolume.width(inputs, &random), size: tiled.tiles.map { isTransposed ? 4 * $0 + 1 : 8 * $0 + 1 })
    x.fill(&random)
    parameters = ConvolutionParameters(inputs: inputs, outputs: outputs, taps: 27, &random)
  }

  var tiles: Int { tiled.tiles.count }
  private var unit: Int { parameters.inputs * 16 }
  private var vUnit: Int { x.blocks * tiles * x.width }
  private var vStarts: [Int] { points.starts(vUnit) { isTransposed ? 1 : $0 } }
  /// Floats of one kind of weights. Halved phases have a place for each product.
  private var uKind: Int { parameters.blocks * unit + 16 }
  private var uStarts: [Int] { points.starts(unit) { ($0 + 1) / 2 } }
  /// Floats of M from tile to tile, and of all tiles of one phase.
  private func mRow(_ width: Int) -> Int { isHalved ? 16 : width }
  private func mUnit(_ width: Int) -> Int { isHalved ? tiles * 16 : (parameters.outputs + width - 1) / width * tiles * width }
  private func mStarts(_ width: Int) -> [Int] { points.starts(mUnit(width)) { isHalved ? ($0 + 1) / 2 : isTransposed ? $0 : 1 } }

  func sums() -> [Double] {
    convolution(
      parameters, input: x.size, output: size, value: { c, p in Double(x.floats[x.at(c, p)]) },
      taps: { o in
        if !isTransposed { return (0..<3).map { AxisTap(tap: $0, position: 2 * o + $0) } }
        return o % 2 == 0 ? [AxisTap(tap: 1, position: o / 2)] : [AxisTap(tap: 2, position: o / 2), AxisTap(tap: 0, position: o / 2 + 1)]
      })
  }

  private func weights(_ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let halfStarts = uStarts, u = GuardedFloats(isHalved ? halfStarts[125] : 216 * uKind), scratch = GuardedFloats(2304)
    for block in 0..<parameters.blocks {
      var places = [[Int]](repeating: [], count: 216)
      for point in 0..<125 {
        for (index, phase) in points.phases[point].enumerated() {
          let place = isHalved ? halfStarts[point] + index / 2 * unit + index % 2 * 8 : points.kind(phase, point) * uKind + block * unit
          if !places[points.kind(phase, point)].contains(place) { places[points.kind(phase, point)].append(place) }
        }
      }
      let starts = Integers(places.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }), offsets = Integers(places.flatMap { $0 })
      var row = TwoTapWeightRow(
        weights: parameters.weights.floats + block * parameters.blockStride, u: u.p, starts: starts.p, offsets: offsets.p, scratch: scratch.p)
      (row.tapStride, row.channels, row.isTransposed, row.width) = (parameters.tapStride, parameters.inputs, isTransposed, isHalved ? 8 : 16)
      kernels.convolution.twoTapWeights(&row)
    }
    report.expectIntact(u, "U")
    report.expectIntact(scratch, "scratch of the weights")
    return u
  }

  /// Phases along z and y of a line of points, as bits of a phase, where there are both along an axis; two taps otherwise.
  private func phases(_ line: Int, both: Bool) -> [Int] { both ? points.phases[5 * line + 4].map { $0 & 6 } : [6] }

  /// Where their line lies: with both phases they alternate, two taps first.
  private func position(_ line: Int, _ phase: Int, both: Bool) -> Int {
    both ? (2 * (line / 5) + 1 - phase >> 2) * 9 + 2 * (line % 5) + 1 - (phase >> 1 & 1) : line
  }

  /// What the kernels take for some tiles of a line, whose first one lies at `place` in the operand of a point. `part` is the offset of a phase there.
  private func kernelLine(
    _ voxels: MutableFloats, _ operands: GuardedFloats, _ starts: [Int], _ place: Int, _ number: Int, _ phase: Int, both: Bool,
    _ part: (_ index: Int) -> Int
  ) -> TwoTapLine {
    func operand(_ phase: Int, _ point: Int) -> MutableFloats { operands.p + starts[point] + part(points.index(phase, point)) + place }
    var line = TwoTapLine(line: voxels, points: operand(phase | 1, 5 * number))
    line.infinity = operand(phase | 1, 5 * number + 4)
    line.oneTap = both ? operand(phase, 5 * number) : nil
    line.pointStride = starts[5 * number + 1] - starts[5 * number]
    return line
  }

  /// Rows of at most two tiles.
  private func transformed(_ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let starts = vStarts, v = GuardedFloats(starts[125]), grid = tiled.tiles, both = !isTransposed, step = both ? 8 : 4
    let stride = (2 * step + 2) * x.width, lines = GuardedFloats((both ? 81 : 25) * stride)
    for block in 0..<x.blocks {
      for t in 0..<tiles where grid.position(t).x % 2 == 0 {
        let origin = grid.position(t).map { $0 * step }
        var row = TwoTapInputRow(x: x.floats.floats + x.at(block * x.width, origin), lines: lines.p)
        (row.width, row.bothPhases, row.count) = (x.width, both, min(2, grid.x - grid.position(t).x))
        (row.sz, row.sy, row.lineStride) = (x.sz, x.sy, stride)
        kernels.convolution.twoTapInput(&row)
        for number in 0..<25 {
          for phase in phases(number, both: both) {
            let voxels = lines.p + position(number, phase, both: both) * stride, place = (block * tiles + t) * x.width
            var line = kernelLine(voxels, v, starts, place, number, phase, both: both) { isTransposed ? 0 : $0 * vUnit }
            (line.width, line.rowStride, line.count) = (x.width, x.width, row.count)
            kernels.convolution.twoTapInputLine(&line)
          }
        }
      }
    }
    report.expectIntact(v, "V")
    report.expectIntact(lines, "lines of the input")
    return v
  }

  func products(_ width: Int, _ kernels: KernelTable, _ report: Report) -> GuardedFloats {
    let u = weights(kernels, report), v = transformed(kernels, report), lengths = Integers((0..<8).flatMap { _ in x.lengths })
    let halfStarts = uStarts, vStarts = vStarts, mStarts = mStarts(width), m = GuardedFloats(mStarts[125]), blocks = (parameters.outputs + width - 1) / width
    for point in 0..<125 {
      // Weights of all products of the point by input block; forward the phases are in one sum, transposed each has its output blocks.
      let phases = points.phases[point], kinds = phases.map { points.kind($0, point) * uKind }, channels = followingStarts(x.lengths).prefix(x.blocks)
      let inputs = Integers((isTransposed ? Array(channels) : kinds.flatMap { kind in channels.map { kind + $0 } }) + [0, 0, 0, 0])
      let outputs = Integers(
        isHalved ? (0..<(phases.count + 1) / 2).map { halfStarts[point] + $0 * unit }
          : (isTransposed ? kinds : [0]).flatMap { kind in (0..<blocks).map { kind + $0 * unit } })
      var product = WinogradProduct(
        lengths: lengths.p, v: v.floats + vStarts[point], u: u.floats, outputStarts: outputs.p, inputStarts: inputs.p, m: m.p + mStarts[point])
      (product.inputWidth, product.outputWidth, product.tiles) = (x.width, mRow(width), tiles)
      product.inputBlocks = isTransposed ? x.blocks : phases.count * x.blocks
      product.outputBlocks = isHalved ? (phases.count + 1) / 2 : isTransposed ? phases.count * blocks : blocks
      kernels.convolution.winogradProduct(&product)
    }
    report.expectIntact(m, "M")
    return m
  }

  /// Rows of at most two tiles.
  func finish(_ m: GuardedFloats, _ target: TileTarget, _ kernels: KernelTable, _ report: Report) {
    let width = target.y.width, starts = mStarts(width), unit = mUnit(width), grid = tiled.tiles, both = isTransposed, step = both ? 8 : 4
    let stride = (2 * step + 2) * width, lines = GuardedFloats((both ? 81 : 25) * stride)
    for block in 0..<target.y.blocks {
      for t in 0..<tiles where grid.position(t).x % 2 == 0 {
        let count = min(2, grid.x - grid.position(t).x), origin = grid.position(t).map { $0 * step }
        for number in 0..<25 {
          for phase in phases(number, both: both) {
            let voxels = lines.p + position(number, phase, both: both) * stride, place = (block * tiles + t) * mRow(width)
            var line = kernelLine(voxels, m, starts, place, number, phase, both: both) { isHalved ? $0 / 2 * unit + $0 % 2 * 8 : both ? $0 * unit : 0 }
            (line.width, line.rowStride, line.count) = (width, mRow(width), count)
            kernels.convolution.twoTapOutputLine(&line)
          }
        }
        let voxels = Extent(min(step, size.z - origin.z), min(step, size.y - origin.y), min(step * count, size.x - origin.x))
        var row = TwoTapOutputRow(lines: lines.p, epilogue: target.epilogue(block: block, origin: origin, count: voxels, isFirst: t == 0))
        (row.width, row.bothPhases, row.lineStride) = (width, both, stride)
        kernels.convolution.twoTapOutput(&row)
      }
    }
    report.expectIntact(lines, "lines of the output")
  }
}

/// Layers of random shapes; bounds of F(4) relative to the rms of the result.
private func check(_ seed: Int, isTransposed: Bool, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(seed))
  // The last has blocks of eight channels on both sides, whose products have a kernel of their own.
  let isEight = seed == 8, inputs = isEight ? 8 : 1 + random.below(24), outputs = isEight ? 8 : 1 + random.below(seed % 4 == 0 ? 8 : 20)
  let size = Extent.random(isTransposed ? 13 : 7, &random)
  let layer = Layer(inputs: inputs, outputs: outputs, size: size, isTransposed: isTransposed, width: isEight ? 8 : nil, &random), sums = layer.sums()
  let width = layer.isHalved || isEight ? 8 : BlockedVolume.width(outputs, &random), place = "\(inputs) -> \(outputs), \(size.z) x \(size.y) x \(size.x)"
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
  public static let twoTap = KernelFamily(
    "two-tap F(4x4x4)",
    [KernelCheck("weights", checkTwoTapWeights)]
      + (0..<9).map { seed in KernelCheck("layer \(seed)") { check(seed, isTransposed: false, $0, $1) } }
      + (0..<9).map { seed in KernelCheck("transposed layer \(seed)") { check(seed, isTransposed: true, $0, $1) } })
}
