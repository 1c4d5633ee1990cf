import COnnxProto
import Graph

/// Turns ONNX's storage forms of a tensor (raw bytes, typed fields, external data) into a `Tensor`.
struct TensorReader {
  /// Name of the model file for messages.
  let file: String
  let folder: ModelFolder
  let needs: Needs

  /// `place` names the tensor in messages. No memory is taken before the size of the data agrees with the shape.
  func tensor(_ message: Message<Onnx__TensorProto>, place: String) throws(ImportError) -> Tensor {
    guard !message.isSegment, let element = ElementType(rawValue: message.dataType) else {
      if message.dataType == 0 { throw damaged(place, "the tensor has no element type") }
      needs.add(message.isSegment ? "tensors stored in segments" : "tensors of \(Self.typeName(message.dataType))", at: place)
      return Tensor(TensorType(.float32, [0]), .floats([]))  // holds the place; the needs will be thrown
    }
    let type = try type(of: message, element, place)
    if message.isExternal {
      return Tensor(type, try decode(type.element, from: try external(message, type, place)))
    }
    if message.rawByteCount > 0 {
      try check(bytes: message.rawByteCount, type, place)
      return Tensor(type, try decode(type.element, from: RawNumbers(message: message)))
    }
    return Tensor(type, try typedFields(message, type, place))
  }

  private func damaged(_ place: String, _ reason: String) -> ImportError { .damaged(file: file, place: place, reason: reason) }

  private func type(of message: Message<Onnx__TensorProto>, _ element: ElementType, _ place: String) throws(ImportError) -> TensorType {
    do {
      return try TensorType(element, message.dims.map { Int($0) }).checked()
    } catch {
      throw damaged(place, error.reason)
    }
  }

  private func check(bytes: Int, _ type: TensorType, _ place: String) throws(ImportError) {
    let needed = type.count * type.element.byteCount  // the limit on counts leaves room for the factor
    guard bytes == needed else {
      throw damaged(place, "\(bytes) bytes of data where shape \(type.shape) of \(type.element.onnxName) takes \(needed)")
    }
  }

  private func external(_ message: Message<Onnx__TensorProto>, _ type: TensorType, _ place: String) throws(ImportError) -> ExternalNumbers {
    var location = "", offset = 0
    for (key, value) in message.external {
      switch key {
      case "location": location = value
      case "offset", "length":
        guard let number = Int(value), number >= 0 else { throw damaged(place, "'\(value)' is no \(key) of external data") }
        if key == "offset" { offset = number } else { try check(bytes: number, type, place) }
      default: break  // checksums and writers' own notes
      }
    }
    return ExternalNumbers(folder: folder, location: location, offset: offset, count: type.count, place: place)
  }

  private func typedFields(_ message: Message<Onnx__TensorProto>, _ type: TensorType, _ place: String) throws(ImportError) -> Tensor.Values {
    let values: Tensor.Values
    let count: Int
    switch type.element {
    case .float32: (values, count) = { (.floats($0), $0.count) }(message.floatData)
    case .float64: (values, count) = { (.doubles($0), $0.count) }(message.doubleData)
    case .float16, .bfloat16:
      let bits = message.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      (values, count) = (.floats(bits.map(type.element == .float16 ? Self.float16 : Self.bfloat16)), bits.count)
    case .int64: (values, count) = { (.integers($0), $0.count) }(message.int64Data)
    case .uint64, .uint32: (values, count) = { (.integers($0.map { Int64(bitPattern: $0) }), $0.count) }(message.uint64Data)
    case .int32, .int16, .int8, .uint16, .uint8, .bool: (values, count) = { (.integers($0.map { Int64($0) }), $0.count) }(message.int32Data)
    }
    guard count == type.count else {
      throw damaged(place, "\(count) values where shape \(type.shape) takes \(type.count)")
    }
    guard case .integers(let integers) = values else { return values }
    return Tensor(type, wrapping: integers).values
  }

  private func decode(_ element: ElementType, from source: some NumberSource) throws(ImportError) -> Tensor.Values {
    switch element {
    case .float32: .floats(try source.numbers(Float.self))
    case .float64: .doubles(try source.numbers(Double.self))
    case .float16: .floats(try source.numbers(UInt16.self).map(Self.float16))
    case .bfloat16: .floats(try source.numbers(UInt16.self).map(Self.bfloat16))
    case .int64, .uint64: .integers(try source.numbers(Int64.self))
    case .int32: .integers(try source.numbers(Int32.self).map { Int64($0) })
    case .uint32: .integers(try source.numbers(UInt32.self).map { Int64($0) })
    case .int16: .integers(try source.numbers(Int16.self).map { Int64($0) })
    case .uint16: .integers(try source.numbers(UInt16.self).map { Int64($0) })
    case .int8: .integers(try source.numbers(Int8.self).map { Int64($0) })
    case .uint8: .integers(try source.numbers(UInt8.self).map { Int64($0) })
    case .bool: .integers(try source.numbers(UInt8.self).map { $0 == 0 ? 0 : 1 })
    }
  }

  private static func float16(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }
  private static func bfloat16(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// ONNX's name of a `TensorProto.DataType`.
  static func typeName(_ dataType: Int32) -> String {
    if let element = ElementType(rawValue: dataType) { return element.onnxName }
    let others: [Int32: String] = [
      8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz",
      21: "uint4", 22: "int4", 23: "float4e2m1", 24: "float8e8m0", 25: "uint2", 26: "int2",
    ]
    return others[dataType] ?? "data type \(dataType)"
  }
}

/// Where the numbers of a tensor lie; what they are is the reader's business.
private protocol NumberSource {
  func numbers<T: BitwiseCopyable>(_ type: T.Type) throws(ImportError) -> [T]
}

private struct RawNumbers: NumberSource {
  let message: Message<Onnx__TensorProto>
  func numbers<T: BitwiseCopyable>(_ type: T.Type) throws(ImportError) -> [T] { message.takeRaw(as: type) }
}

private struct ExternalNumbers: NumberSource {
  let folder: ModelFolder
  let location: String
  let offset: Int
  let count: Int
  let place: String
  func numbers<T: BitwiseCopyable>(_ type: T.Type) throws(ImportError) -> [T] {
    try folder.read(location, offset: offset, count: count, as: type, place: place)
  }
}
