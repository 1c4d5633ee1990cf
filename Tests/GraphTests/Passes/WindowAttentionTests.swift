import Graph
import Testing

@Suite("Window attention", .tags(.pass))
struct WindowAttentionTests {
  /// How the same attention is written down.
  enum Style: Sendable, CaseIterable { case gather, split, einsum }

  private let heads = 2, size = 4

  /// `softmax(scale q kᵀ + bias + mask) v` of qkv packed as `[batch * windows, tokens, 3 * heads * size]`.
  private func attention(
    _ maker: inout GraphMaker, _ packed: ValueID, tokens: Int, bias: ValueID?, mask: ValueID?, windows: Int, style: Style
  ) throws -> ValueID {
    let n = Int64(tokens), h = Int64(heads), d = Int64(size)
    let parts: [ValueID]
    if style == .split {
      parts = try maker.nodes("Split", [packed, maker.constant(.vector(h * d, h * d, h * d))], outputs: 3, ["axis": .int(2)]).map { part in
        let split = try maker.node("Reshape", part, maker.constant(.vector(0, n, h, d)))
        return try maker.node("Transpose", split, attributes: ["perm": .ints([0, 2, 1, 3])])
      }
    } else {
      let split = try maker.node("Reshape", packed, maker.constant(.vector(-1, n, 3, h, d)))
      let moved = try maker.node("Transpose", split, attributes: ["perm": .ints([2, 0, 3, 1, 4])])
      parts = try (0..<3).map { try maker.node("Gather", moved, maker.constant(.int64([], [$0]))) }
    }
    var scores: ValueID
    if style == .einsum {
      scores = try maker.node("Einsum", parts[0], parts[1], attributes: ["equation": .string("blxd,blyd->blxy")])
      scores = try maker.node("Mul", scores, maker.scalar(0.5))
    } else {
      let keys = try maker.node("Transpose", parts[1], attributes: ["perm": .ints([0, 1, 3, 2])])
      scores = try maker.node("MatMul", try maker.node("Mul", parts[0], maker.scalar(0.5)), keys)
    }
    if let bias { scores = try maker.node("Add", scores, bias) }
    if let mask {
      scores = try maker.node("Reshape", scores, maker.constant(.vector(-1, Int64(windows), h, n, n)))
      scores = try maker.node("Add", scores, try maker.node("Unsqueeze", mask, maker.constant(.vector(0, 2))))
      scores = try maker.node("Reshape", scores, maker.constant(.vector(-1, h, n, n)))
    }
    let weights = try maker.node("Softmax", scores, attributes: ["axis": .int(-1)])
    let result =
      style == .einsum
      ? try maker.node("Einsum", weights, parts[2], attributes: ["equation": .string("bhxy,bhyd->bhxd")]) : try maker.node("MatMul", weights, parts[2])
    let merged = try maker.node("Transpose", result, attributes: ["perm": .ints([0, 2, 1, 3])])
    return try maker.node("Reshape", merged, maker.constant(.vector(0, n, h * d)))
  }

  @Test(arguments: Style.allCases, [1, 2])
  func becomesOneNode(style: Style, batch: Int) throws {
    var maker = GraphMaker()
    let windows = 3, tokens = 5
    // Regions of one, two and three kinds.
    let kinds = [[0, 0, 0, 0, 0], [0, 0, 1, 1, 0], [2, 1, 1, 2, 0]]
    let mask = kinds.flatMap { row in row.flatMap { a in row.map { a == $0 ? Float(0) : -100 } } }
    maker.output(
      try attention(
        &maker, maker.input(), tokens: tokens, bias: maker.constant(.random([1, heads, tokens, tokens], seed: 1)),
        mask: maker.constant(.float([windows, tokens, tokens], mask)), windows: windows, style: style))
    let x = Tensor.random([batch * windows, tokens, 3 * heads * size], seed: 2)
    let after = try checked(maker.graph, [x], tolerance: 2e-6) { $0.simplified() }
    #expect(after.operations == ["StridedAttention", "Reshape"])
    let operation = try after.only(StridedAttention.self)
    #expect(operation.scale == 0.5 && operation.penalty == -100)
    #expect(after.nodes[0].inputs.map { $0 == nil } == [false, false, false, false, true, false])
    try expectSameByHeads(operation, x)
  }

