/// Runs of neighbouring numbers in another order: `y` is run `map[0]` of `x`, then run `map[1]`, and so on; -1 gives zeros.
///
/// Inputs x, of whose count the run length is a divisor, and map `[runs]`. What pads, rolls, cuts into windows and puts them together again,
/// in one.
public struct RunGather: Operator, Hashable {
  /// Numbers of a run.
  public let length: Int
  public let shape: [Int]

  public static let declaration = OperatorDeclaration(
    "RunGather", domain: Fused.domain, opsets: [1], inputs: 2...2, elements: ElementType.all
  ) { (node) throws(GraphError) in
    guard let length = try node.int("length"), length > 0, let shape = try node.ints("shape") else {
      throw .invalid(place: node.node, reason: "attributes 'length' and 'shape' are missing")
    }
    return RunGather(length: length, shape: shape)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["length": .integer(length), "shape": .integers(shape)]) }

  /// The map, checked: each entry is -1 or a run of a tensor of `type`.
  public func runs(_ map: Tensor?, of type: TensorType) throws(GraphError) -> [Int] {
    guard let entries = map?.integers else { throw .unsupported(place: "input 'map'", reason: "it must be constant") }
    let count = Int64(type.count / length)
    guard entries.allSatisfy({ (-1..<count).contains($0) }) else { throw .invalid(place: "input 'map'", reason: "it names runs outside of \(count)") }
    return entries.map { Int($0) }
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "x").type, map: Operand = try inputs.required(1, "map")
    let result = try TensorType(x.element, shape).checked()
    let (count, overflow) = map.type.count.multipliedReportingOverflow(by: length)
    guard x.count % length == 0, !overflow, count == result.count else {
      throw .shape(place: "", reason: "\(map.type.count) runs of \(length) do not make \(shape) from \(x.shape)")
    }
    _ = try runs(map.constant, of: x)
    return [result]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "x")
    let runs = try runs(inputs.optional(1), of: x.type)
    return [x.runs(runs.map { $0 < 0 ? nil : $0 * length }, length: length, shape: shape)]
  }
}
