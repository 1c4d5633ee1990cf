/// Sums of products of any number of tensors, named axis by axis (ONNX Einsum 12, 28).
///
/// `bhxy,bhyd->bhxd`: axes with one letter are one; letters that the result does not name are summed. `...` stands for further axes, which
/// broadcast from the right. Without `->` the result has the axes of `...`, then all letters that occur once, in alphabetical order.
public struct Einsum: Operator {
  /// The axes of each operand and of the result; nil stands for `...`.
  public let terms: [[Character?]]
  public let result: [Character?]

  public static let declaration = OperatorDeclaration(
    "Einsum", opsets: [12, 28], inputs: 1...OperatorDeclaration.many, elements: ElementType.numeric
  ) { (node) throws(GraphError) in
    guard let equation = try node.string("equation") else { throw .invalid(place: node.node, reason: "attribute 'equation' is missing") }
    return try Einsum(equation: equation)
  }

  public var definition: OperatorDefinition {
    func text(_ axes: [Character?]) -> String { axes.map { $0.map(String.init) ?? "..." }.joined() }
    return OperatorDefinition(["equation": .string(terms.map(text).joined(separator: ",") + "->" + text(result))])
  }

  /// Throws where the equation is not of this form.
  public init(equation: String) throws(GraphError) {
    let text = equation.filter { $0 != " " }
    let sides = text.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
    guard sides.count <= 2 else { throw Self.invalid(equation, "has more than one '->'") }
    var terms: [[Character?]] = []
    for term in sides[0].split(separator: ",", omittingEmptySubsequences: false) { terms.append(try Self.axes(of: term, equation)) }
    let letters = terms.flatMap { $0 }.compactMap { $0 }
    if sides.count == 2 {
      result = try Self.axes(of: Substring(sides[1]), equation)
      let named = result.compactMap { $0 }
      guard Set(named).count == named.count else { throw Self.invalid(equation, "names an axis of the result twice") }
      if let unknown = named.first(where: { !letters.contains($0) }) { throw Self.invalid(equation, "sums nothing into axis '\(unknown)'") }
    } else {
      let single = Set(letters.filter { letter in letters.count { $0 == letter } == 1 }).sorted()
      result = (terms.contains { $0.contains(nil) } ? [nil] : []) + single
    }
    self.terms = terms
  }

  private static func invalid(_ equation: String, _ reason: String) -> GraphError { .invalid(place: "", reason: "equation '\(equation)' \(reason)") }

  private static func axes(of term: Substring, _ equation: String) throws(GraphError) -> [Character?] {
    let parts = term.split(separator: "...", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { throw invalid(equation, "has '...' twice in one term") }
    if let bad = parts.joined().first(where: { !($0.isASCII && $0.isLetter) }) { throw invalid(equation, "holds '\(bad)'") }
    return Array(parts.map { $0.map { Optional($0) } }.joined(separator: [nil]))
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    var types: [TensorType] = []
    for index in inputs.indices { types.append(try inputs.required(index, "Inputs \(index)").type) }
    guard let element = types.first?.element, types.allSatisfy({ $0.element == element }) else {
      throw .invalid(place: "", reason: "operands are \(types.map { $0.element.onnxName }); all must be of one type")
    }
    return [TensorType(element, try contraction(of: types.map(\.shape)).outputShape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    var operands: [Tensor] = []
    for index in inputs.indices { operands.append(try inputs.required(index, "Inputs \(index)")) }
    let plan = try contraction(of: operands.map(\.shape))
    let type = TensorType(operands[0].element, plan.outputShape)
    if !type.element.isFloatingPoint {
      return [Tensor(type, wrapping: plan.sums(operands.compactMap(\.integers), zero: 0, one: 1, add: &+, multiply: &*))]
    }
    return [Tensor(type, rounding: plan.sums(operands.map(\.doubles), zero: 0, one: 1, add: +, multiply: *))]
  }
}
