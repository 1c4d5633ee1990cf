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
  /// Matrices `[..., k, n]` as products take them: each float32 `[block of columns][k][16]`.
  case matrices
  /// The same for matrices `[..., n, k]`, whose transposes are multiplied with.
  case transposedMatrices

  var code: UInt8 {
    switch self {
    case .rowMajor: 0
    case .convolution: 1
    case .transposedConvolution: 2
    case .matrices: 3
    case .transposedMatrices: 4
    }
  }

  init?(code: UInt8) {
    switch code {
    case 0: self = .rowMajor
    case 1: self = .convolution
    case 2: self = .transposedConvolution
    case 3: self = .matrices
    case 4: self = .transposedMatrices
    default: return nil
    }
  }

  /// Whether weights of this type can lie in this layout.
  func fits(_ type: TensorType) -> Bool {
    let ranks = self == .matrices || self == .transposedMatrices ? 2...Limits.rank : 3...5
    return ranks.contains(type.shape.count) && type.count > 0 && type.element.isFloatingPoint && type.element != .float64
  }

  /// The blocks in which a tensor of this shape lies; nil in row-major order.
  func blocks(_ shape: [Int]) -> BlockedWeights? {
    switch self {
    case .rowMajor: nil
    case .convolution, .transposedConvolution: BlockedWeights(convolution: shape, isTransposed: self == .transposedConvolution)
    case .matrices, .transposedMatrices: BlockedWeights(matrices: shape, isTransposed: self == .transposedMatrices)
    }
  }

  /// Bytes of a tensor in this layout; its count is within the limits.
  func byteCount(_ type: TensorType) -> Int { blocks(type.shape).map { 4 * $0.count } ?? type.count * type.element.byteCount }
}

/// Where weights lie in blocks of 16 outputs, `[group][block][tap][input][16]`; outputs that do not exist are zero.
struct BlockedWeights {
  let groups: Int, inputs: Int, outputs: Int, taps: Int
  /// Strides in ONNX's order.
  private let group: Int, input: Int, output: Int, tap: Int

  /// Weights `[O, I, K...]`, transposed `[I, O, K...]`.
  init(convolution shape: [Int], isTransposed: Bool) {
    (inputs, outputs) = (shape[isTransposed ? 0 : 1], shape[isTransposed ? 1 : 0])
    (groups, taps) = (1, shape[2...].reduce(1, *))
    (group, tap) = (0, 1)
    (input, output) = isTransposed ? (outputs * taps, taps) : (taps, inputs * taps)
  }

  /// Matrices `[..., inputs, outputs]`, transposed `[..., outputs, inputs]`.
  init(matrices shape: [Int], isTransposed: Bool) {
    let rows = shape[shape.count - 2], columns = shape[shape.count - 1]
    (inputs, outputs) = isTransposed ? (columns, rows) : (rows, columns)
    (groups, taps) = (shape.dropLast(2).reduce(1, *), 1)
    (group, tap) = (rows * columns, 0)
    (input, output) = isTransposed ? (1, columns) : (columns, 1)
  }

  /// Floats of one group.
  var groupCount: Int { (outputs + 15) / 16 * taps * inputs * 16 }
  var count: Int { groups * groupCount }

  /// Calls `body` with the index of a weight in ONNX's order and in ours.
  @inline(__always)
  private func forEach(_ body: (_ rowMajor: Int, _ blocked: Int) -> Void) {
    for g in 0..<groups {
      for first in stride(from: 0, to: outputs, by: 16) {
        let lanes = min(16, outputs - first), source = g * group + first * output, start = g * groupCount + first * taps * inputs
        for i in 0..<inputs {
          for t in 0..<taps {
            for lane in 0..<lanes { body(source + lane * output + i * input + t * tap, start + (t * inputs + i) * 16 + lane) }
          }
        }
      }
    }
  }

  /// Writes `values` into `target`, which holds `count` zeros.
  func write(_ values: [Float], into target: UnsafeMutableBufferPointer<Float>) {
    values.withUnsafeBufferPointer { source in forEach { target[$1] = source[$0] } }
  }

  func rowMajor(_ values: [Float]) -> [Float] {
    let total = groups * inputs * outputs * taps
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

  /// The floats where they lie; nil if they lie in another layout.
  func floats(_ layout: TensorLayout) -> FloatStorage? {
    guard layout == self.layout, let blocks = layout.blocks(type.shape) else { return nil }
    return FloatStorage(bytes.floats(at: offset), count: blocks.count, owner: bytes)
  }

  /// Decoded anew each time: whoever needs it twice keeps it.
  func tensor() -> Tensor { Tensor(type, values) }

  private var values: Tensor.Values {
    if let blocks = layout.blocks(type.shape) { return .floats(blocks.rowMajor(numbers(blocks.count, Float.self))) }
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
    case .floats(let v) where layout != .rowMajor:
      if let blocks = layout.blocks(tensor.shape) { floats(blocks.count) { blocks.write(v, into: $0) } }
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
