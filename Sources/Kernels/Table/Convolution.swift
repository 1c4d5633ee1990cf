/// Convolution over blocked activations `[block][z][y][x][16]`.
public struct ConvolutionKernels: Sendable {
  /// One row of outputs of a direct convolution; see `DirectRow`.
  public let directRow: @Sendable (_ row: UnsafePointer<DirectRow>) -> Void
  /// Tiles that one block of a Winograd product is best a multiple of.
  public let winogradRows: Int
  public let winogradInput: @Sendable (_ row: UnsafePointer<WinogradInputRow>) -> Void
  public let winogradInputLine: @Sendable (_ line: UnsafePointer<WinogradLine>) -> Void
  public let winogradProduct: @Sendable (_ product: UnsafePointer<WinogradProduct>) -> Void
  public let winogradOutputLine: @Sendable (_ line: UnsafePointer<WinogradLine>) -> Void
  public let winogradOutput: @Sendable (_ row: UnsafePointer<WinogradOutputRow>) -> Void
  public let twoTapInput: @Sendable (_ row: UnsafePointer<TwoTapInputRow>) -> Void
  public let twoTapInputLine: @Sendable (_ line: UnsafePointer<TwoTapLine>) -> Void
  public let twoTapOutputLine: @Sendable (_ line: UnsafePointer<TwoTapLine>) -> Void
  public let twoTapOutput: @Sendable (_ row: UnsafePointer<TwoTapOutputRow>) -> Void
  public let winogradWeights: @Sendable (_ row: UnsafePointer<WinogradWeightRow>) -> Void
  public let twoTapWeights: @Sendable (_ row: UnsafePointer<TwoTapWeightRow>) -> Void

  public init(
    directRow: @escaping @Sendable (UnsafePointer<DirectRow>) -> Void, winogradRows: Int,
    winogradInput: @escaping @Sendable (UnsafePointer<WinogradInputRow>) -> Void,
    winogradInputLine: @escaping @Sendable (UnsafePointer<WinogradLine>) -> Void,
    winogradProduct: @escaping @Sendable (UnsafePointer<WinogradProduct>) -> Void,
    winogradOutputLine: @escaping @Sendable (UnsafePointer<WinogradLine>) -> Void,
    winogradOutput: @escaping @Sendable (UnsafePointer<WinogradOutputRow>) -> Void,
    twoTapInput: @escaping @Sendable (UnsafePointer<TwoTapInputRow>) -> Void,
    twoTapInputLine: @escaping @Sendable (UnsafePointer<TwoTapLine>) -> Void,
    twoTapOutputLine: @escaping @Sendable (UnsafePointer<TwoTapLine>) -> Void,
    twoTapOutput: @escaping @Sendable (UnsafePointer<TwoTapOutputRow>) -> Void,
    winogradWeights: @escaping @Sendable (UnsafePointer<WinogradWeightRow>) -> Void,
    twoTapWeights: @escaping @Sendable (UnsafePointer<TwoTapWeightRow>) -> Void
  ) {
    self.directRow = directRow
    self.winogradRows = winogradRows
    self.winogradInput = winogradInput
    self.winogradInputLine = winogradInputLine
    self.winogradProduct = winogradProduct
    self.winogradOutputLine = winogradOutputLine
    self.winogradOutput = winogradOutput
    self.twoTapInput = twoTapInput
    self.twoTapInputLine = twoTapInputLine
    self.twoTapOutputLine = twoTapOutputLine
    self.twoTapOutput = twoTapOutput
    self.winogradWeights = winogradWeights
    self.twoTapWeights = twoTapWeights
  }
}

/// One row of `count` outputs along x, `outputBlocks` blocks of 16 channels:
///
/// `y[b][i] = act(bias[b] + sum over segments s, channels k of x[offsets[s] + i * xStep + k] * weights[b][weightOffsets[s]][k] + residual[b][i])`
///
/// A segment is a run of input channels that lie side by side: with blocked input one tap of one block (up to 16 long), with planar input
/// one tap of one channel (1 long). So the same kernel serves any kernel shape, dilation, stride (`xStep`), phase of a transposed
/// convolution (`yStep`) and channel count; lanes that pad a block are never read.
///
/// All distances are in floats. Sums run in the order of segments and channels, whatever the tile, so a row may be cut anywhere.
public struct DirectRow {
  /// Channels of an output block in memory, 16 or 8; with 8 there is one block, and weights, bias and slope still have 16 lanes.
  public var width = 16
  /// Channels of the last block that are computed, 16 or 8.
  public var lastChannels = 16
  public var count = 0
  public var outputBlocks = 0
  public var segments = 0
  public var offsets: UnsafePointer<Int>
  public var lengths: UnsafePointer<Int>
  public var x: Floats
  public var xStep = 0
  /// What a later call reads, as many voxels of `nextBlocks` blocks, `nextBlock` apart: fetched while this row is computed. Nil for nothing.
  public var next: Floats?
  public var nextBlock = 0, nextBlocks = 0
  /// Blocks `weightBlock` apart; those of a segment start at `weightOffsets[s]`, `[channel][16]`.
  public var weights: Floats
  public var weightOffsets: UnsafePointer<Int>
  public var weightBlock = 0
  /// `[block][16]`.
  public var bias: Floats
  public var y: MutableFloats
  /// As in `TileEpilogue`.
  public var streams = false
  public var yBlock = 0
  public var yStep = 0
  /// Added before the activation, or nil; laid out like `y` with its own distances; may be `y`.
  public var residual: Floats?
  public var residualBlock = 0
  public var residualStep = 0
  /// Slope below zero `[block][16]`, or nil for no activation.
  public var slope: Floats?
  /// Statistics of y, see `TileEpilogue`, `[block][pivot][sum][sum of squares]`.
  public var moments: MutableFloats?
  /// The first voxel of this row becomes the pivot, and the sums start from zero.
  public var setsPivot = false

