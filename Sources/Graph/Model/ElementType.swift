/// The element types of ONNX tensors that a network or the shape arithmetic around it can hold; raw values are ONNX's `TensorProto.DataType`.
public enum ElementType: Int32, Sendable, Hashable, CaseIterable {
  case float32 = 1, uint8 = 2, int8 = 3, uint16 = 4, int16 = 5, int32 = 6, int64 = 7, bool = 9
  case float16 = 10, float64 = 11, uint32 = 12, uint64 = 13, bfloat16 = 16

  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .float64, .bfloat16: true
    default: false
    }
  }

  /// Bytes of one element in a file.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float32, .int32, .uint32: 4
    case .int64, .float64, .uint64: 8
    }
  }

  /// ONNX's own name of the type, as in `tensor(float)`.
  public var onnxName: String {
    switch self {
    case .float32: "float"
    case .float64: "double"
    default: "\(self)"
    }
  }
}
