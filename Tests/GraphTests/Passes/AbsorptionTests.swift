import Graph
import Testing

@Suite("Absorption and canonical forms", .tags(.pass))
struct AbsorptionTests {
  private let x5 = Tensor.random([2, 4, 3, 5, 4], seed: 7)

  private static func positive(_ count: Int, seed: UInt64) -> Tensor {
    .float([count], Tensor.random([count], seed: seed).floats?.map { abs($0) + 0.25 } ?? [])
  }

  @Test(arguments: [1, 2], [true, false])
  func batchNormalizationBehindAConvolution(groups: Int, hasBias: Bool) throws {
    var maker = GraphMaker()
    let weight = maker.constant(.random([6, 4 / groups, 3, 3, 3], seed: 1)), bias = hasBias ? maker.constant(.random([6], seed: 2)) : nil
    let y = try maker.node("Conv", maker.input(), weight, bias, attributes: ["group": .int(Int64(groups)), "pads": .ints([1, 1, 1, 1, 1, 1])])
    maker.output(try batchNormalization(&maker, y, channels: 6))
    #expect(try checked(maker.graph, [x5]) { $0.withAbsorbedAffineOperations() }.operations == ["Conv"])
  }

  @Test(arguments: [1, 2])
  func batchNormalizationBehindATransposedConvolution(groups: Int) throws {
    var maker = GraphMaker()
    let weight = maker.constant(.random([4, 6 / groups, 2, 2, 2], seed: 1))
    let y = try maker.node("ConvTranspose", maker.input(), weight, attributes: ["group": .int(Int64(groups)), "strides": .ints([2, 2, 2])])
    maker.output(try batchNormalization(&maker, y, channels: 6))
    #expect(try checked(maker.graph, [x5]) { $0.withAbsorbedAffineOperations() }.operations == ["ConvTranspose"])
  }

  private func batchNormalization(_ maker: inout GraphMaker, _ y: ValueID, channels: Int) throws -> ValueID {
    try maker.node(
      "BatchNormalization", y, maker.constant(.random([channels], seed: 3)), maker.constant(.random([channels], seed: 4)),
      maker.constant(.random([channels], seed: 5)), maker.constant(Self.positive(channels, seed: 6)))
  }

  /// `((conv * a - b) / c + d)` with constants per channel, a number, and a shape that already broadcasts.
  @Test func affineChainBehindAConvolution() throws {
    var maker = GraphMaker()
    var y = try maker.node("Conv", maker.input(), maker.constant(.random([3, 4, 1, 1, 1], seed: 1)))
    y = try maker.node("Mul", maker.constant(.random([3, 1, 1, 1], seed: 2)), y)
    y = try maker.node("Sub", y, maker.scalar(0.75))
    y = try maker.node("Div", y, maker.constant(Self.positive(3, seed: 3).reshaped([1, 3, 1, 1, 1])))
    y = try maker.node("Add", y, maker.constant(.random([3, 1, 1, 1], seed: 4)))
    maker.output(y)
    #expect(try checked(maker.graph, [x5]) { $0.withAbsorbedAffineOperations() }.operations == ["Conv"])
  }

