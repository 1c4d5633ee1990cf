import Graph
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite("Reduction", .tags(.operator))
struct ReductionTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    let name: String
    /// The opset from which axes are an input.
    let asInput: Int
    let formula: @Sendable ([Double]) -> Double
    var testDescription: String { name }
  }

  static let kinds = [
    Kind(name: "ReduceSum", asInput: 13) { $0.reduce(0, +) },
    Kind(name: "ReduceMean", asInput: 18) { $0.reduce(0, +) / Double($0.count) },
    Kind(name: "ReduceMax", asInput: 18) { $0.sorted()[$0.count - 1] },
    Kind(name: "ReduceMin", asInput: 18) { $0.sorted()[0] },
    Kind(name: "ReduceProd", asInput: 18) { $0.reduce(1, *) },
    Kind(name: "ReduceL1", asInput: 18) { $0.map { $0.magnitude }.reduce(0, +) },
    Kind(name: "ReduceL2", asInput: 18) { $0.map { $0 * $0 }.reduce(0, +).squareRoot() },
    Kind(name: "ReduceSumSquare", asInput: 18) { $0.map { $0 * $0 }.reduce(0, +) },
    Kind(name: "ReduceLogSum", asInput: 18) { log($0.reduce(0, +)) },
    Kind(name: "ReduceLogSumExp", asInput: 18) { log($0.map { exp($0) }.reduce(0, +)) },
  ]

  static let axes: [[Int64]] = [[], [0], [-1], [1, 2], [2, 0], [-3, 1, 2]]

  /// Every element goes to the list of the result that its kept indices name; both definitions of the axes, with and without keeping them.
  @Test(arguments: kinds, axes)
  func equalsTheFormula(kind: Kind, axes: [Int64]) throws {
    let shape = [2, 3, 4], x = Tensor.float(shape, Tensor.random(shape, seed: 7).floats!.map { abs($0) + 0.25 })
    let reduced = Set((axes.isEmpty ? [0, 1, 2] : axes).map { Int(($0 + 3) % 3) })
    let small = shape.indices.map { reduced.contains($0) ? 1 : shape[$0] }
    var lists = [[Double]](repeating: [], count: small.reduce(1, *)), at = 0
    withEachIndex(of: shape) { index in
      lists[flat(zip(index, small).map { $1 == 1 ? 0 : $0 }, in: small)!].append(x.doubles[at])
      at += 1
    }
    let want = lists.map(kind.formula)
    for keeps in [true, false] {
      let keep: [String: Attribute] = ["keepdims": .int(keeps ? 1 : 0)]
      let old = try SingleNode(kind.name, opset: kind.asInput - 1, inputs: 1, axes.isEmpty ? keep : keep.merging(["axes": .ints(axes)]) { $1 })
      let new = try SingleNode(kind.name, opset: kind.asInput, inputs: 2, keep)
      for y in [try old(x)[0], try new(x, .int64([axes.count], axes))[0], axes.isEmpty ? try new(x, nil)[0] : try old(x)[0]] {
        #expect(y.shape == (keeps ? small : shape.indices.filter { !reduced.contains($0) }.map { shape[$0] }))
        for (got, want) in zip(y.doubles, want) { #expect(abs(got - want) <= 6.1e-8 * abs(want)) }  // one rounding to float
      }
    }
  }

  /// No axis at all: the sums vanish, the functions around them stay.
  @Test(arguments: kinds)
  func noAxis(kind: Kind) throws {
    let x = Tensor.float([2, 2], [0.5, 2, 3, 4])
    let y = try SingleNode(kind.name, opset: 18, inputs: 2, ["noop_with_empty_axes": .int(1), "keepdims": .int(0)])(x, .int64([0], []))[0]
    #expect(y.shape == [2, 2])
    for (got, value) in zip(y.doubles, x.doubles) { #expect(abs(got - kind.formula([value])) < 2.5e-7) }
  }

  @Test(arguments: [
    ("ReduceSum", 0), ("ReduceProd", 1), ("ReduceMax", -.infinity), ("ReduceMin", .infinity), ("ReduceL1", 0), ("ReduceL2", 0),
    ("ReduceSumSquare", 0), ("ReduceLogSum", -.infinity), ("ReduceLogSumExp", -.infinity),
  ] as [(String, Float)])
  func ofNothing(name: String, want: Float) throws {
    let y = try SingleNode(name, opset: 28, inputs: 2)(.float([2, 0, 3], []), .vector(1))[0]
    #expect(y == .float([2, 1, 3], [Float](repeating: want, count: 6)))
  }

  @Test func aScalarReducesToItself() throws {
    #expect(try SingleNode("ReduceSum", opset: 13, inputs: 1)(.float([], [3]))[0] == .float([], [3]))
    #expect(try SingleNode("ReduceMean", opset: 18, inputs: 1)(.float([], [3]))[0] == .float([], [3]))
  }

  @Test func sumsDoNotCancel() throws {
    let x = Tensor.float([4], [1e8, 1, -1e8, 1])
    #expect(try SingleNode("ReduceSum", opset: 11, inputs: 1)(x)[0].floats == [2])
    #expect(try SingleNode("ReduceMean", opset: 11, inputs: 1)(x)[0].floats == [0.5])
  }

  @Test func exponentialsDoNotOverflow() throws {
    let node = try SingleNode("ReduceLogSumExp", opset: 13, inputs: 1)
    #expect(try node(.double([2], [1000, 1000]))[0].doubles == [1000 + log(2)])
    #expect(try node(.float([2], [-.infinity, -.infinity]))[0].floats == [-.infinity])
    #expect(try node(.float([2], [.infinity, 0]))[0].floats == [.infinity])
    #expect(try node(.float([2], [.nan, 0]))[0].floats?[0].isNaN == true)
  }

  @Test func integersAreExact() throws {
    let big: Int64 = 1 << 60
    let x = Tensor.int64([3], [big + 1, -big, -7])
    for (name, want) in [
      ("ReduceSum", -6), ("ReduceMean", -2), ("ReduceMax", big + 1), ("ReduceMin", -big), ("ReduceProd", (big + 1) &* -big &* -7),
      ("ReduceL1", 2 * big + 8),
    ] as [(String, Int64)] {
      #expect(try SingleNode(name, opset: 11, inputs: 1)(x)[0].integers == [want], "\(name)")
    }
    let small = Tensor.int64([3], [3, -4, 0])
    #expect(try SingleNode("ReduceL2", opset: 11, inputs: 1)(small)[0].integers == [5])
    #expect(try SingleNode("ReduceSumSquare", opset: 11, inputs: 1)(small)[0].integers == [25])
  }

  @Test func unsignedAndBoolean() throws {
    let x = Tensor(TensorType(.uint64, [2]), .integers([-1, 5]))  // 2^64 - 1 and 5
    #expect(try SingleNode("ReduceMax", opset: 13, inputs: 1)(x)[0].integers == [-1])
    #expect(try SingleNode("ReduceMin", opset: 13, inputs: 1)(x)[0].integers == [5])
    #expect(try SingleNode("ArgMax", opset: 13, inputs: 1)(x)[0].integers == [0])
    let flags = Tensor(TensorType(.bool, [2, 2]), .integers([1, 0, 1, 1]))
    #expect(try SingleNode("ReduceMin", opset: 20, inputs: 2, ["keepdims": .int(0)])(flags, .vector(1))[0].integers == [0, 1])
    #expect(try SingleNode("ReduceMax", opset: 20, inputs: 2)(Tensor(TensorType(.bool, [0, 1]), .integers([])), .vector(0))[0].integers == [0])
    let narrow = Tensor(TensorType(.int8, [2]), .integers([100, 100]))
    #expect(try SingleNode("ReduceSum", opset: 13, inputs: 1)(narrow)[0].integers == [-56])
  }

  @Test func positions() throws {
    let x = Tensor.float([2, 3], [2, 9, 9, 5, -1, -1])
    for (name, attributes, shape, want) in [
      ("ArgMax", [:], [1, 3], [1, 0, 0]), ("ArgMax", ["axis": .int(1), "keepdims": .int(0)], [2], [1, 0]),
      ("ArgMax", ["axis": .int(-1), "select_last_index": .int(1)], [2, 1], [2, 0]), ("ArgMin", ["axis": .int(1)], [2, 1], [0, 1]),
      ("ArgMin", ["axis": .int(1), "select_last_index": .int(1)], [2, 1], [0, 2]),
    ] as [(String, [String: Attribute], [Int], [Int64])] {
      #expect(try SingleNode(name, opset: 13, inputs: 1, attributes)(x)[0] == .int64(shape, want), "\(name) \(attributes)")
    }
    let nan = Tensor.float([4], [1, .nan, 3, .nan])
    #expect(try SingleNode("ArgMax", opset: 13, inputs: 1)(nan)[0].integers == [1])
    #expect(try SingleNode("ArgMin", opset: 13, inputs: 1, ["select_last_index": .int(1)])(nan)[0].integers == [3])
    let empty = Operand(TensorType(.float32, [0, 2]))
    let error = try #require(throws: GraphError.self) { try SingleNode("ArgMax", opset: 13, inputs: 1).operation.outputs(of: [empty]) }
    #expect(error.reason == "axis 0 of [0, 2] is empty: nothing to choose from")
  }

  @Test func refuses() throws {
    let x = Operand(TensorType(.float32, [2, 3])), node = try SingleNode("ReduceMean", opset: 18, inputs: 2)
    #expect(
      try #require(throws: GraphError.self) { try node.operation.outputs(of: [x, Operand(.vector(0, -2))]) }.reason
        == "axis -2 occurs twice in [0, -2]")
    #expect(
      try #require(throws: GraphError.self) { try node.operation.outputs(of: [x, Operand(.vector(2))]) }.reason
        == "axis 2 does not exist in rank 2")
    let unknown = try #require(throws: GraphError.self) { try node.operation.outputs(of: [x, Operand(TensorType(.int64, [1]))]) }
    #expect(unknown.remedy?.hasPrefix("export the model with other settings") == true)
    #expect(throws: GraphError.self) { try SingleNode("ReduceMean", opset: 13, inputs: 2) }
    #expect(try node.operation.outputs(of: [x, Operand(TensorType(.int64, [0]))])[0].shape == [1, 1])  // no values, hence known
  }
}
