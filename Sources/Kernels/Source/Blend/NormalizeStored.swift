import KernelTable

/// A type that voxels are stored in; its value as a float, rounded to nearest.
protocol StoredNumber: BitwiseCopyable {
  var asFloat: Float { get }
}

extension Int8: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension UInt8: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension Int16: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension UInt16: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension Int32: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension UInt32: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension Int64: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension UInt64: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }
extension Float: StoredNumber { @inline(__always) var asFloat: Float { self } }
extension Double: StoredNumber { @inline(__always) var asFloat: Float { Float(self) } }

/// The bits of a number of IEEE 754 half precision; Swift's own type does not exist on every platform.
struct HalfBits: StoredNumber {
  let bits: UInt16

  /// Exponent and fraction moved to where a float has them are the number times 2^-112, subnormal ones included.
  @inline(__always)
  var asFloat: Float {
    let size = UInt32(bits & 0x7FFF), sign = UInt32(bits & 0x8000) << 16
    let finite = (Float(bitPattern: size << 13) * 0x1p112).bitPattern
    return Float(bitPattern: sign | (size >= 0x7C00 ? size << 13 | 0x7F80_0000 : finite))
  }
}

/// `y[i] = (x[i] - mean) / deviation` in float32, one subtraction and one division (MONAI `NormalizeIntensity`); numbers that float32 does
/// not hold are rounded first.
///
/// - x: `count` numbers of a stored type, aligned to it or not, `xStep` numbers apart; y: `yStep` floats apart. Steps may be negative.
@inline(__always)
func normalizeStored<Number: StoredNumber>(
  _: Number.Type, _ count: Int, _ x: UnsafeRawPointer, _ xStep: Int, _ mean: Float, _ deviation: Float, _ y: MutableFloats, _ yStep: Int
) {
  let size = MemoryLayout<Number>.size
  if xStep == 1 && yStep == 1 {
    for i in 0..<count { y[i] = (x.loadUnaligned(fromByteOffset: i * size, as: Number.self).asFloat - mean) / deviation }
  } else if xStep == 1 && yStep == -1 { // Flipped rows: neighbours all the same, which a compiler turns into whole vectors.
    let y = y - (count - 1)
    for i in 0..<count { y[i] = (x.loadUnaligned(fromByteOffset: (count - 1 - i) * size, as: Number.self).asFloat - mean) / deviation }
  } else {
    for i in 0..<count { y[i * yStep] = (x.loadUnaligned(fromByteOffset: i * xStep * size, as: Number.self).asFloat - mean) / deviation }
  }
}
