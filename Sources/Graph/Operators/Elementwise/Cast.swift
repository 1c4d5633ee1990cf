/// The input in another element type (ONNX Cast 1 to 28).
///
/// Floats become integers toward zero, numbers become true unless they are zero, and floats round to nearest even.
public struct Cast: Forwarding, Hashable {
  public let target: ElementType

  public init(to target: ElementType) { self.target = target }

  public static let declaration = OperatorDeclaration(
    "Cast", opsets: [1, 6, 9, 13, 19, 21, 23, 24, 25, 28], elements: ElementType.all
  ) { (node) throws(GraphError) in
    node.ignore("saturate", "round_mode")  // for types of 8 bits and less, which no tensor here has
    if node.opset < 6 {
      let name = try node.string("to") ?? ""
      guard let target = ElementType.allCases.first(where: { $0.onnxName.uppercased() == name }) else {
        throw .unsupported(place: "", reason: "conversion to '\(name)'")
      }
      return Cast(to: target)
    }
    guard let code = try node.int("to") else { throw .invalid(place: node.node, reason: "attribute 'to' is missing") }
    guard let target = ElementType(rawValue: Int32(truncatingIfNeeded: code)) else {
      throw .unsupported(place: "", reason: "conversion to data type \(code)")
    }
    return Cast(to: target)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["to": .int(Int64(target.rawValue))]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    [TensorType(target, try inputs.required(0, "input").type.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] { [try inputs.required(0, "input").converted(to: target)] }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { inputs.optional(0)?.type == results[0] ? 0 : nil }
}

/// The first input in the element type of the second (ONNX CastLike 15 to 25).
public struct CastLike: Forwarding, Hashable {
  public static let declaration = OperatorDeclaration(
    "CastLike", opsets: [15, 19, 21, 23, 24, 25], inputs: 2...2, elements: ElementType.all
  ) { (node) throws(GraphError) in
    node.ignore("saturate", "round_mode")
    return CastLike()
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    [TensorType(try inputs.required(1, "target_type").type.element, try inputs.required(0, "input").type.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let target: Tensor = try inputs.required(1, "target_type")
    return [try inputs.required(0, "input").converted(to: target.element)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { inputs.optional(0)?.type == results[0] ? 0 : nil }
}

extension Tensor {
  /// The same numbers in another element type, by the rules of `Cast`.
  public func converted(to target: ElementType) -> Tensor {
    if target == element { return self }
    let type = TensorType(target, shape)
    switch values {
    case .integers(let v) where !target.isFloatingPoint: return Tensor(type, wrapping: v)
    case .integers(let v) where target == .float32:
      // Through a double, the largest integers would round twice.
      return Tensor(type, .floats(element == .uint64 ? v.map { Float(UInt64(bitPattern: $0)) } : v.map { Float($0) }))
    case .floats(let v) where target == .bool: return Tensor(type, .integers(v.map { $0 != 0 ? 1 : 0 }))
    case .doubles(let v) where target == .bool: return Tensor(type, .integers(v.map { $0 != 0 ? 1 : 0 }))
    case .floats(let v) where !target.isFloatingPoint: return Tensor(type, wrapping: v.map { Self.integer(Double($0), target) })
    case .doubles(let v) where !target.isFloatingPoint: return Tensor(type, wrapping: v.map { Self.integer($0, target) })
    case .floats(let v) where target != .float64: return Tensor(type, rounding: v)
    default: return Tensor(type, rounding: doubles)
    }
  }

  private static func integer(_ value: Double, _ target: ElementType) -> Int64 {
    if target == .uint64, value >= 0x1p63, value < 0x1p64 { return Int64(bitPattern: UInt64(value)) }
    return Int64(exactlyOrSmallest: value)
  }
}
