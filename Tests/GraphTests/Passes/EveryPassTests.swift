import Graph
import Testing

/// Each standard pass, on what the passes before it leave of some small networks: the same numbers before and after.
@Suite("Every pass", .tags(.pass))
struct EveryPassTests {
  struct Network: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int]
    let make: @Sendable (inout GraphMaker, ValueID) throws -> ValueID
  }

  private static func convolution(_ maker: inout GraphMaker, _ x: ValueID, _ channels: Int, seed: UInt64) throws -> ValueID {
    try maker.node(
      "Conv", x, maker.constant(.random([channels, 4, 3, 3, 3], seed: seed)), attributes: ["pads": .ints([1, 1, 1, 1, 1, 1])])
  }

  static let networks = [
    Network(testDescription: "a residual block with batch normalisation and padding", shape: [1, 4, 3, 4, 5]) { maker, x in
      let padded = try maker.node("Pad", x, maker.constant(.vector(0, 0, 1, 1, 1, 0, 0, 1, 1, 1)))
      var y = try maker.node("Conv", padded, maker.constant(.random([4, 4, 3, 3, 3], seed: 1)))
      let parameters = (2..<5).map { maker.constant(.random([4], seed: $0)) }
      y = try maker.node("BatchNormalization", y, parameters[0], parameters[1], parameters[2], maker.constant(.float([4], [0.5, 1, 2, 4])))
      y = try maker.node("Relu", y)
      return try maker.node("Add", try convolution(&maker, y, 4, seed: 6), x)
    },
    Network(testDescription: "the same convolution twice, and nodes that nobody reads", shape: [1, 4, 3, 4, 5]) { maker, x in
      let weight = maker.constant(.random([4, 4, 3, 3, 3], seed: 1)), pads = ["pads": Attribute.ints([1, 1, 1, 1, 1, 1])]
      let a = try maker.node("Conv", x, weight, attributes: pads), b = try maker.node("Conv", x, weight, attributes: pads)
      _ = try maker.node("Exp", try maker.node("Neg", a))
      return try maker.node("Mul", a, try maker.node("Sigmoid", b))
    },
    Network(testDescription: "a layer normalisation and a GELU in parts", shape: [2, 3, 8]) { maker, x in
      let axes = ["axes": Attribute.ints([-1])]
      let centred = try maker.node("Sub", x, try maker.node("ReduceMean", x, attributes: axes))
      let variance = try maker.node("ReduceMean", try maker.node("Pow", centred, maker.scalar(2)), attributes: axes)
      let deviation = try maker.node("Sqrt", try maker.node("Add", variance, maker.scalar(1e-5)))
      var y = try maker.node("Div", centred, deviation)
      y = try maker.node("Add", try maker.node("Mul", y, maker.constant(.random([8], seed: 2))), maker.constant(.random([8], seed: 3)))
      let erf = try maker.node("Erf", try maker.node("Div", y, maker.scalar(1.414_213_5)))
      return try maker.node("Mul", try maker.node("Mul", y, try maker.node("Add", erf, maker.scalar(1))), maker.scalar(0.5))
    },
    Network(testDescription: "a group normalisation as exporters write it", shape: [1, 4, 2, 3, 4]) { maker, x in
      let grouped = try maker.node("Reshape", x, maker.constant(.vector(0, 2, -1)))
      let normal = try maker.node(
        "InstanceNormalization", grouped, maker.constant(.float([2], [1, 1])), maker.constant(.float([2], [0, 0])))
      let back = try maker.node("Reshape", normal, maker.constant(.vector(1, 4, 2, 3, 4)))
      return try maker.node(
        "Add", try maker.node("Mul", back, maker.constant(.random([4, 1, 1, 1], seed: 1))), maker.constant(.random([4, 1, 1, 1], seed: 2)))
    },
    Network(testDescription: "changes of shape that undo each other", shape: [2, 3, 4]) { maker, x in
      let flat = try maker.node("Reshape", x, maker.constant(.vector(2, 12)))
      let turned = try maker.node("Transpose", try maker.node("Reshape", flat, maker.constant(.vector(2, 4, 3))), attributes: ["perm": .ints([0, 2, 1])])
      return try maker.node("Softmax", try maker.node("Transpose", turned, attributes: ["perm": .ints([0, 2, 1])]), attributes: ["axis": .int(-1)])
    },
  ]

  @Test(arguments: Pass.standard.indices, networks)
  func keepsTheNumbers(index: Int, network: Network) throws {
    var maker = GraphMaker()
    let x = maker.input()
    maker.output(try network.make(&maker, x))
    _ = try checked(maker.graph, [.random(network.shape, seed: 9)], tolerance: 5e-6) { graph in
      Pass.standard[index](Pass.standard[..<index].reduce(graph) { $1($0) })
    }
  }

  @Test func equalConvolutionsBecomeOneAndDeadNodesGo() throws {
    var maker = GraphMaker()
    let x = maker.input()
    maker.output(try Self.networks[1].make(&maker, x))
    let after = try checked(maker.graph, [.random(Self.networks[1].shape, seed: 9)], tolerance: 5e-6) { $0.simplified() }
    #expect(after.operations.count { $0 == "Conv" } == 1)
    #expect(!after.operations.contains("Exp"))
  }
}
