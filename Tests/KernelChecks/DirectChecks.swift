import KernelTable
import TestSupport

/// A row of direct convolution with everything random: where runs of input channels lie, how long they are, steps, blocks, epilogue.
private struct Row {
  let width: Int, count: Int, outputBlocks: Int, lastChannels: Int, xStep: Int, yStep: Int
  let offsets: [Int], lengths: [Int], weightOffsets: [Int]
  let x: GuardedFloats, weights: GuardedFloats, bias: GuardedFloats, slope: GuardedFloats?, residual: GuardedFloats?
  let isInPlace: Bool, hasMoments: Bool
  let yBlock: Int, weightBlock: Int

  init(_ random: inout SplitMix64, count: Int) {
    width = random.next() % 4 == 0 ? 8 : 16
    self.count = count
    outputBlocks = width == 8 ? 1 : 1 + random.below(5)
    lastChannels = width == 8 || random.next() % 2 == 0 ? width : 8
    // Planar voxels side by side or two apart, blocked ones with stride 1 to 3.
    let steps = [1, 2, 8, 16, 32, 48], isPlanar: Bool
    xStep = steps[random.below(steps.count)]
    isPlanar = xStep < 8
    yStep = width * (1 + random.below(3))
    let segments = 1 + random.below(30), longest = isPlanar ? 1 : min(16, xStep)
    var lengths: [Int] = [], weightOffsets: [Int] = [], weightFloats = 0
    for _ in 0..<segments {
      lengths.append(random.next() % 3 == 0 ? longest : 1 + random.below(longest))
      weightOffsets.append(weightFloats)
      weightFloats += lengths[lengths.count - 1] * 16 + 16 * random.below(2)
    }
    (self.lengths, self.weightOffsets) = (lengths, weightOffsets)
    offsets = (0..<segments).map { _ in random.below(400) }
    // Only what the segments cover is a number: lanes between runs are never read.
    x = GuardedFloats(420 + count * xStep)
    for s in 0..<segments { for i in 0..<count { for k in 0..<lengths[s] { x[offsets[s] + i * xStep + k] = random.float() } } }
    weightBlock = weightFloats + 16
    weights = GuardedFloats(outputBlocks * weightBlock) { _ in random.float() }
    bias = GuardedFloats(outputBlocks * 16) { _ in random.float() }
    slope = random.next() % 2 == 0 ? nil : GuardedFloats(outputBlocks * 16) { _ in random.float() }
    yBlock = count * yStep + 16
    let blocks = outputBlocks, block = yBlock
    residual = random.next() % 2 == 0 ? nil : GuardedFloats(blocks * block) { _ in random.float() }
    isInPlace = residual != nil && random.next() % 3 == 0
    hasMoments = random.next() % 2 == 0
  }

  /// Outputs `range` of the row to y, past the caches or not.
  func run(_ range: Range<Int>, _ y: GuardedFloats, moments: GuardedFloats?, setsPivot: Bool, streams: Bool, _ kernels: KernelTable) {
    let offsets = Integers(offsets), segments = Integers(lengths), weightOffsets = Integers(weightOffsets)
    var row = DirectRow(
      offsets: offsets.p, lengths: segments.p, x: x.floats + range.lowerBound * xStep, weights: weights.floats, weightOffsets: weightOffsets.p,
      bias: bias.floats, y: y.p + range.lowerBound * yStep)
    (row.width, row.count, row.outputBlocks, row.segments) = (width, range.count, outputBlocks, lengths.count)
    row.lastChannels = lastChannels
    (row.xStep, row.weightBlock, row.yBlock, row.yStep) = (xStep, weightBlock, yBlock, yStep)
    row.slope = slope?.floats
    if let residual {
      row.residual = (isInPlace ? y.floats : residual.floats) + range.lowerBound * yStep
      (row.residualBlock, row.residualStep) = (yBlock, yStep)
    }
    (row.moments, row.setsPivot, row.streams) = (moments?.p, setsPivot, streams && width == 16)
    if streams { (row.next, row.nextBlock, row.nextBlocks) = (x.floats, 1 << 20, 3) } // Fetching touches nothing.
    kernels.convolution.directRow(&row)
  }

  func at(_ block: Int, _ i: Int, _ lane: Int) -> Int { block * yBlock + i * yStep + lane }

  /// Lanes of a block that are computed.
  func lanes(_ block: Int) -> Range<Int> { 0..<(block == outputBlocks - 1 ? lastChannels : width) }

