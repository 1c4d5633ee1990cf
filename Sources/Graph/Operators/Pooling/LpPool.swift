#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The p-norm of each window; padding counts as zeros (ONNX LpPool 1, 2, 11, 18, 22).
public struct LpPool: Operator {
  /// Its `kernelShape` is never nil.
  public let window: SlidingWindow
  /// A last window may reach beyond the padding.
  public let roundsUp: Bool
  /// Exponent of the norm; a whole number from opset 2.
  public let p: Double

  public static let declaration = OperatorDeclaration(
    "LpPool", opsets: [1, 2, 11, 18, 22], elements: ElementType.floatingPoint
  ) { (node) throws(GraphError) in
    LpPool(window: try SlidingWindow(node, needsKernel: true), roundsUp: try node.bool("ceil_mode") ?? false, p: try normExponent(node))
  }

  public var definition: OperatorDefinition { OperatorDefinition(norm: p, window.attributes.and(["ceil_mode": .flag(roundsUp)])) }

  /// Sizes and pads for X `[N, C, D...]`.
  public func geometry(input: [Int]) throws(GraphError) -> PoolingGeometry { try window.pooling(input: input, roundsUp: roundsUp) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    return [TensorType(x.element, try geometry(input: x.shape).outputShape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let geometry = try geometry(input: x.shape), sweep = geometry.sweep
    let powers = x.doubles.map { pow(abs($0), p) }
    let norms = geometry.forEachChannel { channel in
      var sums = [Double](repeating: 0, count: geometry.outputVoxels)
      sweep.forEachRow { row in
        for u in 0..<row.count { sums[row.moving + u] += powers[channel + row.fixed + u * row.stride] }
      }
      return sums.map { pow($0, 1 / p) }
    }
    return [Tensor(TensorType(x.element, geometry.outputShape), rounding: norms)]
  }
}

/// The p-norm of each channel, space reduced to one voxel (ONNX GlobalLpPool 1, 2, 22).
public struct GlobalLpPool: Operator {
  /// Exponent of the norm; a whole number from opset 2.
  public let p: Double

  public static let declaration = OperatorDeclaration("GlobalLpPool", opsets: [1, 2, 22], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in GlobalLpPool(p: try normExponent(node))
  }

  public var definition: OperatorDefinition { OperatorDefinition(norm: p, [:]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] { [try globallyPooled(inputs)] }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    try [poolGlobally(inputs) { pow($0.reduce(0) { $0 + pow(abs($1), p) }, 1 / p) }]
  }
}

extension OperatorDefinition {
  /// What `normExponent` reads, and other attributes.
  fileprivate init(norm p: Double, _ attributes: [String: Attribute?]) {
    let isWhole = p == p.rounded() && p < 0x1p31
    self.init(attributes.and(["p": isWhole ? .integer(Int(p)) : .float(Float(p))]), opset: isWhole ? nil : 1)
  }
}

/// Attribute 'p', which was a float at first.
private func normExponent(_ node: AttributeReader) throws(GraphError) -> Double {
  let p = node.opset == 1 ? Double(try node.float("p") ?? 2) : Double(try node.int("p") ?? 2)
  guard p > 0 else { throw .invalid(place: node.node, reason: "attribute 'p' is \(p), not above 0") }
  return p
}
