import CVector
import KernelTable

/// See `WinogradInputRow`.
@inline(never)
func winogradInput(_ row: UnsafePointer<WinogradInputRow>) {
  let width = row.pointee.width, isHalf = row.pointee.channels == 8
  switch (row.pointee.form, isHalf) {
  case (.cube2, true): InputPasses<2, 2, 8, ShortVector>.input(width, row)
  case (.cube2, false): InputPasses<2, 2, 16, Vector>.input(width, row)
  case (.cube4, true): InputPasses<4, 4, 8, ShortVector>.input(width, row)
  case (.cube4, false): InputPasses<4, 4, 16, Vector>.input(width, row)
  case (.long6, true): InputPasses<4, 6, 8, ShortVector>.input(width, row)
  case (.long6, false): InputPasses<4, 6, 16, Vector>.input(width, row)
  }
}

/// See `WinogradLine`.
@inline(never)
func winogradInputLine(_ line: UnsafePointer<WinogradLine>) { transformLine(toPoints: true, line) }

/// See `WinogradLine`.
@inline(never)
func winogradOutputLine(_ line: UnsafePointer<WinogradLine>) { transformLine(toPoints: false, line) }

@inline(__always)
private func transformLine(toPoints: Bool, _ line: UnsafePointer<WinogradLine>) {
  let isHalf = line.pointee.channels == 8, width = line.pointee.width
  switch (line.pointee.form, isHalf, width) {
  case (.long6, true, 8): LinesAlongX<6, 8, ShortVector>.transform(toPoints: toPoints, 8, line)
  case (.long6, true, _): LinesAlongX<6, 8, ShortVector>.transform(toPoints: toPoints, 16, line)
  case (.long6, false, _): LinesAlongX<6, 16, Vector>.transform(toPoints: toPoints, 16, line)
  case (.cube4, true, 8): LinesAlongX<4, 8, ShortVector>.transform(toPoints: toPoints, 8, line)
  case (.cube4, true, _): LinesAlongX<4, 8, ShortVector>.transform(toPoints: toPoints, 16, line)
  case (.cube4, false, _): LinesAlongX<4, 16, Vector>.transform(toPoints: toPoints, 16, line)
  case (.cube2, true, _): LinesAlongX<2, 8, ShortVector>.transform(toPoints: toPoints, width, line)
  case (.cube2, false, _): LinesAlongX<2, 16, Vector>.transform(toPoints: toPoints, 16, line)
  }
}

/// Floats from row to row of V and of M. A type, since arguments are constants only where a call is inlined: these calls are not, and every address
/// was computed.
private enum RowSteps<let V: Int, let M: Int> {}

extension Tile {
  /// Input channels that the loop of a product counts at once: with few of them, counting takes long. With 16 registers and one vector a row, more
  /// than one would move sums to the stack. So do four without fused multiply-add, where they take less time all the same.
  @inline(__always) private static var channelsAtOnce: Int { NR == 1 && registers == 16 ? 1 : 4 }

  /// Rows `first ..< first + rows` of one output block. U is used once a block of tiles: fetched four input blocks ahead past the
  /// second-level cache, it does not displace V and M there. V is read in steps of all tiles, which hardware does not follow: the first output
  /// block fetches it two input blocks ahead, for itself and the others.
  @inline(__always)
  fileprivate static func winograd<let VStep: Int, let MStep: Int>(
    _: RowSteps<VStep, MStep>.Type, _ p: UnsafePointer<WinogradProduct>, _ first: Int, _ block: Int
  ) {
    let inputBlocks = p.pointee.inputBlocks, lengths = p.pointee.lengths, blockStride = p.pointee.tiles * VStep
    let u = p.pointee.u + p.pointee.outputStarts[block], starts = p.pointee.inputStarts
    // Where the tile is wider than a block, what it takes of the next one lies so far on.
    let isWide = NR * V.lanes > 16, mBlock = p.pointee.tiles * MStep
    let uBlock = isWide ? p.pointee.outputStarts[block + 1] - p.pointee.outputStarts[block] : 16
    var a = p.pointee.v + first * VStep
    let c = p.pointee.m + block * mBlock + first * MStep
    var acc = Accumulators(repeating: .init(repeating: .init(repeating: V(repeating: 0))))
    for i in 0..<inputBlocks {
      let length = lengths[i], ahead = starts[i + 4] - starts[i]
      var b = u + starts[i], k = 0
      if block == 0 { for r in 0..<G * MR { cv_prefetch(a + 2 * blockStride + r * VStep) } }
      while k + channelsAtOnce <= length {
        for n in 0..<channelsAtOnce {
          accumulate(&acc, a + k, n, VStep, b + n * 16, uBlock)
          cv_prefetch_once(b + ahead + n * 16)
          if isWide { cv_prefetch_once(b + uBlock + ahead + n * 16) }
        }
        k += channelsAtOnce
        b += channelsAtOnce * 16
      }
      while k < length {
        accumulate(&acc, a, k, VStep, b, uBlock)
        k += 1
        b += 16
      }
      a += blockStride
    }
    for g in 0..<G { for i in 0..<MR { for j in 0..<NR { acc[g][i][j].stored(at: c + (g * MR + i) * MStep + at(j, mBlock)) } } }
  }
}