  /// Constants that are not per channel, values with other readers, and results that are outputs stay.
  @Test func leavesWhatCannotBeAbsorbed() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let conv = try maker.node("Conv", x, maker.constant(.random([4, 4, 1, 1, 1], seed: 1)))
    let perVoxel = try maker.node("Mul", conv, maker.constant(.random([4], seed: 2)))  // along the last axis, which is as long
    let other = try maker.node("Conv", x, maker.constant(.random([4, 4, 1, 1, 1], seed: 3)))
    let shared = try maker.node("Add", other, maker.scalar(1))
    let left = try maker.node("Conv", x, maker.constant(.random([4, 4, 1, 1, 1], seed: 4)))
    let reversed = try maker.node("Sub", maker.scalar(1), left)
    maker.output(perVoxel, shared, other, reversed)
    #expect(try checked(maker.graph, [x5]) { $0.withAbsorbedAffineOperations() }.operations == maker.graph.operations)
  }

  @Test(arguments: ["constant", "edge"])
  func zerosAroundAConvolution(mode: String) throws {
    var maker = GraphMaker()
    let pads = maker.constant(.vector(0, 0, 1, 0, 2, 0, 0, 0, 1, 1))
    let padded = try maker.node("Pad", maker.input(), pads, attributes: ["mode": .string(mode)])
    maker.output(
      try maker.node("Conv", padded, maker.constant(.random([2, 4, 3, 2, 2], seed: 1)), attributes: ["pads": .ints([1, 0, 0, 0, 1, 0])]))
    let after = try checked(maker.graph, [x5]) { $0.withAbsorbedPadding() }
    #expect(after.operations == (mode == "constant" ? ["Conv"] : ["Pad", "Conv"]))
    if mode == "constant" { #expect(try after.only(Conv.self).window.pads == [2, 0, 2, 0, 2, 1]) }
  }

  @Test func onesOrChannelsAroundAConvolutionStay() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let ones = try maker.node("Pad", x, maker.constant(.vector(0, 0, 1, 1, 1, 0, 0, 1, 1, 1)), maker.scalar(1))
    let channels = try maker.node("Pad", x, maker.constant(.vector(0, 1, 0, 0, 0, 0, 0, 0, 0, 0)))
    let cropped = try maker.node("Pad", x, maker.constant(.vector(0, 0, -1, 0, 0, 0, 0, 0, 0, 0)))
    maker.output(
      try maker.node("Conv", ones, maker.constant(.random([2, 4, 1, 1, 1], seed: 1))),
      try maker.node("Conv", channels, maker.constant(.random([2, 5, 1, 1, 1], seed: 2))),
      try maker.node("Conv", cropped, maker.constant(.random([2, 4, 1, 1, 1], seed: 3))))
    #expect(try checked(maker.graph, [x5]) { $0.withAbsorbedPadding() }.operations.filter { $0 == "Pad" }.count == 3)
  }

  @Test func changesOfShapeBecomeOneReshape() throws {
    var maker = GraphMaker()
    let x = maker.input()
    var y = try maker.node("Unsqueeze", x, maker.constant(.vector(0)))
    y = try maker.node("Squeeze", try maker.node("Flatten", y, attributes: ["axis": .int(3)]))
    y = try maker.node("Reshape", y, maker.constant(.vector(-1, 5, 4)))
    maker.output(try maker.node("Relu", y))
    let after = try checked(maker.graph, [x5]) { $0.withCanonicalForms() }
    #expect(after.operations == ["Reshape", "Relu"])
  }

  @Test func slopes() throws {
    var maker = GraphMaker(opset: 6)
    let x = maker.input()
    let one = try maker.node("PRelu", x, maker.constant(.float([1], [0.125])))
    maker.output(try maker.node("PRelu", one, maker.constant(.random([4], seed: 1))))
    let after = try checked(maker.graph, [x5]) { $0.withCanonicalForms() }
    #expect(after.operations == ["LeakyRelu", "PRelu"])
    #expect(after.nodes[1].inputs.map { $0.flatMap { after[$0].type?.shape } } == [[2, 4, 3, 5, 4], [4, 1, 1, 1]])
  }

  /// Up to opset 6 an axis says where the second operand belongs.
  @Test func oldBroadcasting() throws {
    var maker = GraphMaker(opset: 6)
    let x = maker.input(), old: [String: Attribute] = ["broadcast": .int(1), "axis": .int(1)]
    let y = try maker.node("Mul", x, maker.constant(.random([4], seed: 1)), attributes: old)
    let bias = maker.input("bias")
    maker.output(try maker.node("Add", y, bias, attributes: old))
    let after = try checked(maker.graph, [x5, .random([4, 3], seed: 2)]) { $0.withCanonicalForms() }
    #expect(after.operations == ["Mul", "Reshape", "Add"])
    #expect(after.nodes[0].inputs.map { $0.flatMap { after[$0].type?.shape } } == [[2, 4, 3, 5, 4], [4, 1, 1, 1]])
  }

  @Test func equalExpressionsBecomeOne() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let a = try maker.node("Mul", x, maker.scalar(2)), b = try maker.node("Mul", x, maker.scalar(2)), c = try maker.node("Mul", x, maker.scalar(3))
    let zero = try maker.node("Div", a, maker.scalar(0)), minus = try maker.node("Div", b, maker.scalar(-0.0))
    maker.output(try maker.node("Add", try maker.node("Exp", a), try maker.node("Exp", b)), c, zero, minus)
    let special = try maker.graph.specialised(to: [[3]])
    let after = special.withoutCommonSubexpressions()
    #expect(after.operations == ["Mul", "Mul", "Div", "Div", "Exp", "Add"])
    #expect(try after.evaluate([.float([3], [1, 2, -1])]) == special.evaluate([.float([3], [1, 2, -1])]))
    #expect(after.values.filter { $0.constant != nil }.count == 4, "0 and -0 are two constants")
  }
}