  /// Heads that are neighbours in rows of the tensor may lie one after the other; pieces that a row does not hold as a whole may not.
  private func expectSameByHeads(_ attention: StridedAttention, _ x: Tensor) throws {
    let columns = 3 * heads * size, rows = x.count / columns, moved = try #require(attention.byHeads(rows: rows, columns: columns))
    let byHeads = (0..<columns / size).flatMap { head in
      (0..<rows).flatMap { row in (0..<size).map { Float(x.doubles[row * columns + head * size + $0]) } }
    }
    let y = Tensor.float([columns / size, rows, size], byHeads)
    #expect(try moved.evaluate([y, y, y])[0].doubles == attention.evaluate([x, x, x])[0].doubles)
    for columns in [size, 10, 12] { #expect(attention.byHeads(rows: x.count / columns, columns: columns) == nil) }
  }

  /// A mask that is no partition stays a mask; without a transpose behind it, heads come first.
  @Test func takesAnyMask() throws {
    var maker = GraphMaker()
    let q = maker.input("q"), k = maker.input("k"), v = maker.input("v")
    let scores = try maker.node("MatMul", q, try maker.node("Transpose", k, attributes: ["perm": .ints([0, 1, 3, 2])]))
    let masked = try maker.node("Add", try maker.node("Div", scores, maker.scalar(2)), maker.constant(.random([2, 1, 3, 4], seed: 1)))
    maker.output(try maker.node("MatMul", try maker.node("Softmax", masked), v))
    let inputs: [Tensor] = [.random([2, 3, 3, 5], seed: 2), .random([2, 3, 4, 5], seed: 3), .random([2, 3, 4, 2], seed: 4)]
    let after = try checked(maker.graph, inputs, tolerance: 2e-6) { $0.simplified() }
    #expect(after.operations == ["StridedAttention"])
    #expect(after.nodes[0].inputs.map { $0 == nil } == [false, false, false, true, false, true])
  }

  /// Softmax over another axis, scores that are wanted too, and a scale after the bias are something else.
  @Test func leavesOtherProductsAlone() throws {
    for way in 0..<3 {
      var maker = GraphMaker()
      let q = maker.input("q"), k = maker.input("k")
      var scores = try maker.node("MatMul", q, k)
      if way == 2 { scores = try maker.node("Mul", try maker.node("Add", scores, maker.constant(.random([3, 4, 4], seed: 1))), maker.scalar(2)) }
      let weights = try maker.node("Softmax", scores, attributes: ["axis": .int(way == 0 ? 2 : 3)])
      maker.output(try maker.node("MatMul", weights, q))
      if way == 1 { maker.output(scores) }
      let after = try checked(maker.graph, [.random([2, 3, 4, 4], seed: 2), .random([2, 3, 4, 4], seed: 3)], tolerance: 2e-6) { $0.simplified() }
      #expect(!after.operations.contains("StridedAttention"))
    }
  }

  /// Masks from differences of region numbers, as MONAI computes them, too large to be worth storing.
  @Test func masksFromRegions() throws {
    let windows = 60, n = 140
    var maker = GraphMaker()
    let x = maker.input()
    let ids = (0..<windows * n).map { Float(($0 / n % 3) * ($0 % n / 50)) }
    let numbers = maker.constant(.float([windows, n], ids))
    let a = try maker.node("Unsqueeze", numbers, maker.constant(.vector(1))), b = try maker.node("Unsqueeze", numbers, maker.constant(.vector(2)))
    let difference = try maker.node("Sub", a, b), zero = maker.scalar(0)
    let same = try maker.node("Equal", difference, zero)
    let filled = try maker.node("Where", try maker.node("Not", same), maker.scalar(-100), difference)
    maker.output(try maker.node("Add", x, try maker.node("Where", same, zero, filled)))
    let special = try maker.graph.specialised(to: [[1]])
    #expect(special.operations == ["Sub", "Equal", "Not", "Where", "Where", "Add"])
    let after = special.withRecognisedMasks()
    #expect(after.operations == ["RegionMask", "Add"])
    let mask = try after.evaluate([.float([1], [1])])[0].floats ?? []
    #expect(mask.count == windows * n * n)
    #expect(mask.indices.allSatisfy { mask[$0] == (ids[$0 / (n * n) * n + $0 / n % n] == ids[$0 / (n * n) * n + $0 % n] ? 1 : -99) })
    #expect(after.withFoldedConstants().operations == ["Add"])
  }

  /// Pad, roll along two axes, cut into windows; put together, roll back, crop.
  @Test(arguments: [1, 2])
  func movementOfWindowsBecomesOneGather(batch: Int) throws {
    var maker = GraphMaker()
    var y = try maker.node("Pad", maker.input(), maker.constant(.vector(0, 0, 0, 0, 0, 1, 0, 0)))
    func roll(_ y: ValueID, axis: Int64, by shift: Int64) throws -> ValueID {
      let axes = maker.constant(.vector(axis))
      let last = try maker.node("Slice", y, maker.constant(.vector(shift)), maker.constant(.vector(.max)), axes)
      let first = try maker.node("Slice", y, maker.constant(.vector(0)), maker.constant(.vector(shift)), axes)
      return try maker.nodes("Concat", [last, first], outputs: 1, ["axis": .int(axis)])[0]
    }
    y = try roll(try roll(y, axis: 1, by: 1), axis: 2, by: -1)
    y = try maker.node("Reshape", y, maker.constant(.vector(0, 3, 2, 2, 2, 4)))
    y = try maker.node("Transpose", y, attributes: ["perm": .ints([0, 1, 3, 2, 4, 5])])
    y = try maker.node("Relu", try maker.node("Reshape", y, maker.constant(.vector(-1, 4, 4))))
    y = try maker.node("Reshape", y, maker.constant(.vector(Int64(batch), 3, 2, 2, 2, 4)))
    y = try maker.node("Transpose", y, attributes: ["perm": .ints([0, 1, 3, 2, 4, 5])])
    y = try roll(try maker.node("Reshape", y, maker.constant(.vector(0, 6, 4, 4))), axis: 1, by: -1)
    maker.output(try maker.node("Slice", y, maker.constant(.vector(0)), maker.constant(.vector(5)), maker.constant(.vector(1))))
    let after = try checked(maker.graph, [.random([batch, 5, 4, 4], seed: 1)], tolerance: 0) { $0.simplified() }
    #expect(after.operations == ["RunGather", "Relu", "RunGather"])
  }

  /// One node that moves is best left as it is, and so is what does not move whole rows.
  @Test func leavesSingleMovesAlone() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let single = try maker.node("Transpose", x, attributes: ["perm": .ints([1, 0, 2])])
    let columns = try maker.node("Slice", single, maker.constant(.vector(1)), maker.constant(.vector(.max)), maker.constant(.vector(2)))
    maker.output(try maker.node("Relu", single), try maker.node("Relu", columns))
    let after = try checked(maker.graph, [.random([3, 2, 5], seed: 1)], tolerance: 0) { $0.simplified() }
    #expect(!after.operations.contains("RunGather"))
  }

  @Test func consecutiveTransposesAreOne() throws {
    var maker = GraphMaker()
    let x = maker.input()
    let a = try maker.node("Transpose", x, attributes: ["perm": .ints([0, 3, 1, 2])])
    let back = try maker.node("Transpose", a, attributes: ["perm": .ints([0, 2, 3, 1])])
    let other = try maker.node("Transpose", a, attributes: ["perm": .ints([1, 0, 3, 2])])
    maker.output(try maker.node("Relu", back), try maker.node("Exp", other))
    let after = try checked(maker.graph, [.random([2, 3, 4, 5], seed: 1)], tolerance: 0) { $0.withCanonicalForms() }
    #expect(after.operations == ["Transpose", "Relu", "Exp"])
    #expect(try after.only(Transpose.self).permutation == [3, 0, 2, 1])
  }
}
