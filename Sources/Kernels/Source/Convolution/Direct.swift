import CVector
import KernelTable

/// `G * MR` rows (voxels) by `NR` vectors (channels) of accumulators in registers.
///
/// Rows are counted `G * MR` because the compiler unrolls a loop fully only up to some ten bodies; beyond, the array goes to memory.
struct Tile<let G: Int, let MR: Int, let NR: Int, V: FloatVector> {
  typealias Accumulators = InlineArray<G, InlineArray<MR, InlineArray<NR, V>>>

  @inline(__always) static var rows: Int { G * MR }

  /// Where vector `j` lies relative to the first when blocks of 16 channels are `block` floats apart.
  @inline(__always) static func at(_ j: Int, _ block: Int) -> Int { j * V.lanes / 16 * block + j * V.lanes % 16 }

  @inline(__always)
  static func accumulate(_ acc: inout Accumulators, _ a: Floats, _ k: Int, _ step: Int, _ b: Floats, _ weightBlock: Int) {
    for g in 0..<G {
      for i in 0..<MR {
        let d = V(repeating: a[(g * MR + i) * step + k])
        for j in 0..<NR { acc[g][i][j] = V.fma(acc[g][i][j], d, V(loading: b + at(j, weightBlock))) }
      }
    }
  }

  /// Outputs `first ..< first + rows` of the row, channels from block `block` (and lane `lane` in it) on.
  @inline(__always)
  static func direct(_ row: UnsafePointer<DirectRow>, _ first: Int, _ block: Int, _ lane: Int, _ xStep: Int) {
    let segments = row.pointee.segments, offsets = row.pointee.offsets, lengths = row.pointee.lengths
    let weightBlock = row.pointee.weightBlock, weightOffsets = row.pointee.weightOffsets
    let x = row.pointee.x + first * xStep
    let weights = row.pointee.weights + block * weightBlock + lane
    let bias = row.pointee.bias + block * 16 + lane
    var acc = Accumulators(repeating: .init(repeating: .init(repeating: V(repeating: 0))))
    for g in 0..<G { for i in 0..<MR { for j in 0..<NR { acc[g][i][j] = V(loading: bias + at(j, 16)) } } }
    for s in 0..<segments {
      let a = x + offsets[s], length = lengths[s]
      var b = weights + weightOffsets[s]
      if length == 16 {
        for k in 0..<16 {
          accumulate(&acc, a, k, xStep, b, weightBlock)
          b += 16
        }
      } else {
        for k in 0..<length {
          accumulate(&acc, a, k, xStep, b, weightBlock)
          b += 16
        }
      }
    }
    finish(row, &acc, first, block, lane)
  }

  @inline(__always)
  static func finish(_ row: UnsafePointer<DirectRow>, _ acc: inout Accumulators, _ first: Int, _ block: Int, _ lane: Int) {
    let yBlock = row.pointee.yBlock, yStep = row.pointee.yStep
    let y = row.pointee.y + block * yBlock + lane + first * yStep
    if let residual = row.pointee.residual {
      let rBlock = row.pointee.residualBlock, rStep = row.pointee.residualStep
      let r = residual + block * rBlock + lane + first * rStep
      for g in 0..<G {
        for i in 0..<MR { for j in 0..<NR { acc[g][i][j] = V.add(acc[g][i][j], V(loading: r + (g * MR + i) * rStep + at(j, rBlock))) } }
      }
    }
    if let slopes = row.pointee.slope {
      let s = slopes + block * 16 + lane
      for g in 0..<G { for i in 0..<MR { for j in 0..<NR { acc[g][i][j] = V.prelu(acc[g][i][j], V(loading: s + at(j, 16))) } } }
    }
    // Vectors side by side fill a line of memory one after the other; half a line at the end is filled with what nobody reads.
    if row.pointee.streams && V.lanes >= 8 {
      for g in 0..<G {
        for i in 0..<MR {
          for j in 0..<NR {
            let target = y + (g * MR + i) * yStep + at(j, yBlock)
            acc[g][i][j].streamed(at: target)
            if j == NR - 1 && NR * V.lanes % 16 == 8 { V(repeating: 0).streamed(at: target + 8) }
          }
        }
      }
    } else {
      for g in 0..<G { for i in 0..<MR { for j in 0..<NR { acc[g][i][j].stored(at: y + (g * MR + i) * yStep + at(j, yBlock)) } } }
    }
    if let moments = row.pointee.moments { gather(row, acc, moments, first, block, lane) }
  }

