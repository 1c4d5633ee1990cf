#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Which values Softmax, LogSoftmax and Hardmax weigh against each other.
public struct SoftmaxGroup: Sendable, Hashable {
  /// May be negative: counted from the last axis.
  public let axis: Int
  /// All axes from `axis` on together, as before opset 13; else `axis` alone.
  public let flattens: Bool

  init(_ node: AttributeReader) throws(GraphError) {
    flattens = node.opset < 13
    axis = try node.int("axis") ?? (flattens ? 1 : -1)
  }

  /// What `init(_:)` reads.
  var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis)], opset: flattens ? 12 : nil) }

  /// The tensor as `outer` blocks, each of `length` values to be weighed, `inner` of them interleaved.
  public func extents(of shape: [Int]) throws(GraphError) -> (outer: Int, length: Int, inner: Int) {
    // A scalar is one group of one; only the flattening definition speaks of an axis equal to the rank, as Flatten does.
    if shape.isEmpty || flattens && axis == shape.count { return (TensorType(.float32, shape).count, 1, 1) }
    let axis = try normalizedAxis(axis, rank: shape.count)
    let outer = shape[..<axis].reduce(1, *)
    return flattens ? (outer, shape[axis...].reduce(1, *), 1) : (outer, shape[axis], shape[(axis + 1)...].reduce(1, *))
  }

  /// Replaces each group by what `transform` makes of it.
  func evaluate(_ inputs: [Tensor?], _ transform: ([Double]) -> [Double]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input")
    let (outer, length, inner) = try extents(of: x.shape)
    let values = x.doubles
    var y = values
    for group in 0..<(outer * inner) {
      let start = group / inner * length * inner + group % inner
      let results = transform((0..<length).map { values[start + $0 * inner] })
      for (k, result) in results.enumerated() { y[start + k * inner] = result }
    }
    return [Tensor(x.type, rounding: y)]
  }

  func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    _ = try extents(of: x.shape)
    return [x]
  }
}

/// `y = exp(x - max) / sum of exp(x - max)` (ONNX Softmax 1, 11, 13).
public struct Softmax: Operator {
  public let group: SoftmaxGroup

  public static let declaration = OperatorDeclaration("Softmax", opsets: [1, 11, 13], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in Softmax(group: try SoftmaxGroup(node))
  }

  public var definition: OperatorDefinition { group.definition }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { try group.outputs(of: inputs) }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    try group.evaluate(inputs) { values in
      let largest = values.max() ?? 0
      let powers = values.map { exp($0 - largest) }, sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}

/// `y = x - max - log(sum of exp(x - max))` (ONNX LogSoftmax 1, 11, 13).
public struct LogSoftmax: Operator {
  public let group: SoftmaxGroup

  public static let declaration = OperatorDeclaration("LogSoftmax", opsets: [1, 11, 13], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in LogSoftmax(group: try SoftmaxGroup(node))
  }

  public var definition: OperatorDefinition { group.definition }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { try group.outputs(of: inputs) }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    try group.evaluate(inputs) { values in
      let largest = values.max() ?? 0
      let logarithm = log(values.reduce(0) { $0 + exp($1 - largest) })
      return values.map { $0 - largest - logarithm }
    }
  }
}

/// 1 at the first largest value, 0 elsewhere (ONNX Hardmax 1, 11, 13).
public struct Hardmax: Operator {
  public let group: SoftmaxGroup

  public static let declaration = OperatorDeclaration("Hardmax", opsets: [1, 11, 13], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in Hardmax(group: try SoftmaxGroup(node))
  }

  public var definition: OperatorDefinition { group.definition }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { try group.outputs(of: inputs) }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    try group.evaluate(inputs) { values in
      let chosen = values.indices.max { values[$0] < values[$1] }  // the first of equals
      return values.indices.map { $0 == chosen ? 1 : 0 }
    }
  }
}
