/// Sixteen lanes, 32 registers, masks.
typealias Vector = SIMD16<Float>
/// Whether `fma` rounds once.
let hasFMA = true
/// How many vectors registers hold.
let registers = 32
/// The widest vector of at most eight lanes: blocks of 8 channels.
typealias ShortVector = SIMD8<Float>
/// Channels times voxels, transposed in registers: blocks of 16, blocks of 8, plain matrices.
typealias BlockTile = LaneTile<16, Vector>
typealias ShortBlockTile = LaneTile<8, Vector>
typealias ShortSquareTile = LaneTile<8, ShortVector>
typealias SquareTile = LaneTile<16, Vector>
/// Rows of a tile of a matrix product, and vectors of columns of a packed panel: as many sums as the registers hold.
typealias MatMulTile<let N: Int> = ProductTile<8, N>
let matMulRows = 8, panelVectors = 3
/// Tokens, or numbers of values, by vectors of queries of attention.
typealias AttentionTile = QueryTile<8, 1>
let isaName: StaticString = "avx512"

/// Register tile of direct convolution, how many blocks of 16 channels it spans, and the tiles for a single block of 16 and of 8.
typealias DirectTile = Tile<2, 6, 2, Vector>
typealias NarrowTile = Tile<2, 6, 1, Vector>
typealias ShortTile = Tile<2, 6, 1, ShortVector>
let directBlocks = 2

/// Register tile of Winograd products: rows are tiles, columns one block of 16 channels; the smaller ones are for rows that are left over.
typealias WinogradTile = Tile<3, 6, 1, Vector>
typealias MediumWinogradTile = Tile<2, 7, 1, Vector>
/// The same for 8 channels.
typealias ShortWinogradTile = Tile<3, 6, 1, ShortVector>
typealias MediumShortWinogradTile = Tile<2, 6, 1, ShortVector>
let winogradRows = 18
