/// The upper or lower triangle of each matrix, with zeros elsewhere (ONNX Trilu 14). `k` moves the diagonal up.
public struct Trilu: Operator {
  public let upper: Bool

  public static let declaration = OperatorDeclaration(
    "Trilu", opsets: [14], inputs: 1...2, elements: ElementType.all
  ) { (node) throws(GraphError) in Trilu(upper: try node.bool("upper") ?? true) }

  public var definition: OperatorDefinition { OperatorDefinition(["upper": .flag(upper)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    guard x.shape.count >= 2 else { throw .shape(place: "", reason: "shape \(x.shape) holds no matrix") }
    if let k = inputs.optional(1)?.type, k.element != .int64 || k.count != 1 { throw .invalid(place: "", reason: "k must be one int64") }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    let diagonal = min(max(Int(inputs.optional(1)?.integers?.first ?? 0), Limits.integer.lowerBound), Limits.integer.upperBound)
    let rows = x.shape[x.shape.count - 2], columns = x.shape[x.shape.count - 1]
    let starts = (0..<x.count).map { position -> Int? in
      let row = position / columns % rows, column = position % columns
      return (upper ? column - row >= diagonal : column - row <= diagonal) ? position : nil
    }
    return [x.runs(starts, length: 1, shape: x.shape)]
  }
}

/// Sums of all elements up to each along an axis (ONNX CumSum 11, 14).
public struct CumSum: Operator {
  /// Without the element itself.
  public let exclusive: Bool
  /// From the end.
  public let reverse: Bool

  public static let declaration = OperatorDeclaration(
    "CumSum", opsets: [11, 14], inputs: 2...2, elements: [.float32, .float64, .float16, .bfloat16, .int32, .int64, .uint32, .uint64]
  ) { (node) throws(GraphError) in CumSum(exclusive: try node.bool("exclusive") ?? false, reverse: try node.bool("reverse") ?? false) }

  public var definition: OperatorDefinition { OperatorDefinition(["exclusive": .flag(exclusive), "reverse": .flag(reverse)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let axis: Operand = try inputs.required(1, "axis")
    guard axis.type.count == 1, !axis.type.element.isFloatingPoint else { throw .invalid(place: "", reason: "axis must be one integer") }
    let x = try inputs.required(0, "x").type
    if let constant = axis.constant?.integers?.first { _ = try normalizedIndex(constant, length: x.shape.count) }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "x"), axisTensor: Tensor = try inputs.required(1, "axis")
    let axis = try normalizedIndex(axisTensor.integers?.first ?? 0, length: x.shape.count)
    if let values = x.integers { return [Tensor(x.type, wrapping: sums(values, x.shape, axis, zero: 0) { $0 &+ $1 })] }
    return [Tensor(x.type, rounding: sums(x.doubles, x.shape, axis, zero: 0) { $0 + $1 })]
  }

  private func sums<T>(_ values: [T], _ shape: [Int], _ axis: Int, zero: T, _ add: (T, T) -> T) -> [T] {
    let length = shape[axis], inner = shape[(axis + 1)...].reduce(1, *), outer = shape[..<axis].reduce(1, *)
    var result = values
    for o in 0..<outer {
      for i in 0..<inner {
        var sum = zero
        for k in 0..<length {
          let position = (o * length + (reverse ? length - 1 - k : k)) * inner + i
          let next = add(sum, values[position])
          result[position] = exclusive ? sum : next
          sum = next
        }
      }
    }
    return result
  }
}
