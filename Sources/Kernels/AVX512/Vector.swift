import CVector

/// Sixteen lanes, 32 registers, masks.
typealias Vector = SIMD16<Float>
/// The widest vector of at most eight lanes: blocks of 8 channels.
typealias ShortVector = SIMD8<Float>
/// Channels times voxels, transposed in registers: blocks of 16, blocks of 8, plain matrices.
typealias BlockTile = LaneTile<16, Vector>
typealias ShortBlockTile = LaneTile<8, Vector>
typealias SquareTile = LaneTile<16, Vector>
let isaName: StaticString = "avx512"

@inline(__always) func fma(_ acc: Vector, _ x: Vector, _ y: Vector) -> Vector { cv16_fma(acc, x, y) }
@inline(__always) func add(_ x: Vector, _ y: Vector) -> Vector { cv16_add(x, y) }
@inline(__always) func sub(_ x: Vector, _ y: Vector) -> Vector { cv16_sub(x, y) }
@inline(__always) func multiply(_ x: Vector, _ y: Vector) -> Vector { cv16_mul(x, y) }
@inline(__always) func prelu(_ x: Vector, _ slope: Vector) -> Vector { cv16_prelu(x, slope) }