  /// The statistics of finished outputs join those of the row.
  @inline(__always)
  static func gather(
    _ row: UnsafePointer<DirectRow>, _ acc: Accumulators, _ moments: MutableFloats, _ first: Int, _ block: Int, _ lane: Int
  ) {
    let width = row.pointee.width, starts = row.pointee.setsPivot && first == 0
    for j in 0..<NR {
      let state = moments + block * 3 * width + lane + at(j, 3 * width)
      let pivot = starts ? acc[0][0][j] : V(loading: state)
      var sum = starts ? V(repeating: 0) : V(loading: state + width), square = starts ? V(repeating: 0) : V(loading: state + 2 * width)
      for g in 0..<G {
        for i in 0..<MR {
          let d = V.sub(acc[g][i][j], pivot)
          sum = V.add(sum, d)
          square = V.fma(square, d, d)
        }
      }
      pivot.stored(at: state)
      sum.stored(at: state + width)
      square.stored(at: state + 2 * width)
    }
  }
}

/// The whole row for the channels of one step over the output blocks, in tiles that shrink towards its end.
@inline(__always)
private func directChannels<let G: Int, let MR: Int, let NR: Int, V: FloatVector>(
  _ tile: Tile<G, MR, NR, V>.Type, _ row: UnsafePointer<DirectRow>, _ block: Int
) {
  let count = row.pointee.count, xStep = row.pointee.xStep
  var i = 0
  while count - i >= tile.rows {
    if block == 0, let next = row.pointee.next {
      for b in 0..<row.pointee.nextBlocks { for r in i..<i + tile.rows { cv_prefetch(next + b * row.pointee.nextBlock + r * xStep) } }
    }
    // The usual step as a constant, so that addresses are base + constant.
    if xStep == 16 { tile.direct(row, i, block, 0, 16) } else { tile.direct(row, i, block, 0, xStep) }
    i += tile.rows
  }
  while count - i >= 4 {
    Tile<1, 4, NR, V>.direct(row, i, block, 0, xStep)
    i += 4
  }
  // In small volumes all weights are read once a tile: one for all that is left.
  switch count - i {
  case 3: Tile<1, 3, NR, V>.direct(row, i, block, 0, xStep)
  case 2: Tile<1, 2, NR, V>.direct(row, i, block, 0, xStep)
  case 1: Tile<1, 1, NR, V>.direct(row, i, block, 0, xStep)
  default: break
  }
}

/// 24 channels at once, a whole block and half of the next: with 16 registers as many sums as in other tiles, and fewer loads. Half a block on its
/// own reads a number of each of many voxels for a single vector of weights, from few banks of the first cache.
typealias WideTile = Tile<1, 4, 3, Vector>
var hasWideTile: Bool { Vector.lanes == 8 && registers == 16 }

/// See `DirectRow`.
@inline(never)
func directRow(_ row: UnsafePointer<DirectRow>) {
  if row.pointee.width == 8 { return directChannels(ShortTile.self, row, 0) }
  let blocks = row.pointee.outputBlocks, whole = row.pointee.lastChannels == 8 ? blocks - 1 : blocks
  if hasWideTile && row.pointee.xStep == 16 && whole > 0 && whole < blocks {
    for block in 0..<whole - 1 { directChannels(NarrowTile.self, row, block) }
    return directChannels(WideTile.self, row, whole - 1)
  }
  var block = 0
  // As many blocks at once as the tile is wide, then one by one.
  while block + directBlocks <= whole {
    directChannels(DirectTile.self, row, block)
    block += directBlocks
  }
  while block < whole {
    directChannels(NarrowTile.self, row, block)
    block += 1
  }
  if block < blocks { directChannels(ShortTile.self, row, block) }
}
