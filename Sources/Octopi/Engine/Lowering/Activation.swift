import Graph
import Kernels

extension LeakyRelu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    if try plan.lowerSlope(node, [alpha]) { return true }
    return try plan.lowerUnary(node, .leakyRelu, alpha)
  }
}

extension Relu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    if try plan.lowerSlope(node, [0]) { return true }
    return try plan.lowerUnary(node, .relu)
  }
}

extension PRelu: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let s = node.inputs[1], let slope = plan.graph[s].constant, let values = slope.floats else { return false }
    let shape = try plan.type(x).shape
    // One slope for all, or one a channel: after broadcasting from the right, every axis but that of the channels is 1.
    let aligned = [Int](repeating: 1, count: max(0, shape.count - slope.shape.count)) + slope.shape
    guard aligned.count == shape.count, aligned.indices.allSatisfy({ $0 == 1 || aligned[$0] == 1 }) else { return false }
    return try plan.lowerSlope(node, values)
  }
}

extension PlanBuilder {
  /// `y = x > 0 ? x : slope * x`, in the step that computes x wherever it can be.
  mutating func lowerSlope(_ node: Node, _ slope: [Float]) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], (3...5).contains(try type(x).shape.count) else { return false }
    let isOnly = useCount(x) == 1
    if isOnly, case .normalized(let value)? = place(x), setSlope(of: value, slope) {
      define(y, .normalized(value))
      return true
    }
    let view = try blocked(x)
    let storage = view.shape.perBlock(slope)
    if isOnly, setEpilogueSlope(view, storage) {
      define(y, .blocked(view))
      return true
    }
    let one = [Float](repeating: 1, count: view.shape.channels), zero = [Float](repeating: 0, count: view.shape.channels)
    let value = affine(view, scale: one, shift: zero, name: node.name, ownsRaw: isLastUse(x) && !isJoined(view))
    _ = setSlope(of: value, slope)
    define(y, .normalized(value))
    return true
  }

  /// Adds an activation to coefficients that have none yet.
  private mutating func setSlope(of value: Normalized, _ slope: [Float]) -> Bool {
    let storage = value.raw.shape.perBlock(slope)
    return update(CoefficientsStep.self, writing: value.coefficients) { step in
      guard step.slope == nil else { return false }
      step.slope = storage
      return true
    } || update(ConstantCoefficientsStep.self, writing: value.coefficients) { step in
      let old = step.coefficients
      let w = value.raw.shape.width, rows = Coefficients.rows, slopes = (0..<old.count).filter { $0 / w % rows == 2 }
      guard slopes.allSatisfy({ old.pointer[$0] == 1 }) else { return false }
      step.coefficients = FloatStorage(count: old.count) { target in
        for i in 0..<old.count { target[i] = old.pointer[i] }
        for i in slopes { target[i] = storage.pointer[i / (rows * w) * w + i % w] }
      }
      return true
    }
  }

  /// Gives the step that produces `view` an activation at its end, if it can have one.
  private mutating func setEpilogueSlope(_ view: BlockedView, _ slope: FloatStorage) -> Bool {
    var done = false
    updateTail(view.buffer) { tail, _ in done = tail.moments == nil && tail.epilogue.setSlope(slope) }
    return done
      || update(NormalizeStep.self, writing: view.buffer) { step in
        guard step.slope == nil, step.b != nil else { return false }
        step.slope = slope
        return true
      }
  }
}

extension ConvolutionEpilogue {
  mutating func setSlope(_ storage: FloatStorage) -> Bool {
    guard slope == nil else { return false }
    slope = storage
    return true
  }
}