extension Tile {
  /// Eight channels to eight: all weights of a point stay in registers, and rows come four at a time.
  @inline(__always)
  static func winogradOfEight(_ p: UnsafePointer<WinogradProduct>) {
    let tiles = p.pointee.tiles, starts = p.pointee.inputStarts, first = p.pointee.u + p.pointee.outputStarts[0] + starts[0]
    let u = InlineArray<8, InlineArray<NR, V>> { k in InlineArray<NR, V> { V(loading: first + k * 16 + $0 * V.lanes) } }
    for k in 0..<8 { cv_prefetch_once(first + starts[4] - starts[0] + k * 16) }
    var row = 0
    while row < tiles {
      // The last four overlap those before: the same sums, stored twice.
      if tiles >= 4 {
        rowsOfEight(InlineArray<4, Self>.self, p, u, min(row, tiles - 4))
        row += 4
      } else {
        rowsOfEight(InlineArray<1, Self>.self, p, u, row)
        row += 1
      }
    }
  }

  @inline(__always)
  private static func rowsOfEight<let Rows: Int>(
    _: InlineArray<Rows, Self>.Type, _ p: UnsafePointer<WinogradProduct>, _ u: InlineArray<8, InlineArray<NR, V>>, _ first: Int
  ) {
    let a = p.pointee.v + first * 8, c = p.pointee.m + first * 8
    var sums = InlineArray<Rows, InlineArray<NR, V>>(repeating: .init(repeating: V(repeating: 0)))
    for k in 0..<8 {
      for i in 0..<Rows {
        let d = V(repeating: a[i * 8 + k])
        for j in 0..<NR { sums[i][j] = V.fma(sums[i][j], d, u[k][j]) }
      }
    }
    for i in 0..<Rows { for j in 0..<NR { sums[i][j].stored(at: c + i * 8 + j * V.lanes) } }
  }
}

/// All rows of some output blocks, in large tiles, then medium ones where less is left over. A last tile of rows overlaps the one before
/// where that is less than a whole one: the same sums, stored twice, sooner than row by row, where each waits for its own sums.
@inline(__always)
private func products<let G: Int, let MR: Int, let MediumG: Int, let MediumMR: Int, let NR: Int, V: FloatVector, let VStep: Int, let MStep: Int>(
  _ large: Tile<G, MR, NR, V>.Type, _ medium: Tile<MediumG, MediumMR, NR, V>.Type, _ steps: RowSteps<VStep, MStep>.Type,
  _ p: UnsafePointer<WinogradProduct>, _ blocks: Range<Int>
) {
  let tiles = p.pointee.tiles
  for block in blocks {
    var row = 0
    while row < tiles {
      let left = tiles - row
      if left == large.rows || left >= 2 * large.rows || (left > large.rows && left > 2 * medium.rows) {
        large.winograd(steps, p, row, block)
        row += large.rows
      } else if left >= medium.rows {
        medium.winograd(steps, p, row, block)
        row += medium.rows
      } else if left > 4 && tiles >= medium.rows {
        medium.winograd(steps, p, tiles - medium.rows, block)
        row = tiles
      } else if left > 1 && tiles >= 4 && medium.rows >= 4 {
        Tile<1, 4, NR, V>.winograd(steps, p, min(row, tiles - 4), block)
        row += 4
      } else {
        Tile<1, 1, NR, V>.winograd(steps, p, row, block)
        row += 1
      }
    }
  }
}

/// See `WinogradProduct`.
@inline(never)
func winogradProduct(_ p: UnsafePointer<WinogradProduct>) {
  let blocks = p.pointee.outputBlocks, whole = p.pointee.lastChannels == 8 ? blocks - 1 : blocks
  // Weights in half of the registers leave room for sums.
  let holdsEight = 64 / ShortVector.lanes <= registers / 2
  switch (p.pointee.inputWidth, p.pointee.outputWidth) {
  case (8, 8) where holdsEight && p.pointee.inputBlocks == 1 && p.pointee.lengths[0] == 8: ShortWinogradTile.winogradOfEight(p)
  case (8, 8): products(ShortWinogradTile.self, MediumShortWinogradTile.self, RowSteps<8, 8>.self, p, 0..<blocks)
  case (_, 8): products(ShortWinogradTile.self, MediumShortWinogradTile.self, RowSteps<16, 8>.self, p, 0..<blocks)
  case (8, _):
    products(WinogradTile.self, MediumWinogradTile.self, RowSteps<8, 16>.self, p, 0..<whole)
    products(ShortWinogradTile.self, MediumShortWinogradTile.self, RowSteps<8, 16>.self, p, whole..<blocks)
  case _ where hasWideTile && whole > 0 && whole < blocks:
    products(WinogradTile.self, MediumWinogradTile.self, RowSteps<16, 16>.self, p, 0..<whole - 1)
    products(WideTile.self, WideTile.self, RowSteps<16, 16>.self, p, whole - 1..<whole)
  default:
    products(WinogradTile.self, MediumWinogradTile.self, RowSteps<16, 16>.self, p, 0..<whole)
    products(ShortWinogradTile.self, MediumShortWinogradTile.self, RowSteps<16, 16>.self, p, whole..<blocks)
  }
}

/// See `WinogradOutputRow`.
@inline(never)
func winogradOutput(_ row: UnsafePointer<WinogradOutputRow>) {
  let width = row.pointee.width, isHalf = row.pointee.channels == 8
  switch (row.pointee.form, isHalf) {
  case (.cube2, true): OutputPasses<2, 8, ShortVector>.output(width, row)
  case (.cube2, false): OutputPasses<2, 16, Vector>.output(width, row)
  case (_, true): OutputPasses<4, 8, ShortVector>.output(width, row)
  case (_, false): OutputPasses<4, 16, Vector>.output(width, row)
  }
}