  public init(
    offsets: UnsafePointer<Int>, lengths: UnsafePointer<Int>, x: Floats, weights: Floats,
    weightOffsets: UnsafePointer<Int>, bias: Floats, y: MutableFloats
  ) {
    self.offsets = offsets
    self.lengths = lengths
    self.x = x
    self.weights = weights
    self.weightOffsets = weightOffsets
    self.bias = bias
    self.y = y
  }
}

/// `Coefficients` of a normalisation that is applied on load, for one block of channels.
public typealias BlockCoefficients = Floats

/// A row of tiles along x for the input transform of a Winograd convolution, one block of `width` channels: z and y.
///
/// Reads the voxels under `count` tiles from `x` on, one more on each side, and writes a line for each point along z and y, in raster order: voxel c
/// along x of line i goes to `lines + i * lineStride + channels * c`. Distances are in floats.
public struct WinogradInputRow {
  public var form = TileForm.cube4
  /// Channels of the block in memory, 16 or 8, and how many of them are transformed, 16 or 8.
  public var width = 16, channels = 16
  public var count = 0
  public var x: Floats
  public var sz = 0, sy = 0
  /// Applied on load, or nil; voxels outside of the volume must then hold `mean - shift / scale`.
  public var coefficients: BlockCoefficients?
  public var lines: MutableFloats
  public var lineStride = 0

  public init(x: Floats, lines: MutableFloats) {
    self.x = x
    self.lines = lines
  }
}

/// One line of a row of tiles along x, one block of `width` channels: the transforms along x, from voxels to points and back.
///
/// Voxel c lies at `line + channels * c`, point i of tile t at `points + i * pointStride + width * t`. The voxels before a transform are two more than
/// those of `count` tiles, after it as many.
public struct WinogradLine {
  public var form = TileForm.cube4
  /// Channels of the block in memory, 16 or 8, and how many of them are transformed, 16 or 8.
  public var width = 16, channels = 16
  public var count = 0
  public var line: MutableFloats
  public var points: MutableFloats
  public var pointStride = 0

  public init(line: MutableFloats, points: MutableFloats) {
    self.line = line
    self.points = points
  }
}

/// All products of one point for some tiles: `m[o][t][16] = sum over blocks b, channels k of v[b][t][k] * u[o][b][k][16]`.
///
/// Sums run in the order of channels, whatever the number of tiles. Reads ahead of `u` by prefetch only.
public struct WinogradProduct {
  /// Floats of a row of V and of M, 16 or 8; with 8 there is one block.
  public var inputWidth = 16, outputWidth = 16
  /// Channels of the last output block that are computed, 16 or 8.
  public var lastChannels = 16
  public var tiles = 0
  public var inputBlocks = 0
  /// Channels of each input block that count.
  public var lengths: UnsafePointer<Int>
  /// `[input block][tiles][16]`.
  public var v: Floats
  /// `[input channel][16]` for output block o and input block b at `u + outputStarts[o] + inputStarts[b]`; four more starts of input blocks say
  /// what is fetched ahead while the last four are used.
  public var u: Floats
  public var outputStarts: UnsafePointer<Int>, inputStarts: UnsafePointer<Int>
  public var outputBlocks = 0
  /// `[output block][tiles][16]`.
  public var m: MutableFloats

  public init(
    lengths: UnsafePointer<Int>, v: Floats, u: Floats, outputStarts: UnsafePointer<Int>, inputStarts: UnsafePointer<Int>, m: MutableFloats
  ) {
    self.lengths = lengths
    self.v = v
    self.u = u
    self.outputStarts = outputStarts
    self.inputStarts = inputStarts
    self.m = m
  }
}

