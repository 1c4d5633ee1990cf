import Graph
import Kernels

// What becomes part of a product with a constant matrix, instead of a pass of its own.

extension PlanBuilder {
  /// The rows of `a` times one constant matrix.
  mutating func lowerLinear(
    _ node: Node, _ a: ValueID, _ y: ValueID, depth: Int, columns: Int, weights: FloatStorage, bias: FloatStorage?
  ) throws(EngineError) {
    let layer = LinearStep.Layer(weights: weights, depth: depth, columns: columns, bias: bias), count = try type(a).count
    let output = newPlain(floats: try type(y).count)
    if updateLinear(a, y, { $0.rows * depth == count && $0.append(layer, name: node.name, output: output) }) { return }
    emit(
      LinearStep(
        name: node.name, input: try rowSource(a, length: depth), layer: layer, rows: count / max(1, depth), output: output,
        tileRows: kernels.matMul.tileRows))
    define(y, .plain(output))
  }

  /// Changes the product that makes `x`, if nothing else reads it; `y` is then its result.
  mutating func updateLinear(_ x: ValueID, _ y: ValueID, _ change: (inout LinearStep) -> Bool) -> Bool {
    guard let buffer = ownedBuffer(x) else { return false }
    var output = buffer
    let isChanged = update(LinearStep.self, writing: buffer) { step in
      guard change(&step) else { return false }
      output = step.output
      return true
    }
    if isChanged { define(y, .plain(output)) }
    return isChanged
  }

  /// A constant `[columns]` added to a product.
  mutating func addInLinear(bias: FloatStorage, columns: Int, to x: ValueID, _ y: ValueID) -> Bool {
    updateLinear(x, y) { step in
      guard step.last.bias == nil, step.last.activation == nil, step.residual == nil, step.columns == columns else { return false }
      step.last.bias = bias
      return true
    }
  }

  /// A function of each element of a product.
  mutating func activateInLinear(_ activation: LinearStep.Activation, _ x: ValueID, _ y: ValueID) -> Bool {
    updateLinear(x, y) { step in
      guard step.last.activation == nil, step.residual == nil else { return false }
      step.last.activation = activation
      return true
    }
  }

  /// The sum of a product and an activation of the same shape that exists before it.
  mutating func addInLinear(_ node: Node) throws(EngineError) -> Bool {
    guard let a = node.inputs[0], let b = node.inputs[1], let y = node.outputs[0], a != b, !graph[a].isConstant, !graph[b].isConstant,
      try type(a).shape == type(b).shape
    else { return false }
    for (product, other) in [(a, b), (b, a)] {
      guard case .plain(let residual)? = place(other), let buffer = ownedBuffer(product), residual != buffer,
        lastWrite(residual) < lastWrite(buffer)
      else { continue }
      let isAdded = updateLinear(product, y) { step in
        guard step.last.activation == nil, step.residual == nil else { return false }
        step.residual = residual
        return true
      }
      if isAdded { return true }
    }
    return false
  }

  /// A gather of whole rows of a product: the rows of its left side are gathered instead, which are fewer or as many.
  mutating func gatherInLinear(_ runs: RunList, count: Int, _ x: ValueID, _ y: ValueID) -> Bool {
    guard !runs.hasGaps, let buffer = ownedBuffer(x), let step = producer(of: buffer) as? LinearStep, step.columns == runs.length,
      step.residual == nil, count <= step.rows, let input = step.input.gathered(by: runs.ofRows(step.depth))
    else { return false }
    let output = newPlain(floats: count * step.columns)
    return updateLinear(x, y) { step in
      (step.input, step.rows, step.output) = (input, count, output)
      return true
    }
  }
}
