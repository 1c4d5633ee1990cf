public import Graph

/// Arrays as NumPy saves them: one tensor a file (`.npy`).
public enum NumPyFile {
  /// Whether these are the first bytes of such a file.
  static func isAtStart(of bytes: [UInt8]) -> Bool { NumPyHeader.isAtStart(of: bytes) }

  /// The tensor in `bytes`, row-major whatever the order in the file.
  ///
  /// - file: what messages call it.
  public static func tensor(_ bytes: [UInt8], file: String) throws(NumPyError) -> Tensor {
    let header = try NumPyHeader(bytes, file: file)
    let size = header.type.element.byteCount, needed = header.type.count * size  // the limit on counts leaves room for the factor
    guard bytes.count - header.start == needed else {
      throw .damaged(file: file, reason: "\(bytes.count - header.start) bytes of numbers where shape \(header.type.shape) takes \(needed)")
    }
    let numbers = Numbers(bytes: bytes, start: header.start, size: size, isBigEndian: header.isBigEndian)
    let places = header.isFortran ? columnMajorPlaces(header.type.shape) : nil
    return Tensor(header.type, decode(header.type, numbers, places))
  }

  /// The file of a tensor. NumPy has no bfloat16: it becomes float32.
  public static func bytes(of tensor: Tensor) -> [UInt8] {
    let element = tensor.element == .bfloat16 ? .float32 : tensor.element
    var bytes = NumPyHeader.bytes(for: TensorType(element, tensor.shape))
    bytes.reserveCapacity(bytes.count + tensor.count * element.byteCount)
    switch tensor.values {
    case .floats(let values) where element == .float16: for value in values { append(UInt64(Half(rounding: Double(value)).bits), 2, to: &bytes) }
    case .floats(let values): for value in values { append(UInt64(value.bitPattern), 4, to: &bytes) }
    case .doubles(let values): for value in values { append(value.bitPattern, 8, to: &bytes) }
    case .integers(let values): for value in values { append(UInt64(bitPattern: value), element.byteCount, to: &bytes) }
    }
    return bytes
  }

  private static func append(_ bits: UInt64, _ size: Int, to bytes: inout [UInt8]) {
    for byte in 0..<size { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
  }

  /// Numbers of `size` bytes, as their bits.
  private struct Numbers {
    let bytes: [UInt8]
    let start: Int
    let size: Int
    let isBigEndian: Bool

    func bits(_ index: Int) -> UInt64 {
      var bits: UInt64 = 0
      let first = start + index * size
      for byte in 0..<size { bits |= UInt64(bytes[first + byte]) << (8 * UInt64(isBigEndian ? size - 1 - byte : byte)) }
      return bits
    }
  }

  private static func decode(_ type: TensorType, _ numbers: Numbers, _ places: [Int]?) -> Tensor.Values {
    func all<Value>(_ value: (UInt64) -> Value) -> [Value] {
      (0..<type.count).map { value(numbers.bits(places?[$0] ?? $0)) }
    }
    switch type.element {
    case .float32: return .floats(all { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) })
    case .float16: return .floats(all { Half(bits: UInt16(truncatingIfNeeded: $0)).float })
    case .bfloat16: return .floats(all { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
    case .float64: return .doubles(all { Double(bitPattern: $0) })
    case .int8: return .integers(all { Int64(Int8(truncatingIfNeeded: $0)) })
    case .int16: return .integers(all { Int64(Int16(truncatingIfNeeded: $0)) })
    case .int32: return .integers(all { Int64(Int32(truncatingIfNeeded: $0)) })
    case .int64, .uint64, .uint8, .uint16, .uint32: return .integers(all { Int64(bitPattern: $0) })
    case .bool: return .integers(all { $0 == 0 ? 0 : 1 })
    }
  }

  /// For each element in row-major order, its number in column-major order.
  private static func columnMajorPlaces(_ shape: [Int]) -> [Int] {
    var strides: [Int] = [], stride = 1
    for length in shape {
      strides.append(stride)
      stride *= length
    }
    var places: [Int] = [], index = [Int](repeating: 0, count: shape.count), place = 0
    places.reserveCapacity(stride)
    for _ in 0..<stride {
      places.append(place)
      for axis in shape.indices.reversed() {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return places
  }
}
