import Graph
import Testing

@Suite("Recognition", .tags(.pass))
struct RecognitionTests {
  private let x5 = Tensor.random([2, 6, 3, 2, 4], seed: 7)

  /// `factor * x * (1 + erf(x / sqrt(2)))` in the orders in which exporters write it.
  @Test(arguments: [0, 1, 2])
  func gelu(order: Int) throws {
    var maker = GraphMaker()
    let x = try maker.node("Mul", maker.input(), maker.scalar(1.5))
    let argument =
      order == 0 ? try maker.node("Div", x, maker.scalar(Float(2).squareRoot())) : try maker.node("Mul", maker.scalar(Float(0.5).squareRoot()), x)
    let gate = try maker.node("Add", maker.scalar(1), try maker.node("Erf", argument)), half = maker.scalar(0.5)
    switch order {
    case 0: maker.output(try maker.node("Mul", try maker.node("Mul", x, gate), half))
    case 1: maker.output(try maker.node("Mul", try maker.node("Mul", half, x), gate))
    default: maker.output(try maker.node("Mul", x, try maker.node("Mul", gate, half)))
    }
    let after = try checked(maker.graph, [x5]) { $0.withRecognisedActivations() }
    #expect(after.operations == ["Mul", "Gelu"])
    #expect(try after.only(Gelu.self).approximation == .none)
  }

  @Test(arguments: [true, false])
  func geluByTanh(byPow: Bool) throws {
    var maker = GraphMaker()
    let x = maker.input()
    let cube = byPow ? try maker.node("Pow", x, maker.scalar(3)) : try maker.node("Mul", x, try maker.node("Mul", x, x))
    let inner = try maker.node("Add", x, try maker.node("Mul", maker.scalar(0.044715), cube))
    let gate = try maker.node("Add", try maker.node("Tanh", try maker.node("Mul", inner, maker.scalar((2 / Float.pi).squareRoot()))), maker.scalar(1))
    maker.output(try maker.node("Mul", try maker.node("Mul", maker.scalar(0.5), x), gate))
    let after = try checked(maker.graph, [x5]) { $0.withRecognisedActivations() }
    #expect(after.operations == ["Gelu"])
    #expect(try after.only(Gelu.self).approximation == .tanh)
  }

  @Test(arguments: [1, 1.75] as [Float])
  func swish(alpha: Float) throws {
    var maker = GraphMaker()
    let x = maker.input()
    let argument = alpha == 1 ? x : try maker.node("Mul", x, maker.scalar(alpha))
    maker.output(try maker.node("Mul", try maker.node("Sigmoid", argument), x))
    let after = try checked(maker.graph, [x5]) { $0.withRecognisedActivations() }
    #expect(after.operations == ["Swish"])
    #expect(try after.only(Swish.self).alpha == alpha)
  }

