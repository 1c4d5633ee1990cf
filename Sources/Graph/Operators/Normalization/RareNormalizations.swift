#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// `y = (x - mean) / (deviation + 1e-9)` over the given axes (ONNX MeanVarianceNormalization 9, 13).
public struct MeanVarianceNormalization: Operator {
  /// May be negative: counted from the last axis.
  public let axes: [Int]

  public static let declaration = OperatorDeclaration("MeanVarianceNormalization", opsets: [9, 13], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in MeanVarianceNormalization(axes: try node.ints("axes") ?? [0, 2, 3])
  }

  public var definition: OperatorDefinition { OperatorDefinition(["axes": .integers(axes)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    for axis in axes { _ = try normalizedAxis(axis, rank: x.shape.count) }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), values = x.doubles
    var chosen: Set<Int> = []
    for axis in axes { chosen.insert(try normalizedAxis(axis, rank: x.shape.count)) }
    let groups = ReductionGroups(shape: x.shape, axes: chosen.sorted())
    var y = values
    for start in groups.starts {
      let moments = Moments(groups.offsets.map { values[start + $0] })
      for offset in groups.offsets { y[start + offset] = (values[start + offset] - moments.mean) / (moments.variance.squareRoot() + 1e-9) }
    }
    return [Tensor(x.type, rounding: y)]
  }
}

/// `y = x / (bias + alpha / size * sum of x^2)^beta`, the sum over `size` neighbouring channels (ONNX LRN 1, 13).
public struct LRN: Operator {
  public let alpha: Float
  public let beta: Float
  public let bias: Float
  /// Channels of the sum; of an even number one more lies behind than before.
  public let size: Int

  public static let declaration = OperatorDeclaration("LRN", opsets: [1, 13], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in
    guard let size = try node.int("size"), size > 0 else {
      throw .invalid(place: node.node, reason: "attribute 'size' is missing or not positive")
    }
    return LRN(alpha: try node.float("alpha") ?? 1e-4, beta: try node.float("beta") ?? 0.75, bias: try node.float("bias") ?? 1, size: size)
  }

  public var definition: OperatorDefinition {
    OperatorDefinition(["alpha": .float(alpha), "beta": .float(beta), "bias": .float(bias), "size": .integer(size)])
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    guard x.shape.count >= 2 else { throw .invalid(place: "", reason: "input 'X' of shape \(x.shape) has no axes N and C") }
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), values = x.doubles
    let channels = x.shape[1], voxels = x.shape[2...].reduce(1, *)
    let y = values.indices.map { at in
      let c = at / voxels % channels
      let sum = (max(0, c - (size - 1) / 2)...min(channels - 1, c + size / 2)).reduce(0.0) {
        let neighbour = values[at + ($1 - c) * voxels]
        return $0 + neighbour * neighbour
      }
      return values[at] / pow(Double(bias) + Double(alpha) / Double(size) * sum, Double(beta))
    }
    return [Tensor(x.type, rounding: y)]
  }
}

/// `y = x / norm` along one axis, with the norm of order 1 or 2; what has norm 0 stays 0 (ONNX LpNormalization 1, 22).
public struct LpNormalization: Operator {
  /// May be negative: counted from the last axis.
  public let axis: Int
  /// Order of the norm.
  public let p: Int

  public static let declaration = OperatorDeclaration("LpNormalization", opsets: [1, 22], elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in
    let p = try node.int("p") ?? 2
    guard p == 1 || p == 2 else { throw .invalid(place: node.node, reason: "attribute 'p' is \(p), not 1 or 2") }
    return LpNormalization(axis: try node.int("axis") ?? -1, p: p)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["axis": .integer(axis), "p": .integer(p)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "input").type
    _ = try normalizedAxis(axis, rank: x.shape.count)
    return [x]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "input"), values = x.doubles
    let groups = ReductionGroups(shape: x.shape, axes: [try normalizedAxis(axis, rank: x.shape.count)])
    var y = values
    for start in groups.starts {
      let line = groups.offsets.map { values[start + $0] }
      let norm = p == 1 ? ReduceL1.reduce(line) : ReduceL2.reduce(line)
      for (offset, value) in zip(groups.offsets, line) { y[start + offset] = norm == 0 ? 0 : value / norm }
    }
    return [Tensor(x.type, rounding: y)]
  }
}
