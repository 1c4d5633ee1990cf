import CVector

/// Four lanes with fused multiply-add, 32 registers.
typealias Vector = SIMD4<Float>
/// The widest vector of at most eight lanes: blocks of 8 channels.
typealias ShortVector = SIMD4<Float>
/// Channels times voxels, transposed in registers: blocks of 16, blocks of 8, plain matrices.
typealias BlockTile = LaneTile<4, Vector>
typealias ShortBlockTile = LaneTile<4, Vector>
typealias SquareTile = LaneTile<4, Vector>
let isaName: StaticString = "neon"

@inline(__always) func fma(_ acc: Vector, _ x: Vector, _ y: Vector) -> Vector { cv4_fma(acc, x, y) }
@inline(__always) func add(_ x: Vector, _ y: Vector) -> Vector { cv4_add(x, y) }
@inline(__always) func sub(_ x: Vector, _ y: Vector) -> Vector { cv4_sub(x, y) }
@inline(__always) func multiply(_ x: Vector, _ y: Vector) -> Vector { cv4_mul(x, y) }
@inline(__always) func prelu(_ x: Vector, _ slope: Vector) -> Vector { cv4_prelu(x, slope) }
