/// Eight lanes with fused multiply-add, 16 registers.
typealias Vector = SIMD8<Float>
/// Whether `fma` rounds once.
let hasFMA = true
/// How many vectors registers hold.
let registers = 16
/// The widest vector of at most eight lanes: blocks of 8 channels.
typealias ShortVector = SIMD8<Float>
/// Channels times voxels, transposed in registers: blocks of 16, blocks of 8, plain matrices.
typealias BlockTile = LaneTile<8, Vector>
typealias ShortBlockTile = LaneTile<8, Vector>
typealias ShortSquareTile = LaneTile<8, ShortVector>
typealias SquareTile = LaneTile<8, Vector>
/// Rows of a tile of a matrix product, and vectors of columns of a packed panel: as many sums as the registers hold.
typealias MatMulTile<let N: Int> = ProductTile<6, N>
let matMulRows = 6, panelVectors = 2
/// Tokens, or numbers of values, by vectors of queries of attention.
typealias AttentionTile = QueryTile<4, 2>
let isaName: StaticString = "avx2"

/// Register tile of direct convolution, how many blocks of 16 channels it spans, and the tiles for a single block of 16 and of 8.
typealias DirectTile = Tile<1, 6, 2, Vector>
typealias NarrowTile = Tile<1, 6, 2, Vector>
typealias ShortTile = Tile<1, 8, 1, ShortVector>
let directBlocks = 1

/// Register tile of Winograd products: rows are tiles, columns one block of 16 channels; the smaller ones are for rows that are left over.
typealias WinogradTile = Tile<1, 6, 2, Vector>
typealias MediumWinogradTile = Tile<1, 6, 2, Vector>
/// The same for 8 channels.
typealias ShortWinogradTile = Tile<2, 6, 1, ShortVector>
typealias MediumShortWinogradTile = Tile<1, 6, 1, ShortVector>
let winogradRows = 6
