/// Element type and shape; every dimension is a number. Axes are ONNX's, N C D H W for volumes.
public struct TensorType: Sendable, Hashable {
  public var element: ElementType
  public var shape: [Int]

  public init(_ element: ElementType, _ shape: [Int]) {
    self.element = element
    self.shape = shape
  }

  /// Number of elements; `Int.max` where it cannot be represented.
  public var count: Int {
    var product = 1
    for length in shape {
      if length == 0 { return 0 }
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      product = overflow ? .max : next
    }
    return product
  }
}

/// A dense tensor of plain values, row-major, for constants and reference evaluation.
///
/// Values are held in the widest form of their kind: floats of 16 and 32 bits as `Float` (already rounded to their type), doubles as
/// `Double`, integers and booleans as `Int64` (`uint64` by bit pattern, booleans as 0 and 1).
public struct Tensor: Sendable, Hashable {
  public enum Values: Sendable, Hashable {
    case floats([Float])
    case doubles([Double])
    case integers([Int64])
  }

  public let type: TensorType
  public let values: Values

  /// `values` must have `type.count` elements in the form that fits `type.element`.
  public init(_ type: TensorType, _ values: Values) {
    self.type = type
    self.values = values
    switch values {
    case .floats(let v): assert(v.count == type.count && type.element.isFloatingPoint && type.element != .float64)
    case .doubles(let v): assert(v.count == type.count && type.element == .float64)
    case .integers(let v): assert(v.count == type.count && !type.element.isFloatingPoint)
    }
  }

  public var shape: [Int] { type.shape }
  public var element: ElementType { type.element }
  public var count: Int { type.count }

  /// The values if they are of 16 or 32 bit floating point.
  public var floats: [Float]? { if case .floats(let v) = values { v } else { nil } }

  /// The values if they are integers or booleans.
  public var integers: [Int64]? { if case .integers(let v) = values { v } else { nil } }
}
