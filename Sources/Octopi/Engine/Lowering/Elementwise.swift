import Graph

extension Add: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    if try plan.lowerResidual(node) { return true }
    if try plan.lowerLinearBias(node) { return true }
    if try plan.addInLinear(node) { return true }
    return try plan.lowerBinary(node, .add, self)
  }
}

extension Sub: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerBinary(node, .sub, self) }
}

extension Mul: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerBinary(node, .mul, self) }
}

extension Div: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerBinary(node, .div, self) }
}

extension Pow: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerBinary(node, .pow, self) }
}

extension PlanBuilder {
  /// Whether kernels can hold a value: floating point of at most 32 bits.
  func isFloat(_ id: ValueID) throws(EngineError) -> Bool {
    let element = try type(id).element
    return element.isFloatingPoint && element != .float64
  }

  /// The sum of two activations of one shape, in the step that computes one of them or in one pass.
  fileprivate mutating func lowerResidual(_ node: Node) throws(EngineError) -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], let y = node.outputs[0], graph[a].constant == nil, graph[b].constant == nil else { return false }
    let shape = try type(a).shape
    guard try type(b).shape == shape, (3...5).contains(shape.count), try isFloat(a), try isFloat(b), isBlocked(a) || isBlocked(b) else { return false }
    // The operand whose producer comes last decides: it can take the other as its residual.
    if try addInEpilogue(a, b, y) { return true }
    if try addInEpilogue(b, a, y) { return true }
    guard try blockedShape(a) == blockedShape(b) else { return false }
    let (first, second) = isPending(a) || !isPending(b) ? (a, b) : (b, a)
    try addNormalized(first, second, y, name: node.name)
    return true
  }

  /// The blocks that the value has or would have.
  private func blockedShape(_ id: ValueID) throws(EngineError) -> BlockedShape? {
    switch place(id) {
    case .blocked(let view)?: view.shape
    case .normalized(let value)?: value.raw.shape
    default: BlockedShape(tensor: try type(id).shape)
    }
  }

  func isBlocked(_ id: ValueID) -> Bool {
    switch place(id) {
    case .blocked?, .normalized?: true
    default: false
    }
  }

  func isPending(_ id: ValueID) -> Bool { if case .normalized? = place(id) { true } else { false } }

  /// The value as a summand, its normalisation still pending if it is.
  private mutating func summand(_ id: ValueID) throws(EngineError) -> NormalizeStep.Summand {
    if case .normalized(let value)? = place(id) { return value.summand }
    return NormalizeStep.Summand(view: try blocked(id), coefficients: nil)
  }

  /// `y = a + b` in the convolution that produces `a`, which nobody else reads.
  mutating func addInEpilogue(_ a: ValueID, _ b: ValueID, _ y: ValueID) throws(EngineError) -> Bool {
    guard a != b, useCount(a) == 1, case .blocked(let view)? = place(a) else { return false }
    let residual: NormalizeStep.Summand
    switch place(b) {
    case .blocked(let other)?: residual = NormalizeStep.Summand(view: other, coefficients: nil)
    case .normalized(let value)?: residual = value.summand
    default: return false
    }
    guard residual.view.shape == view.shape, residual.view.buffer != view.buffer else { return false }
    let producer = lastWrite(view.buffer)
    guard residual.reads.allSatisfy({ lastWrite($0) < producer }) else { return false }
    func set(_ epilogue: inout ConvolutionEpilogue, onLoad: Bool) -> Bool {
      guard epilogue.residual == nil, epilogue.slope == nil, onLoad || residual.coefficients == nil else { return false }
      epilogue.residual = residual.view
      epilogue.residualCoefficients = residual.coefficients
      return true
    }
    var done = false
    updateTail(view.buffer) { tail, normalizesResidual in done = tail.moments == nil && set(&tail.epilogue, onLoad: normalizesResidual) }
    if done { define(y, .blocked(view)) }
    return done
  }

  /// `y = a + b` as one pass over memory, in place of `a` where nobody else reads it; pending normalisations are computed in passing.
  mutating func addNormalized(_ a: ValueID, _ b: ValueID, _ y: ValueID, name: String) throws(EngineError) {
    let first = try summand(a), second = try summand(b)
    let owned = if case .normalized(let value)? = place(a) { value.ownsRaw } else { true }
    let inPlace = owned && isLastUse(a) && a != b && !isJoined(first.view) && first.view.buffer != second.view.buffer
    let output = inPlace ? first.view : newBlocked(first.view.shape)
    if inPlace { renew(output) }
    emit(NormalizeStep(name: name, a: first, b: second, output: output))
    define(y, .blocked(output))
  }
}
