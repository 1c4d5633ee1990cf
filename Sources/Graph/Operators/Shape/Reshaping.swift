// Operators after which the same values, in the same order, have another shape.

/// An operator that changes a shape and no value.
protocol ShapeOnly: Forwarding, Hashable {
  /// Shape of the result; it has as many elements as `shape`.
  func shape(from shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int]
}

extension ShapeOnly {
  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let data: Operand = try inputs.required(0, "data")
    let result = TensorType(data.type.element, try shape(from: data.type.shape, inputs))
    guard result.count == data.type.count else {
      throw .shape(place: "", reason: "a tensor of shape \(data.type.shape) cannot take shape \(result.shape)")
    }
    return [result]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let data: Tensor = try inputs.required(0, "data")
    return [data.reshaped(try outputs(of: inputs.map { $0.map(Operand.init) })[0].shape)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { inputs.optional(0)?.type == results[0] ? 0 : nil }
}

/// The input itself (ONNX Identity 1 to 25).
public struct Identity: ShapeOnly {
  public init() {}

  public static let declaration = OperatorDeclaration(
    "Identity", opsets: [1, 13, 14, 16, 19] + movementOpsets, elements: ElementType.all
  ) { (_) throws(GraphError) in Identity() }

  func shape(from shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int] { shape }
}

/// The input itself, and a mask of ones: what is left of dropout outside training (ONNX Dropout 1 to 22).
public struct Dropout: Forwarding {
  private let maskIsBool: Bool

  public static let declaration = OperatorDeclaration(
    "Dropout", opsets: [1, 6, 7, 10, 12, 13, 22], inputs: 1...3, outputs: 1...2, elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    node.ignore("ratio", "seed", "is_test", "consumed_inputs")
    return Dropout(maskIsBool: node.opset >= 10)
  }

  public var definition: OperatorDefinition { OperatorDefinition(opset: maskIsBool ? nil : 7) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let type = try inputs.required(0, "data").type
    if let training = inputs.optional(2) {
      guard let value = training.constant?.scalar, value == 0 else { throw .unsupported(place: "", reason: "dropout in training mode") }
    }
    return [type, TensorType(maskIsBool ? .bool : type.element, type.shape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let types = try outputs(of: inputs.map { $0.map(Operand.init) })
    let one = maskIsBool ? Tensor(TensorType(.bool, []), .integers([1])) : Tensor(TensorType(types[1].element, []), rounding: [1.0])
    return [try inputs.required(0, "data"), one.repeated(types[1].shape)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? { 0 }
}

/// The same values in a shape that is an attribute (opset 1) or an input (ONNX Reshape 1 to 25).
///
/// 0 copies the input's length of that axis unless `allowZero`; one -1 is what remains.
public struct Reshape: ShapeOnly {
  public let allowZero: Bool
  private let target: [Int]?

  /// Takes its shape from an input, literally.
  static let canonical = Reshape(allowZero: true, target: nil)
  var isCanonical: Bool { allowZero && target == nil }

  public static let declaration = OperatorDeclaration(
    "Reshape", opsets: [1, 5, 13, 14, 19] + movementOpsets, inputs: 1...2, elements: ElementType.all
  ) { (node) throws(GraphError) in
    if node.opset < 5 {
      node.ignore("consumed_inputs")
      return Reshape(allowZero: false, target: try node.ints("shape") ?? [])
    }
    return Reshape(allowZero: node.opset >= 14 ? try node.bool("allowzero") ?? false : false, target: nil)
  }

  public var definition: OperatorDefinition {
    if let target { return OperatorDefinition(["shape": .integers(target)], opset: 1) }
    return OperatorDefinition(["allowzero": .flag(allowZero)])
  }

  func shape(from shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int] {
    var result: [Int]
    if let target { result = target } else { result = try inputs.required(1, "shape").integers("shape") }
    let wanted = result
    if !allowZero {
      for axis in result.indices where result[axis] == 0 {
        guard axis < shape.count else { throw .invalid(place: "", reason: "shape \(wanted) copies axis \(axis) of an input \(shape)") }
        result[axis] = shape[axis]
      }
    }
    let open = result.indices.filter { wanted[$0] == -1 }
    guard open.count <= 1, result.indices.allSatisfy({ result[$0] >= 0 || wanted[$0] == -1 }) else {
      throw .invalid(place: "", reason: "\(wanted) is no shape")
    }
    guard let axis = open.first else { return result }
    result[axis] = 1
    let known = TensorType(.int64, result).count, count = TensorType(.int64, shape).count
    guard known > 0, count % known == 0 else { throw .shape(place: "", reason: "a tensor of shape \(shape) cannot take shape \(wanted)") }
    result[axis] = count / known
    return result
  }
}

/// Two axes: the product of those before `axis`, and the product of the others (ONNX Flatten 1 to 25).
public struct Flatten: ShapeOnly {
  public let axis: Int

  public static let declaration = OperatorDeclaration(
    "Flatten", opsets: [1, 9, 11, 13] + movementOpsets, elements: ElementType.all
  ) { (node) throws(GraphError) in Flatten(axis: try node.int("axis") ?? 1) }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis)]) }

