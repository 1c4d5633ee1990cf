import Graph
import Kernels

// One line an operator whose result depends on one number each.

extension Sigmoid: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .sigmoid) }
}

extension Tanh: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .tanh) }
}

extension Softplus: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .softplus) }
}

extension Softsign: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .softsign) }
}

extension Erf: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .erf) }
}

extension Mish: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .mish) }
}

extension HardSwish: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .hardSwish) }
}

extension Abs: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .abs) }
}

extension Neg: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .neg) }
}

extension Sign: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .sign) }
}

extension Reciprocal: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .reciprocal) }
}

extension Floor: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .floor) }
}

extension Ceil: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .ceil) }
}

extension Round: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .round) }
}

extension Sqrt: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .sqrt) }
}

extension Exp: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .exp) }
}

extension Log: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .log) }
}

extension Sin: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .sin) }
}

extension Cos: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .cos) }
}

extension Elu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .elu, alpha) }
}

extension Celu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .celu, alpha) }
}

extension Selu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .selu, alpha, gamma) }
}

extension ThresholdedRelu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .thresholdedRelu, alpha) }
}

extension HardSigmoid: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .hardSigmoid, alpha, beta) }
}

extension Swish: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool { try plan.lowerUnary(node, .silu, alpha) }
}

extension Gelu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    try plan.lowerUnary(node, approximation == .tanh ? .geluTanh : .gelu)
  }
}

extension Clip: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    var operands: [Operand?] = []
    for id in node.inputs {
      guard let id else {
        operands.append(nil)
        continue
      }
      operands.append(Operand(try plan.type(id), constant: plan.graph[id].constant))
    }
    for id in node.inputs.dropFirst() { if let id, plan.graph[id].constant == nil { return false } }
    let bounds = bounds(operands)
    return try plan.lowerUnary(node, .clip, Float(bounds.low ?? -.infinity), Float(bounds.high ?? .infinity))
  }
}

extension PlanBuilder {
  /// A function of each element, in the layout that the input has.
  mutating func lowerUnary(_ node: Node, _ function: UnaryFunction, _ alpha: Float = 0, _ beta: Float = 0) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try isFloat(x) else { return false }
    if isBlocked(x) {
      let view = try blocked(x), output = newBlocked(view.shape)
      emit(UnaryStep(name: node.name, function: function, alpha: alpha, beta: beta, input: .blocked(view), output: .blocked(output)))
      define(y, .blocked(output))
    } else if !activateInLinear(LinearStep.Activation(function: function, alpha: alpha, beta: beta), x, y) {
      let count = try type(x).count, input = try plain(x), output = newPlain(floats: count)
      emit(
        UnaryStep(
          name: node.name, function: function, alpha: alpha, beta: beta, input: .plain(input, count: count), output: .plain(output, count: count)))
      define(y, .plain(output))
    }
    return true
  }
}
