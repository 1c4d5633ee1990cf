/// More (or, with negative pads, fewer) elements at both ends of each axis (ONNX Pad 1 to 25).
public struct Pad: Forwarding, Hashable {
  /// What stands outside of the input.
  public enum Mode: String, Sendable, CaseIterable {
    case constant, edge, reflect, wrap
  }

  public let mode: Mode
  private let attributePads: [Int]?
  private let attributeValue: Double

  public static let declaration = OperatorDeclaration(
    "Pad", opsets: [1, 2, 11, 13, 18, 19] + movementOpsets, inputs: 1...4, elements: ElementType.all
  ) { (node) throws(GraphError) in
    let mode = try node.choice("mode", default: Mode.constant)
    if mode == .wrap, node.opset < 19 { throw .invalid(place: node.node, reason: "mode wrap exists since opset 19") }
    guard node.opset < 11 else { return Pad(mode: mode, attributePads: nil, attributeValue: 0) }
    guard let pads = try node.ints(node.opset == 1 ? "paddings" : "pads") else { throw .invalid(place: node.node, reason: "it has no pads") }
    return Pad(mode: mode, attributePads: pads, attributeValue: Double(try node.float("value") ?? 0))
  }

  public var definition: OperatorDefinition {
    guard let attributePads else { return OperatorDefinition(["mode": .string(mode.rawValue)]) }
    return OperatorDefinition(
      ["mode": .string(mode.rawValue), "pads": .integers(attributePads), "value": .float(Float(attributeValue))], opset: 10)
  }

  /// Pads at the beginning and the end of every axis of a tensor of `rank`.
  public func pads(_ inputs: [Operand?], rank: Int) throws(GraphError) -> (begin: [Int], end: [Int]) {
    let pads: [Int]
    if let attributePads { pads = attributePads } else { pads = try inputs.required(1, "pads").integers("pads") }
    var axes = Array(0..<rank)
    if let list = inputs.optional(3) {
      axes = []
      for axis in try list.integers("axes") { axes.append(try normalizedAxis(axis, rank: rank)) }
    }
    guard pads.count == 2 * axes.count, Set(axes).count == axes.count else {
      throw .invalid(place: "", reason: "pads \(pads) do not fit axes \(axes)")
    }
    var begin = [Int](repeating: 0, count: rank), end = begin
    for (index, axis) in axes.enumerated() { (begin[axis], end[axis]) = (pads[index], pads[axes.count + index]) }
    return (begin, end)
  }

  /// The value outside in mode `constant`; zero by default.
  public func value(_ inputs: [Tensor?], element: ElementType) -> Tensor {
    if let value = inputs.optional(2), value.count == 1, value.element == element { return value }
    let type = TensorType(element, [])
    return element.isFloatingPoint ? Tensor(type, rounding: [attributeValue]) : Tensor(type, .integers([0]))
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "data").type
    let (begin, end) = try pads(inputs, rank: x.shape.count)
    let shape = x.shape.indices.map { begin[$0] + x.shape[$0] + end[$0] }
    guard shape.allSatisfy({ $0 >= 0 }) else { throw .shape(place: "", reason: "shape \(x.shape) is too small to crop by \(begin) and \(end)") }
    if mode != .constant, shape.indices.contains(where: { x.shape[$0] == 0 && shape[$0] > 0 }) {
      throw .shape(place: "", reason: "mode \(mode) needs elements to repeat, the input is \(x.shape)")
    }
    if let value = inputs.optional(2)?.type, value.count != 1 || value.element != x.element {
      throw .invalid(place: "", reason: "the padding value must be one \(x.element.onnxName)")
    }
    return [try TensorType(x.element, shape).checked()]
  }

  /// Where each element of a padded axis comes from; nil is outside.
  public func sources(length: Int, begin: Int, count: Int) -> [Int?] {
    (0..<count).map { index in
      let at = index - begin
      if (0..<length).contains(at) { return at }
      switch mode {
      case .constant: return nil
      case .edge: return min(max(at, 0), length - 1)
      case .wrap: return (at % length + length) % length
      case .reflect:
        let period = max(2 * (length - 1), 1), phase = (at % period + period) % period
        return phase < length ? phase : period - phase
      }
    }
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "data"), operands = inputs.map { $0.map(Operand.init) }
    let result = try outputs(of: operands)[0]
    let begin = try pads(operands, rank: x.shape.count).begin
    let filler = value(inputs, element: x.element)
    // Axes after the last padded one move in runs.
    let runAxes = x.shape.indices.reversed().prefix { begin[$0] == 0 && x.shape[$0] == result.shape[$0] }.count
    let axes = x.shape.count - runAxes, strides = rowMajorStrides(x.shape)
    var starts: [Int?] = [0]
    for axis in 0..<axes {
      let sources = sources(length: x.shape[axis], begin: begin[axis], count: result.shape[axis])
      starts = starts.flatMap { start in
        sources.map { source in
          guard let start, let source else { return nil }
          return start + source * strides[axis]
        }
      }
    }
    return [x.runs(starts, length: x.shape[axes...].reduce(1, *), shape: result.shape, filler: filler)]
  }

  func forwarded(_ inputs: [Operand?], results: [TensorType]) -> Int? {
    guard let x = inputs.optional(0)?.type, let pads = try? pads(inputs, rank: x.shape.count) else { return nil }  // already inferred
    return (pads.begin + pads.end).allSatisfy { $0 == 0 } ? 0 : nil
  }
}
