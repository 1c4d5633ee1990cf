import CVector
import KernelTable

/// A vector of floats whose operations are single instructions, or few: what kernels are generic over where the channels of a voxel
/// decide the width (`Vector` for blocks of 16, `ShortVector` for blocks of 8).
///
/// The standard library's own operations on SIMD types are loops over lanes that the optimiser must join again; these are not.
protocol FloatVector {
  static var lanes: Int { get }
  /// 0, 1, 2...
  static var laneNumbers: Self { get }
  init(repeating value: Float)
  init(loading p: Floats)
  /// Eight floats, zeros in further lanes; all lanes where there are no more than eight.
  init(loadingEight p: Floats)
  /// Writes the first eight lanes, or all where there are fewer.
  func storedEight(at p: MutableFloats)
  func stored(at p: MutableFloats)
  /// Past the caches, to an aligned place.
  func streamed(at p: MutableFloats)
  func storedAsBytes(at p: UnsafeMutablePointer<UInt8>)
  subscript(lane: Int) -> Float { get set }

  static func fma(_ accumulator: Self, _ x: Self, _ y: Self) -> Self
  static func add(_ x: Self, _ y: Self) -> Self
  static func sub(_ x: Self, _ y: Self) -> Self
  static func mul(_ x: Self, _ y: Self) -> Self
  static func div(_ x: Self, _ y: Self) -> Self
  static func max(_ x: Self, _ y: Self) -> Self
  static func min(_ x: Self, _ y: Self) -> Self
  static func maximum(_ x: Self, _ y: Self) -> Self
  static func minimum(_ x: Self, _ y: Self) -> Self
  static func prelu(_ x: Self, _ slope: Self) -> Self
  static func sqrt(_ x: Self) -> Self
  static func abs(_ x: Self) -> Self
  static func neg(_ x: Self) -> Self
  static func copysign(_ x: Self, _ sign: Self) -> Self
  static func floor(_ x: Self) -> Self
  static func ceil(_ x: Self) -> Self
  static func roundeven(_ x: Self) -> Self
  static func less(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self
  static func equal(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self
  static func exceeds(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self
  static func exp2i(_ n: Self) -> Self
  static func exp2shifted(_ t: Self) -> Self
  static func scaledByShifted(_ x: Self, _ t: Self) -> Self
  static func exponent(_ x: Self) -> Self
  static func significand(_ x: Self) -> Self
  static func swap1(_ x: Self) -> Self
  static func swap2(_ x: Self) -> Self
  static func swap4(_ x: Self) -> Self
  static func swap8(_ x: Self) -> Self
  static func reverse(_ x: Self) -> Self
  static func zipLow(_ x: Self, _ y: Self) -> Self
  static func zipHigh(_ x: Self, _ y: Self) -> Self
}

extension SIMD4: FloatVector where Scalar == Float {
  @inline(__always) static var lanes: Int { 4 }
  @inline(__always) static var laneNumbers: Self { cv4_laneNumbers() }
  @inline(__always) init(loading p: Floats) { self = UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self) }
  @inline(__always) init(loadingEight p: Floats) { self.init(loading: p) }
  @inline(__always) func storedEight(at p: MutableFloats) { stored(at: p) }
  @inline(__always) func stored(at p: MutableFloats) { UnsafeMutableRawPointer(p).storeBytes(of: self, as: SIMD4<Float>.self) }
  @inline(__always) func streamed(at p: MutableFloats) { cv4_stream(self, p) }
  @inline(__always)
  func storedAsBytes(at p: UnsafeMutablePointer<UInt8>) { UnsafeMutableRawPointer(p).storeBytes(of: cv4_bytes(self), as: SIMD4<UInt8>.self) }
  @inline(__always) static func fma(_ accumulator: Self, _ x: Self, _ y: Self) -> Self { cv4_fma(accumulator, x, y) }
  @inline(__always) static func add(_ x: Self, _ y: Self) -> Self { cv4_add(x, y) }
  @inline(__always) static func sub(_ x: Self, _ y: Self) -> Self { cv4_sub(x, y) }
  @inline(__always) static func mul(_ x: Self, _ y: Self) -> Self { cv4_mul(x, y) }
  @inline(__always) static func div(_ x: Self, _ y: Self) -> Self { cv4_div(x, y) }
  @inline(__always) static func max(_ x: Self, _ y: Self) -> Self { cv4_max(x, y) }
  @inline(__always) static func min(_ x: Self, _ y: Self) -> Self { cv4_min(x, y) }
  @inline(__always) static func maximum(_ x: Self, _ y: Self) -> Self { cv4_maximum(x, y) }
  @inline(__always) static func minimum(_ x: Self, _ y: Self) -> Self { cv4_minimum(x, y) }
  @inline(__always) static func prelu(_ x: Self, _ y: Self) -> Self { cv4_prelu(x, y) }
  @inline(__always) static func sqrt(_ x: Self) -> Self { cv4_sqrt(x) }
  @inline(__always) static func abs(_ x: Self) -> Self { cv4_abs(x) }
  @inline(__always) static func neg(_ x: Self) -> Self { cv4_neg(x) }
  @inline(__always) static func copysign(_ x: Self, _ sign: Self) -> Self { cv4_copysign(x, sign) }
  @inline(__always) static func floor(_ x: Self) -> Self { cv4_floor(x) }
  @inline(__always) static func ceil(_ x: Self) -> Self { cv4_ceil(x) }
  @inline(__always) static func roundeven(_ x: Self) -> Self { cv4_roundeven(x) }
  @inline(__always) static func less(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv4_less(a, b, x, y) }
  @inline(__always) static func equal(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv4_equal(a, b, x, y) }
  @inline(__always) static func exceeds(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv4_exceeds(a, b, x, y) }
  @inline(__always) static func exp2i(_ x: Self) -> Self { cv4_exp2i(x) }
  @inline(__always) static func exp2shifted(_ x: Self) -> Self { cv4_exp2shifted(x) }
  @inline(__always) static func scaledByShifted(_ x: Self, _ t: Self) -> Self { cv4_scaledByShifted(x, t) }
  @inline(__always) static func exponent(_ x: Self) -> Self { cv4_exponent(x) }
  @inline(__always) static func significand(_ x: Self) -> Self { cv4_significand(x) }
  @inline(__always) static func swap1(_ x: Self) -> Self { cv4_swap1(x) }
  @inline(__always) static func swap2(_ x: Self) -> Self { cv4_swap2(x) }
  @inline(__always) static func swap4(_ x: Self) -> Self { x }
  @inline(__always) static func swap8(_ x: Self) -> Self { x }
  @inline(__always) static func reverse(_ x: Self) -> Self { cv4_reverse(x) }
  @inline(__always) static func zipLow(_ x: Self, _ y: Self) -> Self { cv4_zipLow(x, y) }
  @inline(__always) static func zipHigh(_ x: Self, _ y: Self) -> Self { cv4_zipHigh(x, y) }
}

extension SIMD8: FloatVector where Scalar == Float {
  @inline(__always) static var lanes: Int { 8 }
  @inline(__always) static var laneNumbers: Self { cv8_laneNumbers() }
  @inline(__always) init(loading p: Floats) { self = UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self) }
  @inline(__always) init(loadingEight p: Floats) { self.init(loading: p) }
  @inline(__always) func storedEight(at p: MutableFloats) { stored(at: p) }
  @inline(__always) func stored(at p: MutableFloats) { UnsafeMutableRawPointer(p).storeBytes(of: self, as: SIMD8<Float>.self) }
  @inline(__always) func streamed(at p: MutableFloats) { cv8_stream(self, p) }
  @inline(__always)
  func storedAsBytes(at p: UnsafeMutablePointer<UInt8>) { UnsafeMutableRawPointer(p).storeBytes(of: cv8_bytes(self), as: SIMD8<UInt8>.self) }
  @inline(__always) static func fma(_ accumulator: Self, _ x: Self, _ y: Self) -> Self { cv8_fma(accumulator, x, y) }
  @inline(__always) static func add(_ x: Self, _ y: Self) -> Self { cv8_add(x, y) }
  @inline(__always) static func sub(_ x: Self, _ y: Self) -> Self { cv8_sub(x, y) }
  @inline(__always) static func mul(_ x: Self, _ y: Self) -> Self { cv8_mul(x, y) }
  @inline(__always) static func div(_ x: Self, _ y: Self) -> Self { cv8_div(x, y) }
  @inline(__always) static func max(_ x: Self, _ y: Self) -> Self { cv8_max(x, y) }
  @inline(__always) static func min(_ x: Self, _ y: Self) -> Self { cv8_min(x, y) }
  @inline(__always) static func maximum(_ x: Self, _ y: Self) -> Self { cv8_maximum(x, y) }
  @inline(__always) static func minimum(_ x: Self, _ y: Self) -> Self { cv8_minimum(x, y) }
  @inline(__always) static func prelu(_ x: Self, _ y: Self) -> Self { cv8_prelu(x, y) }
  @inline(__always) static func sqrt(_ x: Self) -> Self { cv8_sqrt(x) }
  @inline(__always) static func abs(_ x: Self) -> Self { cv8_abs(x) }
  @inline(__always) static func neg(_ x: Self) -> Self { cv8_neg(x) }
  @inline(__always) static func copysign(_ x: Self, _ sign: Self) -> Self { cv8_copysign(x, sign) }
  @inline(__always) static func floor(_ x: Self) -> Self { cv8_floor(x) }
  @inline(__always) static func ceil(_ x: Self) -> Self { cv8_ceil(x) }
  @inline(__always) static func roundeven(_ x: Self) -> Self { cv8_roundeven(x) }
  @inline(__always) static func less(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv8_less(a, b, x, y) }
  @inline(__always) static func equal(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv8_equal(a, b, x, y) }
  @inline(__always) static func exceeds(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv8_exceeds(a, b, x, y) }
  @inline(__always) static func exp2i(_ x: Self) -> Self { cv8_exp2i(x) }
  @inline(__always) static func exp2shifted(_ x: Self) -> Self { cv8_exp2shifted(x) }
  @inline(__always) static func scaledByShifted(_ x: Self, _ t: Self) -> Self { cv8_scaledByShifted(x, t) }
  @inline(__always) static func exponent(_ x: Self) -> Self { cv8_exponent(x) }
  @inline(__always) static func significand(_ x: Self) -> Self { cv8_significand(x) }
  @inline(__always) static func swap1(_ x: Self) -> Self { cv8_swap1(x) }
  @inline(__always) static func swap2(_ x: Self) -> Self { cv8_swap2(x) }
  @inline(__always) static func swap4(_ x: Self) -> Self { cv8_swap4(x) }
  @inline(__always) static func swap8(_ x: Self) -> Self { x }
  @inline(__always) static func reverse(_ x: Self) -> Self { cv8_reverse(x) }
  @inline(__always) static func zipLow(_ x: Self, _ y: Self) -> Self { cv8_zipLow(x, y) }
  @inline(__always) static func zipHigh(_ x: Self, _ y: Self) -> Self { cv8_zipHigh(x, y) }
}

extension SIMD16: FloatVector where Scalar == Float {
  @inline(__always) static var lanes: Int { 16 }
  @inline(__always) static var laneNumbers: Self { cv16_laneNumbers() }
  @inline(__always) init(loading p: Floats) { self = UnsafeRawPointer(p).loadUnaligned(as: SIMD16<Float>.self) }
  @inline(__always) init(loadingEight p: Floats) { self = cv16_join(SIMD8<Float>(loading: p), SIMD8<Float>(repeating: 0)) }
  @inline(__always) func storedEight(at p: MutableFloats) { cv16_low(self).stored(at: p) }
  @inline(__always) func stored(at p: MutableFloats) { UnsafeMutableRawPointer(p).storeBytes(of: self, as: SIMD16<Float>.self) }
  @inline(__always) func streamed(at p: MutableFloats) { cv16_stream(self, p) }
  @inline(__always)
  func storedAsBytes(at p: UnsafeMutablePointer<UInt8>) { UnsafeMutableRawPointer(p).storeBytes(of: cv16_bytes(self), as: SIMD16<UInt8>.self) }
  @inline(__always) static func fma(_ accumulator: Self, _ x: Self, _ y: Self) -> Self { cv16_fma(accumulator, x, y) }
  @inline(__always) static func add(_ x: Self, _ y: Self) -> Self { cv16_add(x, y) }
  @inline(__always) static func sub(_ x: Self, _ y: Self) -> Self { cv16_sub(x, y) }
  @inline(__always) static func mul(_ x: Self, _ y: Self) -> Self { cv16_mul(x, y) }
  @inline(__always) static func div(_ x: Self, _ y: Self) -> Self { cv16_div(x, y) }
  @inline(__always) static func max(_ x: Self, _ y: Self) -> Self { cv16_max(x, y) }
  @inline(__always) static func min(_ x: Self, _ y: Self) -> Self { cv16_min(x, y) }
  @inline(__always) static func maximum(_ x: Self, _ y: Self) -> Self { cv16_maximum(x, y) }
  @inline(__always) static func minimum(_ x: Self, _ y: Self) -> Self { cv16_minimum(x, y) }
  @inline(__always) static func prelu(_ x: Self, _ y: Self) -> Self { cv16_prelu(x, y) }
  @inline(__always) static func sqrt(_ x: Self) -> Self { cv16_sqrt(x) }
  @inline(__always) static func abs(_ x: Self) -> Self { cv16_abs(x) }
  @inline(__always) static func neg(_ x: Self) -> Self { cv16_neg(x) }
  @inline(__always) static func copysign(_ x: Self, _ sign: Self) -> Self { cv16_copysign(x, sign) }
  @inline(__always) static func floor(_ x: Self) -> Self { cv16_floor(x) }
  @inline(__always) static func ceil(_ x: Self) -> Self { cv16_ceil(x) }
  @inline(__always) static func roundeven(_ x: Self) -> Self { cv16_roundeven(x) }
  @inline(__always) static func less(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv16_less(a, b, x, y) }
  @inline(__always) static func equal(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv16_equal(a, b, x, y) }
  @inline(__always) static func exceeds(_ a: Self, _ b: Self, _ x: Self, _ y: Self) -> Self { cv16_exceeds(a, b, x, y) }
  @inline(__always) static func exp2i(_ x: Self) -> Self { cv16_exp2i(x) }
  @inline(__always) static func exp2shifted(_ x: Self) -> Self { cv16_exp2shifted(x) }
  @inline(__always) static func scaledByShifted(_ x: Self, _ t: Self) -> Self { cv16_scaledByShifted(x, t) }
  @inline(__always) static func exponent(_ x: Self) -> Self { cv16_exponent(x) }
  @inline(__always) static func significand(_ x: Self) -> Self { cv16_significand(x) }
  @inline(__always) static func swap1(_ x: Self) -> Self { cv16_swap1(x) }
  @inline(__always) static func swap2(_ x: Self) -> Self { cv16_swap2(x) }
  @inline(__always) static func swap4(_ x: Self) -> Self { cv16_swap4(x) }
  @inline(__always) static func swap8(_ x: Self) -> Self { cv16_swap8(x) }
  @inline(__always) static func reverse(_ x: Self) -> Self { cv16_reverse(x) }
  @inline(__always) static func zipLow(_ x: Self, _ y: Self) -> Self { cv16_zipLow(x, y) }
  @inline(__always) static func zipHigh(_ x: Self, _ y: Self) -> Self { cv16_zipHigh(x, y) }
}