  @Test func mishAndHardSwish() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let mish = try maker.node("Mul", x, try maker.node("Tanh", try maker.node("Softplus", x)))
    let sigmoid = try maker.node("HardSigmoid", mish, attributes: ["alpha": .float(1.0 / 6)])
    maker.output(try maker.node("Mul", mish, sigmoid))
    #expect(try checked(maker.graph, [x5]) { $0.withRecognisedActivations() }.operations == ["Mish", "HardSwish"])
  }

  /// What looks alike and is not: another gate, another factor, another constant.
  @Test func leavesOtherProductsAlone() throws {
    var maker = GraphMaker()
    let x = maker.input(), other = try maker.node("Neg", x)
    let squeeze = try maker.node("Mul", x, try maker.node("Sigmoid", other))
    let gate = try maker.node("Add", try maker.node("Erf", try maker.node("Div", x, maker.scalar(1.5))), maker.scalar(1))
    let almost = try maker.node("Mul", try maker.node("Mul", x, gate), maker.scalar(0.5))
    maker.output(squeeze, almost)
    let after = try checked(maker.graph, [x5]) { $0.withRecognisedActivations() }
    #expect(!after.operations.contains("Swish") && !after.operations.contains("Gelu"))
  }

  /// Reshape, InstanceNormalization with ones and zeros, Reshape, Mul, Add: as torch exports GroupNorm.
  @Test(arguments: [(2, "GroupNormalization"), (6, "InstanceNormalization"), (1, "GroupNormalization")])
  func groupNormalization(groups: Int, operation: String) throws {
    var maker = GraphMaker()
    let x = maker.input()
    let ones = maker.constant(.float([groups], [Float](repeating: 1, count: groups)))
    let zeros = maker.constant(.float([groups], [Float](repeating: 0, count: groups)))
    let folded = try maker.node("Reshape", x, maker.constant(.vector(0, Int64(groups), -1)))
    let normal = try maker.node("InstanceNormalization", folded, ones, zeros, attributes: ["epsilon": .float(1e-3)])
    let back = try maker.node("Reshape", normal, try maker.node("Shape", x))
    let scaled = try maker.node("Mul", back, maker.constant(.random([6, 1, 1, 1], seed: 2)))
    maker.output(try maker.node("Add", maker.constant(.random([1, 6, 1, 1, 1], seed: 3)), scaled))
    let after = try checked(maker.graph, [x5], tolerance: 4e-6) { $0.simplified() }
    #expect(after.operations == [operation])
    if groups < 6 { #expect(try after.only(GroupNormalization.self).groups == groups) }
  }

  /// ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, Mul, Add: as torch exports LayerNorm before opset 17, with three ways to write a detail.
  @Test(arguments: [0, 1, 2])
  func layerNormalization(way: Int) throws {
    var maker = GraphMaker()
    let x = maker.input(), axes: [String: Attribute] = ["axes": .ints([-1]), "keepdims": .int(1)]
    let difference = try maker.node("Sub", x, try maker.node("ReduceMean", x, attributes: axes))
    let square = way == 0 ? try maker.node("Pow", difference, maker.scalar(2)) : try maker.node("Mul", difference, difference)
    let variance = try maker.node("ReduceMean", square, attributes: axes)
    let root = try maker.node("Sqrt", try maker.node("Add", variance, maker.scalar(1e-3)))
    let normal =
      way == 2 ? try maker.node("Mul", difference, try maker.node("Reciprocal", root)) : try maker.node("Div", difference, root)
    let scaled = try maker.node("Mul", normal, maker.constant(.random([5], seed: 4)))
    maker.output(try maker.node("Add", scaled, maker.constant(.random([5], seed: 5))))
    let after = try checked(maker.graph, [.random([3, 4, 5], seed: 6)], tolerance: 4e-6) { $0.simplified() }
    #expect(after.operations == ["LayerNormalization"])
    #expect(try after.only(LayerNormalization.self).epsilon == 1e-3)
  }

  /// The same over all of space is an instance normalisation, the affine part per channel.
  @Test func instanceNormalization() throws {
    var maker = GraphMaker()
    let x = maker.input(), axes: [String: Attribute] = ["axes": .ints([2, 3, 4]), "keepdims": .int(1)]
    let difference = try maker.node("Sub", x, try maker.node("ReduceMean", x, attributes: axes))
    let variance = try maker.node("ReduceMean", try maker.node("Mul", difference, difference), attributes: axes)
    let root = try maker.node("Sqrt", try maker.node("Add", maker.scalar(1e-5), variance))
    let normal = try maker.node("Div", difference, root)
    maker.output(try maker.node("Mul", normal, maker.constant(.random([6, 1, 1, 1], seed: 4))))
    #expect(try checked(maker.graph, [x5], tolerance: 4e-6) { $0.simplified() }.operations == ["InstanceNormalization"])
  }

  /// Means over other axes than the squares' are no normalisation.
  @Test func leavesOtherMeansAlone() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let difference = try maker.node("Sub", x, try maker.node("ReduceMean", x, attributes: ["axes": .ints([1])]))
    let variance = try maker.node("ReduceMean", try maker.node("Mul", difference, difference), attributes: ["axes": .ints([2])])
    maker.output(try maker.node("Div", difference, try maker.node("Sqrt", try maker.node("Add", maker.scalar(1e-5), variance))))
    let after = try checked(maker.graph, [x5]) { $0.simplified() }
    #expect(!after.operations.contains { $0.hasSuffix("Normalization") })
  }
}
