/// Values of an array or of a part of it, in the type that they are stored in, C order (last axis fastest).
public enum ArrayValues: Sendable, Hashable {
  /// 0 or 1.
  case bool([UInt8])
  case int8([Int8])
  case uint8([UInt8])
  case int16([Int16])
  case uint16([UInt16])
  case int32([Int32])
  case uint32([UInt32])
  case int64([Int64])
  case uint64([UInt64])
  case float16([Half])
  case float32([Float])
  case float64([Double])

  public var type: StoredType {
    switch self {
    case .bool: .bool
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .int32: .int32
    case .uint32: .uint32
    case .int64: .int64
    case .uint64: .uint64
    case .float16: .float16
    case .float32: .float32
    case .float64: .float64
    }
  }

  public var count: Int {
    switch self {
    case .bool(let values), .uint8(let values): values.count
    case .int8(let values): values.count
    case .int16(let values): values.count
    case .uint16(let values): values.count
    case .int32(let values): values.count
    case .uint32(let values): values.count
    case .int64(let values): values.count
    case .uint64(let values): values.count
    case .float16(let values): values.count
    case .float32(let values): values.count
    case .float64(let values): values.count
    }
  }

  /// Each value rounded to float32: what networks see. No copy is made of float32 values.
  public var floats: [Float] {
    switch self {
    case .bool(let values), .uint8(let values): values.map { Float($0) }
    case .int8(let values): values.map { Float($0) }
    case .int16(let values): values.map { Float($0) }
    case .uint16(let values): values.map { Float($0) }
    case .int32(let values): values.map { Float($0) }
    case .uint32(let values): values.map { Float($0) }
    case .int64(let values): values.map { Float($0) }
    case .uint64(let values): values.map { Float($0) }
    case .float16(let values): values.map(\.float)
    case .float32(let values): values
    case .float64(let values): values.map { Float($0) }
    }
  }
}
