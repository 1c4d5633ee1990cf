/// A part of each axis listed, with a step that may be negative (ONNX Slice 1, 10, 11, 13).
///
/// Numbers below zero count from the end; those beyond an end mean the end.
public struct Slice: Forwarding, Hashable {
  /// Opset 1 has attributes where later ones have inputs.
  private let attributes: Attributes?

  private struct Attributes: Hashable {
    let starts: [Int]
    let ends: [Int]
    let axes: [Int]?
  }

  public static let declaration = OperatorDeclaration(
    "Slice", opsets: [1, 10, 11, 13], inputs: 1...5, elements: ElementType.all
  ) { (node) throws(GraphError) in
    guard node.opset < 10 else { return Slice(attributes: nil) }
    guard let starts = try node.wideInts("starts"), let ends = try node.wideInts("ends") else {
      throw .invalid(place: node.node, reason: "attributes 'starts' and 'ends' are missing")
    }
    return Slice(attributes: Attributes(starts: starts, ends: ends, axes: try node.ints("axes")))
  }

  public var definition: OperatorDefinition {
    guard let attributes else { return OperatorDefinition() }
    return OperatorDefinition(
      ["starts": .integers(attributes.starts), "ends": .integers(attributes.ends), "axes": attributes.axes.map(Attribute.integers)], opset: 1)
  }

  /// What is taken of one axis: `count` elements from `start` on, `step` apart.
  public struct Part: Sendable, Hashable {
    public let start: Int
    public let step: Int
    public let count: Int

    init(whole length: Int) { (start, step, count) = (0, 1, length) }

    init(start: Int, end: Int, step: Int, length: Int) {
      let step = min(max(step, Limits.integer.lowerBound), Limits.integer.upperBound)
      let start = start < 0 ? start + length : start, end = end < 0 ? end + length : end
      if step > 0 {
        let first = min(max(start, 0), length), last = min(max(end, 0), length)
        self.init(first, step, last > first ? (last - first - 1) / step + 1 : 0)
      } else {
        let first = min(max(start, 0), length - 1), last = min(max(end, -1), length - 1)
        self.init(first, step, first > last ? (first - last - 1) / -step + 1 : 0)
      }
    }

    private init(_ start: Int, _ step: Int, _ count: Int) {
      (self.start, self.step, self.count) = (start, step, count)
    }
  }

  /// The part of every axis of a tensor of `shape`.
  public func parts(of shape: [Int], _ inputs: [Operand?]) throws(GraphError) -> [Part] {
    let starts: [Int], ends: [Int], axes: [Int], steps: [Int]
    if let attributes {
      (starts, ends) = (attributes.starts, attributes.ends)
      axes = attributes.axes ?? Array(starts.indices)
      steps = starts.map { _ in 1 }
    } else {
      starts = try inputs.required(1, "starts").wideIntegers("starts")
      ends = try inputs.required(2, "ends").wideIntegers("ends")
      if let list = inputs.optional(3) { axes = try list.integers("axes") } else { axes = Array(starts.indices) }
      if let list = inputs.optional(4) { steps = try list.wideIntegers("steps") } else { steps = starts.map { _ in 1 } }
    }
    guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count, !steps.contains(0) else {
      throw .invalid(place: "", reason: "starts \(starts), ends \(ends), axes \(axes) and steps \(steps) do not fit together")
    }
    var parts = shape.map(Part.init(whole:)), seen: Set<Int> = []
    for index in axes.indices {
      let axis = try normalizedAxis(axes[index], rank: shape.count)
      guard seen.insert(axis).inserted else { throw .invalid(place: "", reason: "axes \(axes) name one axis twice") }
      parts[axis] = Part(start: starts[index], end: ends[index], step: steps[index], length: shape[axis])
    }
    return parts
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "data").type
    return [TensorType(x.element, try parts(of: x.shape, inputs).map(\.count))]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "data")
    let parts = try parts(of: x.shape, inputs.map { $0.map(Operand.init) }), strides = rowMajorStrides(x.shape)
    let offset = zip(parts, strides).reduce(0) { $0 + $1.0.start * $1.1 }
    return [x.strided(parts.map(\.count), strides: zip(parts, strides).map { $0.count > 1 ? $0.step * $1 : $1 }, offset: offset)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? {
    guard let x = inputs.optional(0)?.type, x == results[0], let parts = try? parts(of: x.shape, inputs) else { return nil }  // already inferred
    return parts.allSatisfy { $0.step > 0 || $0.count <= 1 } ? 0 : nil
  }
}
