import Graph
import Testing

@Suite("Specialise", .tags(.pass))
struct SpecialiseTests {
  /// `y = reshape(x, [shape(x)[0], -1]) + range(...)`: everything but Reshape and Add follows from the shape of x.
  @Test func foldsShapeArithmetic() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let shape = try maker.node("Shape", x), zero = maker.constant(.int64([], [0])), one = maker.constant(.int64([], [1]))
    let batch = try maker.node("Unsqueeze", try maker.node("Gather", shape, zero), maker.constant(.vector(0)))
    let target = try maker.nodes("Concat", [batch, maker.constant(.vector(-1))], outputs: 1, ["axis": .int(0)])[0]
    let flat = try maker.node("Reshape", x, target)
    let count = try maker.node("Gather", try maker.node("Shape", flat), one)
    let numbers = try maker.node("Cast", try maker.node("Range", zero, count, one), attributes: ["to": .int(1)])
    maker.output(try maker.node("Add", flat, numbers))
    let special = try maker.graph.specialised(to: [[2, 3, 4]])
    #expect(special.operations == ["Reshape", "Add"])
    #expect(special[special.outputs[0]].type == TensorType(.float32, [2, 12]))
    let y = try special.evaluate([.float([2, 3, 4], [Float](repeating: 10, count: 24))])[0]
    #expect(y.floats == (0..<24).map { 10 + Float($0 % 12) })
  }

  @Test func dropsNodesThatHandTheirInputOn() throws {
    var maker = GraphMaker()
    let x = maker.input()
    var y = try maker.node("Identity", x)
    y = try maker.node("Dropout", y)
    y = try maker.node("Cast", y, attributes: ["to": .int(1)])
    y = try maker.node("Transpose", y, attributes: ["perm": .ints([1, 0, 2])])  // moves an axis of length one
    y = try maker.node("Transpose", y, attributes: ["perm": .ints([1, 0, 2])])
    y = try maker.node("Transpose", y, attributes: ["perm": .ints([0, 1, 2])])
    y = try maker.node("Expand", y, maker.constant(.vector(1, 1)))
    y = try maker.node("Pad", y, maker.constant(.vector(0, 0, 0, 0, 0, 0)))
    y = try maker.node("Slice", y, maker.constant(.vector(0)), maker.constant(.vector(.max)))
    y = try maker.node("Tile", y, maker.constant(.vector(1, 1, 1)))
    y = try maker.nodes("Concat", [y], outputs: 1, ["axis": .int(0)])[0]
    maker.output(try maker.node("Relu", y))
    let special = try maker.graph.specialised(to: [[1, 2, 3]])
    #expect(special.operations == ["Transpose", "Transpose", "Relu"])
    #expect(special.values.count == 4)
  }

  /// An output that would be another value keeps its own name by a copy.
  @Test func keepsTheNamesOfOutputs() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let copy = try maker.node("Identity", x), constant = try maker.node("Identity", maker.scalar(3)), relu = try maker.node("Relu", x)
    maker.output(copy, constant, relu, try maker.node("Identity", relu))
    let special = try maker.graph.specialised(to: [[2]])
    #expect(special.outputs.map { special[$0].name } == maker.graph.outputs.map { maker.graph[$0].name })
    #expect(special.operations == ["Relu", "Identity", "Identity"])
    #expect(try special.evaluate([.float([2], [-1, 2])]).map(\.floats) == [[-1, 2], [3], [0, 2], [0, 2]])
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let declared: [Dimension]?
    let given: [[Int]]
    let message: String
    var testDescription: String { message }
  }

  @Test(arguments: [
    Refusal(
      declared: [.named("batch"), .known(1), .known(96)], given: [[1, 1, 64]],
      message: "input 'x': the model declares shape [batch, 1, 96], [1, 1, 64] was given"),
    Refusal(declared: [.unknown, .known(1)], given: [[1, 1, 1]], message: "input 'x': the model declares shape [?, 1], [1, 1, 1] was given"),
    Refusal(declared: nil, given: [], message: "the network has 1 inputs, 0 shapes were given"),
    Refusal(declared: nil, given: [[1 << 40]], message: "input 'x': a tensor of shape [1099511627776] is absurd"),
  ])
  func refusesShapesThatTheModelExcludes(refusal: Refusal) throws {
    var maker = GraphMaker()
    let x = maker.input()
    maker.output(try maker.node("Relu", x))
    var graph = maker.graph
    graph[x].declared = (.float32, refusal.declared)
    let error = #expect(throws: GraphError.self) { try graph.specialised(to: refusal.given) }
    #expect(error?.message == refusal.message)
  }

  @Test func namesTheNodeThatRefusesAShape() throws {
    var maker = GraphMaker()
    let x = maker.input(), y = maker.input("y")
    maker.output(try maker.node("Add", x, y))
    let error = #expect(throws: GraphError.self) { try maker.graph.specialised(to: [[2, 3], [4]]) }
    #expect(error?.message == "node 'Add0' (Add): shapes [2, 3] and [4] do not broadcast")
    #expect(error.map { if case .shape = $0 { true } else { false } } == true)
  }

  /// Shapes that depend on the values of an input need them beforehand.
  @Test func takesValuesOfInputs() throws {
    var maker = GraphMaker()
    let x = maker.input(), shape = maker.input("shape", .int64)
    maker.output(try maker.node("Reshape", x, shape))
    let error = #expect(throws: GraphError.self) { try maker.graph.specialised(to: [[6], [2]]) }
    #expect(error?.message.contains("known only when the network runs") == true)
    let special = try maker.graph.specialised(to: [[6], [2]], constants: [1: .vector(2, 3)])
    #expect(special[special.outputs[0]].type?.shape == [2, 3])
    #expect(special.inputs.count == 2)
    let data = Tensor.random([6], seed: 1)
    #expect(try special.evaluate([data, .vector(2, 3)])[0].floats == data.floats)
  }

  /// A few bytes of file that ask for terabytes: neither memory nor time is spent on them.
  @Test func doesNotComputeHugeConstants() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let big = try maker.node("ConstantOfShape", maker.constant(.vector(1 << 20, 1 << 19)))
    maker.output(try maker.node("Add", x, big))
    let special = try maker.graph.specialised(to: [[1]])
    #expect(special.operations == ["ConstantOfShape", "Add"])
    let error = #expect(throws: GraphError.self) { try special.evaluate([.float([1], [1])]) }
    #expect(error?.message.contains("too large for reference evaluation") == true)
    var absurd = GraphMaker()
    absurd.output(try absurd.node("ConstantOfShape", absurd.constant(.vector(1 << 31, 1 << 31))))
    #expect(throws: GraphError.self) { try absurd.graph.specialised(to: []) }
  }

  @Test func dropsWhatNoOutputNeeds() throws {
    var maker = GraphMaker()
    let x = maker.input(), y = maker.input("unused")
    let parts = try maker.nodes("Split", [x, maker.constant(.vector(1, 2))], outputs: 2)
    _ = try maker.node("Exp", parts[1])
    _ = try maker.node("Exp", y)
    maker.output(try maker.node("Neg", parts[0]))
    let live = maker.graph.withoutDeadCode()
    #expect(live.operations == ["Split", "Neg"])
    #expect(live.inputs.count == 2)
    #expect(try live.evaluate([.float([3], [1, 2, 3]), .float([1], [0])])[0].floats == [-1])
  }
}