  func shape(from shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int] {
    let split = axis == shape.count ? axis : try normalizedAxis(axis, rank: shape.count)
    return [TensorType(.int64, Array(shape[..<split])).count, TensorType(.int64, Array(shape[split...])).count]
  }
}

/// Removes axes of length one: those listed, by attribute or (from 13) by input, or all (ONNX Squeeze 1 to 25).
public struct Squeeze: ShapeOnly {
  private let listed: [Int]?

  public static let declaration = OperatorDeclaration(
    "Squeeze", opsets: [1, 11, 13] + movementOpsets, inputs: 1...2, elements: ElementType.all
  ) { (node) throws(GraphError) in Squeeze(listed: node.opset < 13 ? try node.ints("axes") : nil) }

  public var definition: OperatorDefinition { OperatorDefinition(["axes": listed.map(Attribute.integers)], opset: listed == nil ? nil : 12) }

  func shape(from shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int] {
    let axes: [Int]?
    if let input = inputs.optional(1) { axes = try input.integers("axes") } else { axes = listed }
    guard let axes else { return shape.filter { $0 != 1 } }
    var removed: Set<Int> = []
    for axis in axes {
      let axis = try normalizedAxis(axis, rank: shape.count)
      guard shape[axis] == 1 else { throw .shape(place: "", reason: "axis \(axis) of shape \(shape) is not 1") }
      removed.insert(axis)
    }
    return shape.indices.filter { !removed.contains($0) }.map { shape[$0] }
  }
}

/// Inserts axes of length one; the numbers, by attribute or (from 13) by input, count in the result (ONNX Unsqueeze 1 to 25).
public struct Unsqueeze: ShapeOnly {
  private let listed: [Int]?

  public static let declaration = OperatorDeclaration(
    "Unsqueeze", opsets: [1, 11, 13] + movementOpsets, inputs: 1...2, elements: ElementType.all
  ) { (node) throws(GraphError) in Unsqueeze(listed: node.opset < 13 ? try node.ints("axes") ?? [] : nil) }

  public var definition: OperatorDefinition { OperatorDefinition(["axes": listed.map(Attribute.integers)], opset: listed == nil ? nil : 12) }

  func shape(from shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Int] {
    let axes: [Int]
    if let listed { axes = listed } else { axes = try inputs.required(1, "axes").integers("axes") }
    var inserted: Set<Int> = []
    for axis in axes {
      guard inserted.insert(try normalizedAxis(axis, rank: shape.count + axes.count)).inserted else {
        throw .invalid(place: "", reason: "axes \(axes) name one axis twice")
      }
    }
    var rest = shape.makeIterator()
    return (0..<(shape.count + axes.count)).map { inserted.contains($0) ? 1 : rest.next() ?? 1 }
  }
}
