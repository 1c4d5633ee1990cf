/// An IEEE 754 half (binary16) as its bits; Swift's own type is not there on every platform.
public struct Half: BitwiseCopyable, Sendable, Hashable {
  public let bits: UInt16

  public init(bits: UInt16) { self.bits = bits }

  /// The nearest half, of two equally near the even one; infinity from 65520.
  public init(rounding value: Double) {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    let magnitude = value.magnitude
    if value.isNaN {
      bits = sign | 0x7E00
    } else if magnitude < 0x1p-14 {
      // Units of the smallest subnormal; 1024 of them are the smallest normal number, whose bits follow.
      bits = sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    } else if magnitude < 65520 {
      // 1024...2048 units of the last place; 2048 carries into the exponent.
      let units = UInt16((magnitude.significand * 1024).rounded(.toNearestOrEven))
      bits = sign | UInt16(Int(magnitude.exponent) + 15) << 10 + (units - 1024)
    } else {
      bits = sign | 0x7C00
    }
  }

  /// The same value, infinities and NaN included; exact.
  public var float: Float {
    let sign = UInt32(bits & 0x8000) << 16, magnitude = UInt32(bits & 0x7FFF) << 13
    if bits & 0x7C00 == 0x7C00 { return Float(bitPattern: sign | 0x7F80_0000 | magnitude) }
    // In float's fields the exponent is 112 too small; the product sets that right, for subnormal numbers too.
    return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
  }
}