/// What happens to the outputs of a tile, or of a row of tiles along x, one block of 16 channels: `y = act(value + bias + residual)`, and the
/// statistics of y over the voxels that exist. Distances are in floats.
public struct TileEpilogue {
  public var y: MutableFloats
  public var sz = 0, sy = 0, sx = 0
  /// `y` is more than caches hold, and aligned to lines of 64 bytes, with blocks of 16 channels: whole lines may be written past them. Lanes of a
  /// block that are not computed may become zero.
  public var streams = false
  /// Voxels that exist along each axis, at least 1.
  public var countZ = 4, countY = 4, countX = 4
  /// 16 floats.
  public var bias: Floats
  /// Added before the activation, or nil, with its own distances; may be `y`.
  public var residual: Floats?
  public var residualZ = 0, residualY = 0, residualX = 0
  /// Normalises the residual on load, or nil.
  public var residualCoefficients: BlockCoefficients?
  /// Slope below zero, 16 floats, or nil for no activation.
  public var slope: Floats?
  /// `[pivot][sum of y - pivot][sum of squares of that]`, each as wide as the block, added to, or nil. The pivot keeps the sums from cancelling where the
  /// mean is large against the deviation.
  public var moments: MutableFloats?
  /// The first voxel of these becomes the pivot, and the sums start from zero.
  public var setsPivot = false

  public init(y: MutableFloats, bias: Floats) {
    self.y = y
    self.bias = bias
  }
}

/// The output transform of a row of tiles along x of a Winograd convolution, one block of `width` channels: z and y, with everything that follows.
///
/// Reads the lines of as many voxels as the epilogue counts along x, and overwrites them; see `WinogradInputRow`.
public struct WinogradOutputRow {
  public var form = TileForm.cube4
  /// Channels of the block in memory, 16 or 8, and how many of them are transformed, 16 or 8.
  public var width = 16, channels = 16
  public var lines: MutableFloats
  public var lineStride = 0
  public var epilogue: TileEpilogue

  public init(lines: MutableFloats, epilogue: TileEpilogue) {
    self.lines = lines
    self.epilogue = epilogue
  }
}

/// A row of tiles along x for the input transform of a convolution of stride 2 by F(4, 2), one block of `width` channels: z and y.
///
/// Reads the voxels under `count` tiles from `x` on and one more at the end, and writes lines in raster order of z and y, voxel c along x of line i
/// to `lines + i * lineStride + width * c`. With both phases, forward, tiles are 8 voxels apart and 9 lines an axis alternate between two taps
/// (0, 2, ... 8 are points 0 to 4) and one (1, 3, 5, 7 are points 0 to 3). Transposed, tiles are 4 voxels apart, and 5 lines are the points.
public struct TwoTapInputRow {
  /// Channels of the block in memory, 16 or 8.
  public var width = 16
  public var bothPhases = false
  public var count = 0
  public var x: Floats
  public var sz = 0, sy = 0
  public var lines: MutableFloats
  public var lineStride = 0

  public init(x: Floats, lines: MutableFloats) {
    self.x = x
    self.lines = lines
  }
}

/// One line of a row of tiles along x of a convolution of stride 2, one block of `width` channels: the transforms along x, from voxels to points and
/// back.
///
/// Point i of tile t lies at `twoTaps + i * pointStride + rowStride * t`, or `oneTap` where there are both phases, and infinity, which is point 4 of
/// two taps, at `infinity + rowStride * t`. Voxel c lies at `line + width * c`; a tile is 4 of them, with both phases 8. Before a transform there
/// is one more at the end, and even ones have two taps; after it odd ones have.
public struct TwoTapLine {
  /// Channels of the block in memory, 16 or 8.
  public var width = 16
  public var count = 0
  public var line: MutableFloats
  public var twoTaps: MutableFloats, infinity: MutableFloats
  public var oneTap: MutableFloats?
  public var pointStride = 0, rowStride = 16

  public init(line: MutableFloats, points: MutableFloats) {
    self.line = line
    (twoTaps, infinity) = (points, points)
  }
}

/// The output transform of a row of tiles along x of a convolution of stride 2, one block of `width` channels: z and y, with everything that follows.
///
/// Reads the lines of as many voxels as the epilogue counts along x, and overwrites them; lines lie as those of `TwoTapInputRow` do. With both phases,
/// transposed, odd outputs along an axis have two taps.
public struct TwoTapOutputRow {
  /// Channels of the block in memory, 16 or 8.
  public var width = 16
  public var bothPhases = false
  public var lines: MutableFloats
  public var lineStride = 0
  public var epilogue: TileEpilogue

  public init(lines: MutableFloats, epilogue: TileEpilogue) {
    self.lines = lines
    self.epilogue = epilogue
  }
}
