/// One number out of all values along some axes.
enum ReductionFamily {
  static let operators = [
    ReduceSum.declaration, ReduceMean.declaration, ReduceMax.declaration, ReduceMin.declaration, ReduceProd.declaration,
    ReduceL1.declaration, ReduceL2.declaration, ReduceSumSquare.declaration, ReduceLogSum.declaration, ReduceLogSumExp.declaration,
    ArgMax.declaration, ArgMin.declaration,
  ]
}

/// Which axes a reduction runs over, and what becomes of them.
public struct ReducedAxes: Sendable, Hashable {
  /// Axes given by attribute, as the older definitions do; else the second input lists them, if there is one.
  public let attribute: [Int]?
  /// Reduced axes stay, with length 1.
  public let keepsAxes: Bool
  /// An empty list means no axis; else all.
  public let emptyMeansNone: Bool

  /// - asInput: the opset from which the axes are an input.
  init(_ node: AttributeReader, asInput: Int) throws(GraphError) {
    keepsAxes = try node.bool("keepdims") ?? true
    if node.opset >= asInput {
      attribute = nil
      emptyMeansNone = try node.bool("noop_with_empty_axes") ?? false
    } else {
      attribute = try node.ints("axes")
      emptyMeansNone = false
      guard node.inputCount == 1 else { throw .invalid(place: node.node, reason: "axes are an attribute at this opset, not an input") }
    }
  }

  /// What `init(_:asInput:)` reads.
  var definition: OperatorDefinition {
    if let attribute { return OperatorDefinition(["keepdims": .flag(keepsAxes), "axes": .integers(attribute)], opset: 12) }
    return OperatorDefinition(["keepdims": .flag(keepsAxes), "noop_with_empty_axes": .flag(emptyMeansNone)])
  }

  /// The reduced axes in ascending order, in `0..<rank` of the first input.
  public func axes(of inputs: [Operand?]) throws(GraphError) -> [Int] {
    let rank = try inputs.required(0, "data").type.shape.count
    let listed: [Int] =
      if let operand: Operand = inputs.optional(1) { operand.type.count == 0 ? [] : try operand.integers("axes") } else { attribute ?? [] }
    if listed.isEmpty { return emptyMeansNone ? [] : Array(0..<rank) }
    var axes: Set<Int> = []
    for axis in listed where !axes.insert(try normalizedAxis(axis, rank: rank)).inserted {
      throw .invalid(place: "", reason: "axis \(axis) occurs twice in \(listed)")
    }
    return axes.sorted()
  }

  func outputShape(of inputs: [Operand?]) throws(GraphError) -> [Int] {
    let shape = try inputs.required(0, "data").type.shape, axes = Set(try axes(of: inputs))
    return shape.indices.compactMap { axes.contains($0) ? (keepsAxes ? 1 : nil) : shape[$0] }
  }
}

/// Positions of the values that each result is made of: result r of `starts[r] + offsets[k]` for all k.
struct ReductionGroups {
  let starts: [Int]
  let offsets: [Int]

  init(shape: [Int], axes: [Int]) {
    let steps = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    let walk = { (kept: [Int]) in
      kept.reduce([0]) { places, axis in places.flatMap { place in (0..<shape[axis]).map { place + $0 * steps[axis] } } }
    }
    starts = walk(shape.indices.filter { !axes.contains($0) })
    offsets = walk(axes)
  }

  func map<T, R>(_ values: [T], _ reduce: ([T]) -> R) -> [R] {
    starts.map { start in reduce(offsets.map { values[start + $0] }) }
  }
}

/// The reductions to one number of the input's type; each says only how.
public protocol Reduction: Operator {
  var axes: ReducedAxes { get }
  init(axes: ReducedAxes)

  static func reduce(_ values: [Double]) -> Double
  /// In the arithmetic of 64 bits; what exceeds `element` wraps.
  static func reduce(_ values: [Int64], element: ElementType) -> Int64
}

extension Reduction {
  static func declare(
    _ name: String, opsets: [Int], axesAreInputFrom asInput: Int = 18, elements: [ElementType] = ElementType.numeric
  ) -> OperatorDeclaration {
    OperatorDeclaration(name, opsets: opsets, inputs: 1...2, elements: elements) { (node) throws(GraphError) in
      Self(axes: try ReducedAxes(node, asInput: asInput))
    }
  }

  public var definition: OperatorDefinition { axes.definition }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    [TensorType(try inputs.required(0, "data").type.element, try axes.outputShape(of: inputs))]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let data: Tensor = try inputs.required(0, "data"), operands = inputs.operands
    let type = TensorType(data.element, try axes.outputShape(of: operands))
    let groups = ReductionGroups(shape: data.shape, axes: try axes.axes(of: operands))
    if let integers = data.integers {
      return [Tensor(type, wrapping: groups.map(integers) { Self.reduce($0, element: data.element) })]
    }
    return [Tensor(type, rounding: groups.map(data.doubles) { Self.reduce($0) })]
  }
}
