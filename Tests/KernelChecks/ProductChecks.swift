import KernelTable
import TestSupport

/// Where the weights of input blocks of these lengths begin if they follow each other, and four more that are only fetched.
func followingStarts(_ lengths: [Int]) -> [Int] { (0..<lengths.count + 4).map { lengths.prefix($0).reduce(0, +) * 16 } }

/// Rows of V and what they give, for any number of tiles. The weights of input and output blocks lie in reverse order, with gaps.
private struct Product {
  let inputWidth: Int, outputWidth: Int, tiles: Int, outputBlocks: Int, lastChannels: Int
  let lengths: [Int]
  /// Floats before the weights of each output block, and of each input block in it.
  let outputStarts: [Int], inputStarts: [Int]
  /// `[tile][channel]`.
  let rows: [[Float]]
  let u: GuardedFloats

  init(inputWidth: Int, outputWidth: Int, tiles: Int, _ random: inout SplitMix64) {
    (self.inputWidth, self.outputWidth, self.tiles) = (inputWidth, outputWidth, tiles)
    let blocks = inputWidth == 8 ? 1 : 1 + random.below(3)
    let outputBlocks = outputWidth == 8 ? 1 : 1 + random.below(3)
    self.outputBlocks = outputBlocks
    lastChannels = outputWidth == 8 || random.next() % 2 == 0 ? outputWidth : 8
    let lengths = (0..<blocks).map { _ in random.next() % 2 == 0 ? inputWidth : 1 + random.below(inputWidth) }
    self.lengths = lengths
    rows = (0..<tiles).map { _ in (0..<lengths.reduce(0, +)).map { _ in random.float() } }
    let gap = 16, block = (lengths.reduce(0, +) + lengths.count + 1) * 16
    inputStarts = lengths.indices.map { lengths[($0 + 1)...].reduce(gap) { $0 + $1 * 16 + gap } } + [0, 0, 0, 0]
    outputStarts = (0..<outputBlocks).map { (outputBlocks - 1 - $0) * block }
    u = GuardedFloats(outputBlocks * block) { _ in random.float() }
  }

  private var channels: Int { lengths.reduce(0, +) }

  /// M of the tiles `range`: `[output block][tile][width]`.
  func run(_ range: Range<Int>, _ kernels: KernelTable) -> GuardedFloats {
    let v = GuardedFloats(lengths.count * range.count * inputWidth), m = GuardedFloats(outputBlocks * range.count * outputWidth)
    for t in range {
      var channel = 0
      for b in lengths.indices {
        for k in 0..<lengths[b] { v[(b * range.count + t - range.lowerBound) * inputWidth + k] = rows[t][channel + k] }
        channel += lengths[b]
      }
    }
    let lengthsInMemory = Integers(lengths), outputs = Integers(outputStarts), inputs = Integers(inputStarts)
    var product = WinogradProduct(
      lengths: lengthsInMemory.p, v: v.floats, u: u.floats, outputStarts: outputs.p, inputStarts: inputs.p, m: m.p)
    (product.inputWidth, product.outputWidth, product.tiles, product.inputBlocks) = (inputWidth, outputWidth, range.count, lengths.count)
    (product.outputBlocks, product.lastChannels) = (outputBlocks, lastChannels)
    kernels.convolution.winogradProduct(&product)
    return m
  }

  /// Lanes of a block that are computed.
  func lanes(_ block: Int) -> Range<Int> { 0..<(block == outputBlocks - 1 ? lastChannels : outputWidth) }

  /// A sum in double, and what float32 may be off: a chain has at most two roundings a channel, of sums below that of the sizes of its terms.
  func want(_ block: Int, _ tile: Int, _ lane: Int) -> (value: Double, bound: Double) {
    var sum = 0.0, sizes = 0.0, channel = 0
    for (b, length) in lengths.enumerated() {
      for k in 0..<length {
        let term = Double(rows[tile][channel]) * Double(u[outputStarts[block] + inputStarts[b] + k * 16 + lane])
        sum += term
        sizes += abs(term)
        channel += 1
      }
    }
    return (sum, 6e-8 * Double(channels + 1) * sizes)
  }
}

/// Sums run in the order of channels: a tile's bits do not depend on how many there are.
func checkProducts(_ inputWidth: Int, _ outputWidth: Int, _ kernels: KernelTable, _ report: Report) {
  for tiles in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 22, 23, 27, 28, 31, 32, 35, 36, 37, 41, 54] {
    var random = SplitMix64(seed: UInt64(tiles))
    let product = Product(inputWidth: inputWidth, outputWidth: outputWidth, tiles: tiles, &random), m = product.run(0..<tiles, kernels)
    report.place = "\(tiles) tiles, \(product.lengths.count) blocks to \(product.outputBlocks), \(product.lastChannels) lanes in the last"
    report.expectIntact(m)
    for tile in 0..<tiles {
      let alone = product.run(tile..<tile + 1, kernels)
      for block in 0..<product.outputBlocks {
        for lane in product.lanes(block) {
          let got = m[(block * tiles + tile) * outputWidth + lane], want = product.want(block, tile, lane)
          report.expect(got, want.value, within: want.bound, "tile \(tile), block \(block), lane \(lane)")
          report.expect(got.bitPattern == alone[block * outputWidth + lane].bitPattern, "tile \(tile) alone: other bits")
        }
        for lane in product.lanes(block).upperBound..<outputWidth {
          report.expect(m.isUntouched((block * tiles + tile) * outputWidth + lane), "tile \(tile), block \(block): wrote lane \(lane)")
        }
      }
    }
  }
}
