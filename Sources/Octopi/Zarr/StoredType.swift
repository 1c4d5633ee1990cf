/// Type of the values of an array on disk.
public enum StoredType: String, Sendable, Hashable, CaseIterable {
  case bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64

  /// Bytes of one value.
  public var bytes: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  public var isFloatingPoint: Bool { self == .float16 || self == .float32 || self == .float64 }

  /// Kind and size as in a NumPy type string, without the byte order: `f4`.
  var code: String {
    switch self {
    case .bool: "b1"
    case .int8, .int16, .int32, .int64: "i\(bytes)"
    case .uint8, .uint16, .uint32, .uint64: "u\(bytes)"
    case .float16, .float32, .float64: "f\(bytes)"
    }
  }

  /// As Zarr v2 writes it on a little-endian machine: `<f4`, `|u1`.
  var numpyCode: String { (bytes == 1 ? "|" : "<") + code }

  /// From a NumPy type string: `<f4`, `>i2`, `|u1`.
  static func parse(numpyCode text: String) -> (type: StoredType, isBigEndian: Bool)? {
    guard let order = text.first, let type = allCases.first(where: { $0.code == text.dropFirst() }) else { return nil }
    switch order {
    case "<": return (type, false)
    case ">": return (type, true)
    case "|" where type.bytes == 1: return (type, false)
    default: return nil
    }
  }
}

extension StoredType {
  /// The bytes, little endian, of a value that metadata give as a number, as `true`, or as "NaN", "Infinity" and "-Infinity"; nil when
  /// this type does not have it.
  func bytes(of value: PythonValue) -> [UInt8]? {
    if isFloatingPoint {
      switch value {
      case .int(let number): return bytes(of: Double(number))
      case .float(let number): return bytes(of: number)
      case .string("NaN"): return bytes(of: Double.nan)
      case .string("Infinity"): return bytes(of: Double.infinity)
      case .string("-Infinity"): return bytes(of: -Double.infinity)
      default: return nil
      }
    }
    switch value {
    case .bool(let flag) where self == .bool: return [flag ? 1 : 0]
    case .int(let number): return bytes(of: number)
    case .float(let number): return Int(exactly: number).flatMap { bytes(of: $0) } ?? UInt64(exactly: number).flatMap { bytes(of: $0) }
    default: return nil
    }
  }

  /// From the digits of the bits, most significant first, without `0x`.
  func bytes(ofBits hexadecimal: Substring) -> [UInt8]? {
    guard isFloatingPoint, hexadecimal.utf8.count == 2 * bytes, hexadecimal.allSatisfy(\.isHexDigit) else { return nil }
    return UInt64(hexadecimal, radix: 16).map(littleEndianBytes)
  }

  private func bytes(of number: Double) -> [UInt8]? {
    switch self {
    case .float16:
      let half = Half(rounding: number)
      return number.isFinite && !half.float.isFinite ? nil : littleEndianBytes(UInt64(half.bits))
    case .float32:
      let single = Float(number)
      return number.isFinite && !single.isFinite ? nil : littleEndianBytes(UInt64(single.bitPattern))
    default: return littleEndianBytes(number.bitPattern)
    }
  }

  private func bytes(of number: some FixedWidthInteger) -> [UInt8]? {
    let fits = switch self {
    case .bool: number == 0 || number == 1
    case .int8: Int8(exactly: number) != nil
    case .int16: Int16(exactly: number) != nil
    case .int32: Int32(exactly: number) != nil
    case .int64: Int64(exactly: number) != nil
    case .uint8: UInt8(exactly: number) != nil
    case .uint16: UInt16(exactly: number) != nil
    case .uint32: UInt32(exactly: number) != nil
    default: UInt64(exactly: number) != nil
    }
    return fits ? littleEndianBytes(UInt64(truncatingIfNeeded: number)) : nil
  }

  private func littleEndianBytes(_ bits: UInt64) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) } }
}
