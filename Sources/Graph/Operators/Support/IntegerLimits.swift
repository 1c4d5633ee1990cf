extension ElementType {
  /// Smallest and largest value of an integer type as `Tensor` holds it: `uint64` by bit pattern, so that its largest is -1.
  var integerLimits: (least: Int64, largest: Int64) {
    switch self {
    case .bool: (0, 1)
    case .int8: (Int64(Int8.min), Int64(Int8.max))
    case .int16: (Int64(Int16.min), Int64(Int16.max))
    case .int32: (Int64(Int32.min), Int64(Int32.max))
    case .uint8: (0, Int64(UInt8.max))
    case .uint16: (0, Int64(UInt16.max))
    case .uint32: (0, Int64(UInt32.max))
    case .uint64: (0, -1)
    case .int64, .float32, .float16, .bfloat16, .float64: (.min, .max)
    }
  }

  /// Whether `a` is below `b`, both as `Tensor` holds integers of this type.
  func isBelow(_ a: Int64, _ b: Int64) -> Bool { self == .uint64 ? UInt64(bitPattern: a) < UInt64(bitPattern: b) : a < b }

  /// The whole part of `value` in this integer type, clamped to its limits; 0 for NaN.
  func truncating(_ value: Double) -> Int64 {
    guard !value.isNaN else { return 0 }
    let limits = integerLimits
    if self == .uint64 { return value >= 0x1p64 ? limits.largest : Int64(bitPattern: UInt64(max(0, value))) }
    if value <= Double(limits.least) { return limits.least }
    return value >= Double(limits.largest) ? limits.largest : Int64(value)
  }
}
