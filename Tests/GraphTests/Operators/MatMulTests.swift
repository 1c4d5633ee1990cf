import Graph
import Testing

@Suite("MatMul", .tags(.operator))
struct MatMulTests {
  @Test(arguments: [
    ([2, 3], [3, 4], [2, 4]), ([3], [3, 2], [2]), ([2, 3], [3], [2]), ([3], [3], []), ([1, 1], [1, 1], [1, 1]), ([2, 0], [0, 2], [2, 2]),
    ([5, 2, 3], [3, 2], [5, 2, 2]), ([5, 2, 3], [5, 3, 2], [5, 2, 2]), ([2, 3], [4, 3, 2], [4, 2, 2]), ([3], [4, 3, 2], [4, 2]),
    ([2, 1, 2, 3], [1, 4, 3, 5], [2, 4, 2, 5]), ([4, 2, 3], [2, 1, 3, 1], [2, 4, 2, 1]), ([4, 2, 3], [3], [4, 2]),
  ])
  func equalsTheSums(a: [Int], b: [Int], shape: [Int]) throws {
    let x = Tensor.random(a, seed: 1), y = Tensor.random(b, seed: 2)
    let z = try SingleNode("MatMul", opset: 13, inputs: 2)(x, y)[0]
    #expect(z.shape == shape)
    // As if both were stacks of matrices; the result's missing axes are found as index 0.
    let left = a.count == 1 ? [1] + a : a, right = b.count == 1 ? b + [1] : b
    let full = Array(shape.dropLast((a.count == 1 ? 0 : 1) + (b.count == 1 ? 0 : 1))) + [left[left.count - 2], right[right.count - 1]]
    var at = 0
    withEachIndex(of: full) { out in
      let over = { (operand: [Int], row: Int, column: Int) -> [Int] in
        let axes = operand.count - 2
        return (0..<axes).map { operand[$0] == 1 ? 0 : out[out.count - 2 - axes + $0] } + [row, column]
      }
      let want = (0..<left[left.count - 1]).reduce(0.0) {
        $0 + x.doubles[flat(over(left, out[out.count - 2], $1), in: left)!] * y.doubles[flat(over(right, $1, out[out.count - 1]), in: right)!]
      }
      #expect(z.doubles[at] == want, "at \(out)")  // exact: see Tensor.random
      at += 1
    }
    #expect(at == z.count)
  }

  @Test func integersWrap() throws {
    let a = Tensor(TensorType(.int32, [1, 2]), .integers([1 << 30, 3])), b = Tensor(TensorType(.int32, [2, 1]), .integers([2, 5]))
    #expect(try SingleNode("MatMul", opset: 13, inputs: 2)(a, b)[0].integers == [Int64(Int32.min) + 15])
    let wide = Tensor.int64([1, 2], [.max, 1])
    #expect(try SingleNode("MatMul", opset: 13, inputs: 2)(wide, .int64([2, 1], [1, 1]))[0].integers == [.min])
  }

  @Test(arguments: [
    ([2, 3], [4, 2], "operands [2, 3] and [4, 2]: 3 columns meet 4 rows"), ([], [2], "operands [] and [2]: scalars have no matrix product"),
    ([2, 2, 3], [3, 3, 2], "operands [2, 2, 3] and [3, 3, 2]: batch axes 2 and 3 differ"),
  ])
  func refuses(a: [Int], b: [Int], reason: String) throws {
    let node = try SingleNode("MatMul", opset: 13, inputs: 2)
    let error = try #require(throws: GraphError.self) {
      try node.operation.outputs(of: [Operand(TensorType(.float32, a)), Operand(TensorType(.float32, b))])
    }
    #expect(error.reason == reason)
  }
}

@Suite("Gemm", .tags(.operator))
struct GemmTests {
  static let a = Tensor.float([2, 3], [1, 2, 3, 4, 5, 6]), b = Tensor.float([3, 2], [1, 0, 0, 1, 1, 1])
  static let aTransposed = Tensor.float([3, 2], [1, 4, 2, 5, 3, 6]), bTransposed = Tensor.float([2, 3], [1, 0, 1, 0, 1, 1])

  /// A B is [[4, 5], [10, 11]].
  @Test(arguments: [false, true], [false, true])
  func transposes(left: Bool, right: Bool) throws {
    let node = try SingleNode("Gemm", opset: 13, inputs: 2, ["transA": .int(left ? 1 : 0), "transB": .int(right ? 1 : 0), "alpha": .float(2)])
    #expect(try node(left ? Self.aTransposed : Self.a, right ? Self.bTransposed : Self.b)[0].floats == [8, 10, 20, 22])
  }

  @Test(arguments: [
    ([], [10], [9, 10, 15, 16]), ([1], [10], [9, 10, 15, 16]), ([2], [10, 20], [9, 15, 15, 21]), ([1, 2], [10, 20], [9, 15, 15, 21]),
    ([2, 1], [10, 20], [9, 10, 20, 21]), ([2, 2], [10, 20, 30, 40], [9, 15, 25, 31]),
  ] as [([Int], [Float], [Float])])
  func addsC(shape: [Int], c: [Float], want: [Float]) throws {
    let node = try SingleNode("Gemm", opset: 11, inputs: 3, ["beta": .float(0.5)])
    #expect(try node(Self.a, Self.b, .float(shape, c))[0].floats == want)
  }

  @Test func oldDefinitionBroadcastsOnRequest() throws {
    let c = Tensor.float([2], [1, 2])
    #expect(try SingleNode("Gemm", opset: 6, inputs: 3, ["broadcast": .int(1)])(Self.a, Self.b, c)[0].floats == [5, 7, 11, 13])
    #expect(throws: GraphError.self) { try SingleNode("Gemm", opset: 6, inputs: 3)(Self.a, Self.b, c) }
  }

  @Test func integers() throws {
    let a = Tensor.int64([1, 2], [3, 4]), b = Tensor.int64([1, 2], [5, 6])
    let node = try SingleNode("Gemm", opset: 13, inputs: 3, ["transB": .int(1)])
    #expect(try node(a, b, .int64([], [1]))[0].integers == [40])
    let scaled = try SingleNode("Gemm", opset: 13, inputs: 3, ["alpha": .float(0.5)])
    #expect(throws: GraphError.self) { try scaled.operation.outputs(of: [Operand(a), Operand(.int64([2, 1], [1, 1]))]) }
  }

  @Test func refuses() throws {
    let node = try SingleNode("Gemm", opset: 13, inputs: 3)
    let type = { (shape: [Int]) in Operand(TensorType(.float32, shape)) }
    for (inputs, reason) in [
      ([type([2, 3]), type([2, 3])], "operands [2, 3] and [2, 3]: 3 columns meet 2 rows"),
      ([type([1, 2, 3]), type([3, 2])], "operands [1, 2, 3] and [3, 2] are not matrices"),
      ([type([2, 3]), type([3, 2]), type([3])], "input 'C' of shape [3] does not broadcast to [2, 2]"),
      ([type([2, 3]), Operand(TensorType(.float64, [3, 2]))], "operands are float and double; both must be of one type"),
    ] {
      #expect(try #require(throws: GraphError.self) { try node.operation.outputs(of: inputs) }.reason == reason)
    }
  }
}
