import Graph
import Kernels

/// How the numbers of a constant lie in a file.
enum TensorLayout: Hashable, Sendable {
  /// Row-major, each in the width of its element type.
  case rowMajor
  /// Weights of a convolution with one group, as `ConvolutionProblem` takes them: float32 `[output block][tap][input channel][16]`.
  case convolution
  /// The same for a transposed one, whose weights begin with the axis of inputs.
  case transposedConvolution

  var code: UInt8 {
    switch self {
    case .rowMajor: 0
    case .convolution: 1
    case .transposedConvolution: 2
    }
  }

  init?(code: UInt8) {
    switch code {
    case 0: self = .rowMajor
    case 1: self = .convolution
    case 2: self = .transposedConvolution
    default: return nil
    }
  }

  /// Whether weights of this type can lie in this layout.
  func fits(_ type: TensorType) -> Bool {
    (3...5).contains(type.shape.count) && type.count > 0 && type.element.isFloatingPoint && type.element != .float64
  }

  /// Bytes of a tensor in this layout; its count is within the limits.
  func byteCount(_ type: TensorType) -> Int {
    self == .rowMajor ? type.count * type.element.byteCount : 4 * BlockedWeights(type.shape, isTransposed: self == .transposedConvolution).count
  }
}

/// Where weights `[O, I, K...]`, transposed `[I, O, K...]`, lie in blocks of 16 outputs.
struct BlockedWeights {
  let inputs: Int, outputs: Int, taps: Int
  let isTransposed: Bool

  init(_ shape: [Int], isTransposed: Bool) {
    self.isTransposed = isTransposed
    inputs = shape[isTransposed ? 0 : 1]
    outputs = shape[isTransposed ? 1 : 0]
    taps = shape[2...].reduce(1, *)
  }

  var count: Int { (outputs + 15) / 16 * taps * inputs * 16 }

  /// Calls `body` with the index of a weight in ONNX's order and in ours.
  @inline(__always)
  func forEach(_ body: (_ rowMajor: Int, _ blocked: Int) -> Void) {
    for o in 0..<outputs {
      let start = o / 16 * taps * inputs * 16 + o % 16
      for i in 0..<inputs {
        let source = (isTransposed ? i * outputs + o : o * inputs + i) * taps
        for t in 0..<taps { body(source + t, start + (t * inputs + i) * 16) }
      }
    }
  }

  func blocked(_ values: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { target, initialised in
      target.initialize(repeating: 0)
      values.withUnsafeBufferPointer { source in forEach { target[$1] = source[$0] } }
      initialised = count
    }
  }

  func rowMajor(_ values: [Float]) -> [Float] {
    let total = inputs * outputs * taps
    return [Float](unsafeUninitializedCapacity: total) { target, initialised in
      values.withUnsafeBufferPointer { source in forEach { target.initializeElement(at: $0, to: source[$1]) } }
      initialised = total
    }
  }
}

/// A constant of a file: it becomes a tensor when someone asks for it, and stays one as long as the graph lives that holds it.
final class StoredTensor: StoredConstant {
  let type: TensorType
  let layout: TensorLayout
  private let bytes: MappedBytes
  private let offset: Int

  /// The bytes are within the file and as many as type and layout take.
  init(_ type: TensorType, _ layout: TensorLayout, _ bytes: MappedBytes, at offset: Int) {
    self.type = type
    self.layout = layout
    self.bytes = bytes
    self.offset = offset
  }

  /// Weights as a convolution takes them, where they lie; nil for other layouts.
  func weights(isTransposed: Bool) -> FloatStorage? {
    guard layout == (isTransposed ? .transposedConvolution : .convolution) else { return nil }
    return FloatStorage(bytes.floats(at: offset), count: layout.byteCount(type) / 4, owner: bytes)
  }

  /// Decoded anew each time: whoever needs it twice keeps it.
  func tensor() -> Tensor { Tensor(type, values) }

  private var values: Tensor.Values {
    if layout != .rowMajor {
      let blocked = BlockedWeights(type.shape, isTransposed: layout == .transposedConvolution)
      return .floats(blocked.rowMajor(numbers(blocked.count, Float.self)))
    }
    let n = type.count
    switch type.element {
    case .float32: return .floats(numbers(n, Float.self))
    case .float16: return .floats(numbers(n, UInt16.self).map { Float(Float16(bitPattern: $0)) })
    case .bfloat16: return .floats(numbers(n, UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
    case .float64: return .doubles(numbers(n, Double.self))
    case .int64, .uint64: return .integers(numbers(n, Int64.self))
    case .int32: return .integers(numbers(n, Int32.self).map { Int64($0) })
    case .uint32: return .integers(numbers(n, UInt32.self).map { Int64($0) })
    case .int16: return .integers(numbers(n, Int16.self).map { Int64($0) })
    case .uint16: return .integers(numbers(n, UInt16.self).map { Int64($0) })
    case .int8: return .integers(numbers(n, Int8.self).map { Int64($0) })
    case .uint8: return .integers(numbers(n, UInt8.self).map { Int64($0) })
    case .bool: return .integers(numbers(n, UInt8.self).map { $0 == 0 ? 0 : 1 })
    }
  }

  private func numbers<N: BitwiseCopyable>(_ count: Int, _ type: N.Type) -> [N] { bytes.numbers(count, at: offset, as: type) }
}

extension ByteWriter {
  /// A tensor's numbers as `StoredTensor` reads them.
  mutating func tensor(_ tensor: Tensor, _ layout: TensorLayout) {
    switch tensor.values {
    case .floats(let v) where layout != .rowMajor: raw(BlockedWeights(tensor.shape, isTransposed: layout == .transposedConvolution).blocked(v))
    case .floats(let v) where tensor.element == .float16: raw(v.map { Float16($0).bitPattern })
    case .floats(let v) where tensor.element == .bfloat16: raw(v.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) })
    case .floats(let v): raw(v)
    case .doubles(let v): raw(v)
    case .integers(let v):
      switch tensor.element.byteCount {
      case 1: raw(v.map { UInt8(truncatingIfNeeded: $0) })
      case 2: raw(v.map { UInt16(truncatingIfNeeded: $0) })
      case 4: raw(v.map { UInt32(truncatingIfNeeded: $0) })
      default: raw(v)
      }
    }
  }
}
