extension ElementType {
  /// `value` as a tensor of this type would hold it: rounded to nearest even for 16-bit floats, wrapped for integers.
  func rounded(_ value: Float) -> Float {
    switch self {
    case .float16: Float(Float16(value))
    case .bfloat16: Float(bitPattern: Self.bfloat16Bits(value) << 16)
    default: value
    }
  }

  /// Upper half of a float, rounded to nearest even; NaN stays NaN.
  static func bfloat16Bits(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    if value.isNaN { return bits >> 16 | 0x40 }
    return (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
  }

  /// The integer that remains of `value` in this type's width (two's complement).
  func wrapped(_ value: Int64) -> Int64 {
    switch self {
    case .uint8: Int64(UInt8(truncatingIfNeeded: value))
    case .int8: Int64(Int8(truncatingIfNeeded: value))
    case .uint16: Int64(UInt16(truncatingIfNeeded: value))
    case .int16: Int64(Int16(truncatingIfNeeded: value))
    case .uint32: Int64(UInt32(truncatingIfNeeded: value))
    case .int32: Int64(Int32(truncatingIfNeeded: value))
    case .bool: value == 0 ? 0 : 1
    default: value
    }
  }

  /// Groups that declarations list.
  public static let floatingPoint: [ElementType] = [.float32, .float16, .float64, .bfloat16]
  public static let numeric: [ElementType] = floatingPoint + [.int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64]
  public static let all: [ElementType] = numeric + [.bool]
}

extension Tensor {
  /// A floating-point tensor of `doubles`, each rounded once to the type (to nearest even).
  public init(_ type: TensorType, rounding doubles: [Double]) {
    switch type.element {
    case .float64: self.init(type, .doubles(doubles))
    case .float32: self.init(type, .floats(doubles.map { Float($0) }))
    case .float16: self.init(type, .floats(doubles.map { Float(Float16($0)) }))
    default: self.init(type, .floats(doubles.map { type.element.rounded(Float($0)) }))
    }
  }

  /// A floating-point tensor of `floats`, each rounded to the type where that is narrower.
  public init(_ type: TensorType, rounding floats: [Float]) {
    switch type.element {
    case .float64: self.init(type, .doubles(floats.map { Double($0) }))
    case .float32: self.init(type, .floats(floats))
    default: self.init(type, .floats(floats.map { type.element.rounded($0) }))
    }
  }

  /// An integer or boolean tensor of `integers`, each wrapped to the type.
  public init(_ type: TensorType, wrapping integers: [Int64]) {
    self.init(type, .integers(type.element == .int64 || type.element == .uint64 ? integers : integers.map { type.element.wrapped($0) }))
  }

  /// A vector of `int64`, as shapes are.
  public init(shape vector: [Int]) {
    self.init(TensorType(.int64, [vector.count]), .integers(vector.map { Int64($0) }))
  }

  /// All values as doubles; exact but for 64-bit integers beyond 2^53.
  public var doubles: [Double] {
    switch values {
    case .floats(let v): v.map { Double($0) }
    case .doubles(let v): v
    case .integers(let v): element == .uint64 ? v.map { Double(UInt64(bitPattern: $0)) } : v.map { Double($0) }
    }
  }

  /// The single value of a scalar or of a tensor with one element.
  public var scalar: Double? { count == 1 ? doubles.first : nil }

  /// The same values in another shape of equal count.
  public func reshaped(_ shape: [Int]) -> Tensor { Tensor(TensorType(element, shape), values) }
}