  /// The result in double, and the sum of the sizes of its terms.
  func want(_ block: Int, _ i: Int, _ lane: Int) -> (value: Double, terms: Double) {
    var sum = Double(bias[block * 16 + lane]), terms = abs(sum)
    for s in lengths.indices {
      for k in 0..<lengths[s] {
        let product = Double(x[offsets[s] + i * xStep + k]) * Double(weights[block * weightBlock + weightOffsets[s] + k * 16 + lane])
        sum += product
        terms += abs(product)
      }
    }
    if let residual {
      sum += Double(residual[at(block, i, lane)])
      terms += abs(Double(residual[at(block, i, lane)]))
    }
    if let slope, sum < 0 { sum *= Double(slope[block * 16 + lane]) }
    return (sum, terms)
  }

  func target() -> GuardedFloats {
    let y = GuardedFloats(outputBlocks * yBlock)
    guard isInPlace, let residual else { return y }
    for b in 0..<outputBlocks { for i in 0..<count { for lane in 0..<width { y[at(b, i, lane)] = residual[at(b, i, lane)] } } }
    return y
  }
}

/// A chain of n roundings: the error is below n units of 6e-8 of the terms.
private func check(_ count: Int, _ kernels: KernelTable, _ report: Report) {
  for seed in 0..<12 {
    var random = SplitMix64(seed: UInt64(count * 100 + seed))
    let row = Row(&random, count: count), y = row.target(), before = row.target(), width = row.width
    report.place =
      "seed \(count * 100 + seed), \(row.outputBlocks) blocks of \(width), \(row.lastChannels) lanes in the last, \(row.lengths.count) segments,"
      + " steps \(row.xStep), \(row.yStep)"
    let moments = row.hasMoments ? GuardedFloats(row.outputBlocks * 3 * width) : nil
    row.run(0..<count, y, moments: moments, setsPivot: true, streams: true, kernels)
    let chain = 6e-8 * Double(row.lengths.reduce(3, +))
    for b in 0..<row.outputBlocks {
      for i in 0..<count {
        for lane in row.lanes(b) {
          let want = row.want(b, i, lane)
          report.expect(y[row.at(b, i, lane)], want.value, within: chain * want.terms, "block \(b), voxel \(i), lane \(lane)")
        }
        // Half a line past the caches is filled with zeros.
        for at in row.at(b, i, row.lanes(b).upperBound)..<row.at(b, i, row.yStep) {
          let fills = width == 16 && at < row.at(b, i, width) && y[at] == 0
          report.expect(fills || y[at].bitPattern == before[at].bitPattern, "block \(b), voxel \(i): wrote beside it")
        }
      }
    }
    report.expectIntact(y)
    if let moments { compareMoments(row, y, moments, report) }
    let cut = row.target(), part = count / 2
    row.run(0..<part, cut, moments: nil, setsPivot: false, streams: false, kernels)
    row.run(part..<count, cut, moments: nil, setsPivot: false, streams: false, kernels)
    for b in 0..<row.outputBlocks {
      for i in 0..<count {
        for lane in row.lanes(b) {
          let at = row.at(b, i, lane)
          report.expect(cut[at].bitPattern == y[at].bitPattern, "cut at \(part): other bits")
        }
      }
    }
    report.expectIntact(cut)
  }
}

/// Statistics of what was stored, about the first voxel.
private func compareMoments(_ row: Row, _ y: GuardedFloats, _ moments: GuardedFloats, _ report: Report) {
  for b in 0..<row.outputBlocks {
    for lane in row.lanes(b) {
      let at = b * 3 * row.width + lane, pivot = Double(y[row.at(b, 0, lane)])
      var sum = 0.0, sizes = 0.0, squares = 0.0
      for i in 0..<row.count {
        let d = Double(y[row.at(b, i, lane)]) - pivot
        sum += d
        sizes += abs(d)
        squares += d * d
      }
      let rounding = 6e-8 * Double(row.count + 2)
      report.expect(moments[at], pivot, within: 0, "pivot of block \(b), lane \(lane)")
      report.expect(moments[at + row.width], sum, within: rounding * sizes, "sum of block \(b), lane \(lane)")
      report.expect(moments[at + 2 * row.width], squares, within: rounding * squares, "squares of block \(b), lane \(lane)")
    }
  }
  report.expectIntact(moments, "moments")
}

extension KernelFamily {
  public static let direct = KernelFamily(
    "direct convolution", [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 17, 24, 29].map { count in KernelCheck("rows of \(count)") { check(count, $0, $1) } })
}
