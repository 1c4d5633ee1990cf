/// Four lanes with fused multiply-add, 32 registers.
typealias Vector = SIMD4<Float>
/// Whether `fma` rounds once.
let hasFMA = true
/// How many vectors registers hold.
let registers = 32
/// The widest vector of at most eight lanes: blocks of 8 channels.
typealias ShortVector = SIMD4<Float>
/// Channels times voxels, transposed in registers: blocks of 16, blocks of 8, plain matrices.
typealias BlockTile = LaneTile<4, Vector>
typealias ShortBlockTile = LaneTile<4, Vector>
typealias ShortSquareTile = LaneTile<4, ShortVector>
typealias SquareTile = LaneTile<4, Vector>
/// Rows of a tile of a matrix product, and vectors of columns of a packed panel: as many sums as the registers hold.
typealias MatMulTile<let N: Int> = ProductTile<6, N>
let matMulRows = 6, panelVectors = 4
/// Tokens, or numbers of values, by vectors of queries of attention.
typealias AttentionTile = QueryTile<4, 4>
let isaName: StaticString = "neon"

/// Register tile of direct convolution, how many blocks of 16 channels it spans, and the tiles for a single block of 16 and of 8.
typealias DirectTile = Tile<1, 6, 4, Vector>
typealias NarrowTile = Tile<1, 6, 4, Vector>
typealias ShortTile = Tile<1, 6, 2, ShortVector>
let directBlocks = 1

/// Register tile of Winograd products: rows are tiles, columns one block of 16 channels; the smaller ones are for rows that are left over.
typealias WinogradTile = Tile<1, 6, 4, Vector>
typealias MediumWinogradTile = Tile<1, 6, 4, Vector>
/// The same for 8 channels.
typealias ShortWinogradTile = Tile<1, 6, 2, ShortVector>
typealias MediumShortWinogradTile = Tile<1, 6, 2, ShortVector>
let winogradRows = 6
