import Graph

extension Resize: Lowerable {
  func lower(_ node: Node, into plan: inout PlanBuilder) throws(EngineError) -> Bool {
    guard let x = node.inputs[0], let y = node.outputs[0], try plan.isFloat(x), case let shape = try plan.type(x).shape, (3...5).contains(shape.count)
    else { return false }
    let operands = try plan.operands(node), axes: [ResizeAxis]
    do throws(GraphError) { axes = try resampledAxes(of: operands) } catch { throw EngineError(error, in: node.name) }
    guard axes[0].isIdentity, axes[1].isIdentity else { return false }
    let along = axes[2...].map { samples(along: $0) }
    guard along.joined().allSatisfy(\.isInside) else { return false }
    let still = [ResizeSample](repeating: ResizeSample(first: 0, weights: [1], isInside: true), count: 1)
    let view = try plan.blocked(x), size = Axes(axes[2...].map(\.output), filler: 1)
    var result = BlockedShape(batch: shape[0], channels: shape[1], size: size, rank: shape.count - 2, width: view.shape.width)
    result.blocks = view.shape.blocks
    let output = plan.newBlocked(result)
    plan.emit(
      ResizeStep(name: node.name, input: view, output: output, samples: [[ResizeSample]](repeating: still, count: 3 - along.count) + Array(along)))
    plan.define(y, .blocked(output))
    return true
  }
}
