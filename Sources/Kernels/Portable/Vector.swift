/// Four lanes: what every machine has (SSE2 on x86-64).
typealias Vector = SIMD4<Float>
/// Whether `fma` rounds once.
let hasFMA = false
/// How many vectors registers hold.
let registers = 16
/// The widest vector of at most eight lanes: blocks of 8 channels.
typealias ShortVector = SIMD4<Float>
/// Channels times voxels, transposed in registers: blocks of 16, blocks of 8, plain matrices.
typealias BlockTile = LaneTile<4, Vector>
typealias ShortBlockTile = LaneTile<4, Vector>
typealias ShortSquareTile = LaneTile<4, ShortVector>
typealias SquareTile = LaneTile<4, Vector>
/// Rows of a tile of a matrix product, and vectors of columns of a packed panel: as many sums as the registers hold.
typealias MatMulTile<let N: Int> = ProductTile<6, N>
let matMulRows = 6, panelVectors = 2
/// Tokens, or numbers of values, by vectors of queries of attention.
typealias AttentionTile = QueryTile<2, 4>
let isaName: StaticString = "portable"

/// Register tile of direct convolution, how many blocks of 16 channels it spans, and the tiles for a single block of 16 and of 8.
typealias DirectTile = Tile<1, 3, 4, Vector>
typealias NarrowTile = Tile<1, 3, 4, Vector>
typealias ShortTile = Tile<1, 3, 2, ShortVector>
let directBlocks = 1

/// Register tile of Winograd products: rows are tiles, columns one block of 16 channels; the smaller ones are for rows that are left over.
typealias WinogradTile = Tile<1, 3, 4, Vector>
typealias MediumWinogradTile = Tile<1, 3, 4, Vector>
/// The same for 8 channels.
typealias ShortWinogradTile = Tile<1, 3, 2, ShortVector>
typealias MediumShortWinogradTile = Tile<1, 3, 2, ShortVector>
let winogradRows = 3
