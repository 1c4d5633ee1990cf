import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Small networks whose plans take the compiler's turns: fusions, joins, layouts, in-place results.
enum PlanCase: String, CaseIterable, Sendable {
  case residualUnit, sharedNormalization, preactivation, upPath, joinedTwice, narrowJoin, batchNorm, offsets, gates, pooled, resized, attention, manyWindows
  case linear, movement, reductions, groupNorm, softmaxHead, zeroGamma, sumOfThree, windowBlock, sharedProduct, chainedProducts, twins, padded, tiled

  /// Largest difference, relative to the rms of the result. An offset of 3000 deviations is a shift that is rounded to 2^-24 of itself,
  /// 1.8e-4, and the input is as coarse.
  var tolerance: Double { self == .offsets ? 4e-4 : 1e-4 }

  func graph() throws -> (graph: Graph, shapes: [[Int]]) {
    var n = NetworkBuilder(seed: UInt64(rawValue.count * 31 + 7))
    let x = n.input("x")
    switch self {
    case .residualUnit:
      let a = try n.instanceNorm(n.convolution(x, 1, 20, stride: 2), 20), b = try n.node("PRelu", [a, n.constant([20, 1, 1, 1])])
      let y = try n.node("Add", [b, n.convolution(x, 1, 20, stride: 2)])
      return (n.finish([try n.convolution(y, 20, 20)]), [[2, 1, 16, 18, 20]])
    case .twins:
      // Convolutions of stride 2 of one input share its transform.
      let stem = try n.convolution(x, 1, 9)
      let a = try n.node("Relu", [n.instanceNorm(n.convolution(stem, 9, 20, stride: 2), 20)])
      let y = try n.node("Add", [a, n.convolution(stem, 9, 20, stride: 2)]), z = try n.node("Relu", [n.convolution(stem, 9, 33, stride: 2)])
      return (n.finish([y, try n.convolution(z, 33, 3)]), [[2, 1, 16, 18, 20]])
    case .sharedNormalization:
      let a = try n.node("LeakyRelu", [n.instanceNorm(n.convolution(x, 3, 16), 16)])
      let b = try n.node("LeakyRelu", [n.instanceNorm(n.convolution(a, 16, 16), 16)])
      let sum = try n.node("Add", [a, b])
      return (n.finish([try n.node("Relu", [sum]), a]), [[1, 3, 9, 8, 10]])
    case .preactivation:
      let stem = try n.convolution(x, 2, 17)
      let a = try n.convolution(n.node("Relu", [n.instanceNorm(stem, 17)]), 17, 17)
      let b = try n.convolution(n.node("Relu", [n.instanceNorm(a, 17)]), 17, 17)
      return (n.finish([try n.node("Add", [b, stem])]), [[1, 2, 8, 9, 11]])
    case .upPath:
      let skip = try n.convolution(x, 1, 24), down = try n.convolution(skip, 24, 40, stride: 2)
      let up = try n.upsampling(down, 40, 24), joined = try n.node("Concat", [skip, up], ["axis": .int(1)])
      return (n.finish([try n.upsampling(n.convolution(joined, 48, 8), 8, 6)]), [[1, 1, 8, 12, 10]])
    case .joinedTwice:
      let a = try n.convolution(x, 1, 16), b = try n.convolution(a, 16, 16)
      let first = try n.node("Concat", [a, b], ["axis": .int(1)]), c = try n.convolution(first, 32, 16)
      let second = try n.node("Concat", [a, b, c], ["axis": .int(1)])
      return (n.finish([try n.convolution(second, 48, 5), try n.node("Relu", [a])]), [[2, 1, 8, 8, 9]])
    case .narrowJoin:
      let a = try n.convolution(x, 1, 4), b = try n.convolution(a, 4, 11), c = try n.node("Concat", [a, b, a], ["axis": .int(1)])
      return (n.finish([try n.convolution(c, 19, 3)]), [[1, 1, 5, 6, 7]])
    case .batchNorm:
      let a = try n.convolution(x, 1, 12), s = n.constant([12], scale: 0.1, shift: 1)
      let b = try n.node("BatchNormalization", [a, s, n.constant([12]), n.constant([12]), n.constant([12], scale: 0.1, shift: 2)])
      return (n.finish([try n.convolution(n.node("Relu", [b]), 12, 12), try n.node("Sigmoid", [b])]), [[1, 1, 9, 9, 9]])
    case .offsets:
      // A mean thousands of times the deviation must not cost digits of the deviation.
      let shifted = try n.node("Add", [x, n.constant([1, 8, 1, 1, 1], scale: 10, shift: 3000)])
      return (n.finish([try n.convolution(n.instanceNorm(shifted, 8), 8, 9)]), [[1, 8, 9, 8, 10]])
    case .gates:
      let a = try n.convolution(x, 1, 18), pooled = try n.node("GlobalAveragePool", [a])
      let gate = try n.node("Sigmoid", [n.convolution(pooled, 18, 18, kernel: 1)])
      return (n.finish([try n.node("Mul", [a, gate]), try n.node("Sub", [n.constant([1]), a])]), [[2, 1, 5, 6, 7]])
    case .pooled:
      let a = try n.convolution(x, 1, 9)
      let kernel: [String: Attribute] = ["kernel_shape": .ints([2, 3, 3]), "strides": .ints([2, 1, 2]), "pads": .ints([0, 1, 1, 1, 1, 0])]
      return (n.finish([try n.node("MaxPool", [a], kernel), try n.node("AveragePool", [a], kernel)]), [[1, 1, 6, 7, 8]])
    case .resized:
      let a = try n.convolution(x, 1, 10), scales = n.floats([1, 1, 2, 1.5, 3])
      let linear = try n.node("Resize", [a, nil, scales], ["mode": .string("linear"), "coordinate_transformation_mode": .string("align_corners")])
      return (n.finish([linear, try n.node("Resize", [a, nil, scales], ["mode": .string("nearest")])]), [[1, 1, 4, 6, 5]])
    case .attention:
      let q = try n.node("MatMul", [x, n.constant([12, 8])]), k = try n.node("MatMul", [x, n.constant([12, 8])]), v = try n.node("MatMul", [x, n.constant([12, 5])])
      let scores = try n.node("MatMul", [q, n.node("Transpose", [k], ["perm": .ints([0, 1, 3, 2])])])
      let masked = try n.node("Add", [n.node("Add", [scores, n.constant([3, 21, 21])]), n.constant([4, 1, 21, 21])])
      return (n.finish([try n.node("MatMul", [n.node("Softmax", [masked], ["axis": .int(-1)]), v])]), [[4, 3, 21, 12]])
    case .manyWindows:
      // More windows than a task takes; heads with few numbers and with many.
      let heads = try [(8, 5), (20, 17)].map { size, value in
        let q = try n.node("MatMul", [x, n.constant([6, size])]), k = try n.node("MatMul", [x, n.constant([6, size])])
        let scores = try n.node("MatMul", [q, n.node("Transpose", [k], ["perm": .ints([0, 1, 3, 2])])])
        return try n.node("MatMul", [n.node("Softmax", [scores], ["axis": .int(-1)]), n.node("MatMul", [x, n.constant([6, value])])])
      }
      return (n.finish(heads), [[19, 2, 18, 6]])
    case .linear:
      let a = try n.node("Add", [n.node("MatMul", [x, n.constant([13, 29])]), n.constant([29])])
      let b = try n.node("LayerNormalization", [n.node("Gelu", [a], opset: 20), n.constant([29]), n.constant([29])])
      return (n.finish([try n.node("Mul", [b, n.constant([3, 1, 29])])]), [[2, 3, 17, 13]])
    case .movement:
      let a = try n.node("Transpose", [x], ["perm": .ints([0, 2, 3, 4, 1])]), b = try n.node("Reshape", [a, n.integers([2, -1, 9])])
      let c = try n.node("Slice", [b, n.integers([-1]), n.integers([-100]), n.integers([1]), n.integers([-2])])
      let d = try n.node("Pad", [c, n.integers([0, 1, 2, 0, 3, 1])]), e = try n.node("Concat", [d, d], ["axis": .int(2)])
      return (n.finish([try n.node("Gather", [e, n.integers([3, -1, 0])], ["axis": .int(1)]), try n.node("Expand", [c, n.integers([2, 1, 1])])]), [[2, 9, 3, 4, 5]])
    case .padded:
      // Edges, mirrors and rounds with crops among them, and a constant that crops: all without plain loops.
      let a = try n.convolution(x, 1, 6), pads = n.integers([0, 0, 1, 0, -1, 0, 0, 2, 3, 1])
      let modes = try ["edge", "reflect", "wrap", "constant"].map { try n.node("Pad", [a, pads, nil], opset: 19, ["mode": .string($0)]) }
      return (n.finish(modes + [try n.node("Pad", [a, pads, n.add(Tensor(TensorType(.float32, []), .floats([2.5])))])]), [[2, 1, 5, 4, 6]])
    case .tiled:
      let a = try n.convolution(x, 1, 3), whole = try n.node("Tile", [x, n.integers([1, 16, 1, 1, 1])])
      return (n.finish([try n.node("Tile", [a, n.integers([2, 1, 3, 1, 2])]), try n.node("Add", [whole, x])]), [[1, 1, 5, 4, 6]])
    case .reductions:
      let a = try n.convolution(x, 1, 6)
      return (
        n.finish([
          try n.node("ReduceMean", [a, n.integers([2, 3, 4])]), try n.node("ReduceL2", [a, n.integers([2, 3])], ["keepdims": .int(0)]),
          try n.node("ReduceMax", [a, n.integers([1])]),
        ]), [[2, 1, 5, 4, 6]]
      )
    case .groupNorm:
      let a = try n.node("GroupNormalization", [n.convolution(x, 1, 24), n.constant([24]), n.constant([24])], opset: 21, ["num_groups": .int(3)])
      return (n.finish([try n.convolution(n.node("Relu", [a]), 24, 8)]), [[2, 1, 8, 8, 8]])
    case .softmaxHead:
      return (n.finish([try n.node("Softmax", [n.convolution(x, 1, 7)], ["axis": .int(1)])]), [[1, 1, 6, 7, 8]])
    case .zeroGamma:
      let a = try n.convolution(x, 1, 16), zero = n.floats([Float](repeating: 0, count: 16))
      return (n.finish([try n.convolution(n.node("InstanceNormalization", [a, zero, n.constant([16])]), 16, 16)]), [[1, 1, 8, 8, 8]])
    case .sumOfThree:
      let a = try n.convolution(x, 1, 16), b = try n.convolution(x, 1, 16), c = try n.convolution(a, 16, 16)
      return (n.finish([try n.node("Relu", [n.node("Add", [n.node("Add", [a, b]), c])])]), [[1, 1, 9, 9, 9]])
    case .windowBlock: return (n.finish([try n.windowBlock(x)]), [[1, 5, 4, 8]])
    case .chainedProducts:
      // Three in one step; a fourth of what two nodes read; a fifth of rows of another length.
      let a = try n.node("Gelu", [n.node("MatMul", [x, n.constant([12, 40])])], opset: 20)
      let b = try n.node("MatMul", [n.node("MatMul", [a, n.constant([40, 7])]), n.constant([7, 12])])
      let shared = try n.node("MatMul", [x, n.constant([12, 6])]), halves = try n.node("MatMul", [x, n.constant([12, 10])])
      return (
        n.finish([
          try n.node("Add", [b, x]), try n.node("Add", [n.node("MatMul", [shared, n.constant([6, 6])]), shared]),
          try n.node("MatMul", [n.node("Reshape", [halves, n.integers([2602, 5])]), n.constant([5, 3])]),
        ]), [[1301, 12]]
      )
    case .sharedProduct:
      // One name of the product has a single reader, the product has two.
      let product = try n.node("MatMul", [x, n.constant([6, 10])]), other = try n.node("Reshape", [product, n.integers([3, 4, 10])])
      let normed = try n.node("LayerNormalization", [x, n.constant([6]), n.constant([6])])
      return (
        n.finish([
          try n.node("Add", [other, n.constant([10])]), try n.node("Relu", [product]), try n.node("Add", [n.node("MatMul", [normed, n.constant([6, 6])]), x]),
          try n.node("Gelu", [n.node("MatMul", [normed, n.constant([6, 3])])], opset: 20),
        ]), [[12, 6]]
      )
    }
  }
}

@Suite("plan")
struct PlanTests {
  /// The plan gives the numbers of the operators' plain loops, on every instruction set, with the same bits for any number of threads.
  @Test(arguments: ISA.available, PlanCase.allCases)
  func equalsReference(isa: ISA, c: PlanCase) throws {
    let (graph, shapes) = try c.graph()
    var random = SplitMix64(seed: 11)
    let inputs = shapes.map { Tensor.normal($0, &random) }
    let want = try graph.evaluate(inputs)
    var first: [Tensor] = []
    for threads in [1, 3] {
      let pool = ThreadPool(threads: threads)
      let session = try Session(Plan(graph, inputShapes: shapes, kernels: isa.table, pool: pool), pool: pool)
      #expect(!session.plan.steps.contains { $0.isReference }, "\(session.plan.steps.filter(\.isReference).map(\.kernel))")
      let got = try session.run(inputs)
      // A second run must not see what the first has left in memory that is shared.
      #expect(try session.run(inputs) == got)
      if threads == 1 { first = got } else { #expect(got == first) }
      try #require(got.count == want.count)
      for (a, b) in zip(got, want) {
        let error = try relativeError(a, b)
        #expect(error.max < c.tolerance, "\(error)")
      }
    }
  }

  /// Fusions that a plan must show.
  @Test func fusesAttention() throws {
    let (graph, shapes) = try PlanCase.attention.graph()
    let pool = ThreadPool(threads: 1)
    let plan = try Plan(graph, inputShapes: shapes, kernels: ISA.portable.table, pool: pool)
    #expect(plan.steps.map(\.kernel).contains("attention"))
    #expect(!plan.steps.map(\.kernel).contains("softmax"))
  }

  /// Partition, roll and reverse are one gather each, in the products, the first of which writes heads apart; nothing else is a pass over memory.
  @Test func computesWindowBlocksInFourSteps() throws {
    let (graph, shapes) = try PlanCase.windowBlock.graph()
    let plan = try Plan(graph, inputShapes: shapes, kernels: ISA.portable.table, pool: ThreadPool(threads: 1))
    #expect(
      plan.steps.map(\.kernel) == [
        "gather + layer normalization + matrix product, by groups", "attention", "gather + matrix product + add",
        "layer normalization + matrix product + gelu + matrix product + add",
      ])
  }

  /// What lies between two products stays in the cache, if nobody else reads it and the weights of both stay there too.
  @Test func chainsProducts() throws {
    let pool = ThreadPool(threads: 1), (graph, shapes) = try PlanCase.chainedProducts.graph()
    let plan = try Plan(graph, inputShapes: shapes, kernels: ISA.portable.table, pool: pool)
    #expect(
      plan.steps.map(\.kernel) == [
        "matrix product + gelu + matrix product + matrix product + add", "matrix product", "matrix product", "matrix product + add", "matrix product",
      ])
    #expect(plan.steps[0].shape == "1301x12x40x7x12")
    var n = NetworkBuilder(seed: 3)
    let wide = n.finish([try n.node("MatMul", [n.node("MatMul", [n.input("x"), n.constant([200, 400])]), n.constant([400, 200])])])
    #expect(try Plan(wide, inputShapes: [[50, 200]], kernels: ISA.portable.table, pool: pool).steps.map(\.kernel) == ["matrix product", "matrix product"])
  }

  @Test(arguments: [PlanCase.padded, .tiled])
  func movesWithoutPlainLoops(c: PlanCase) throws {
    let (graph, shapes) = try c.graph()
    let plan = try Plan(graph, inputShapes: shapes, kernels: ISA.portable.table, pool: ThreadPool(threads: 1))
    #expect(plan.steps.filter(\.isReference).map(\.kernel) == [])
  }

  /// The last convolution writes row-major by itself, unless somebody else reads its blocks: they are the second result here.
  @Test(arguments: [false, true]) func unpacksInTheLastConvolution(isReadAgain: Bool) throws {
    var n = NetworkBuilder(seed: 5)
    let y = try n.convolution(n.convolution(n.input("x"), 1, 8), 8, 8)
    let graph = n.finish(isReadAgain ? [y, try n.node("Relu", [y])] : [y]), pool = ThreadPool(threads: 1)
    let plan = try Plan(graph, inputShapes: [[1, 1, 9, 8, 10]], kernels: ISA.portable.table, pool: pool)
    #expect(plan.steps.contains { $0.kernel.hasSuffix(", unpack") } == !isReadAgain)
    #expect(plan.steps.contains { $0.kernel == "unpack" } == isReadAgain)
  }

  @Test func namesWhatHasNoKernel() throws {
    var n = NetworkBuilder(seed: 1)
    let x = n.input("x")
    let graph = n.finish([try n.node("CumSum", [x, n.integers([1])])])
    let pool = ThreadPool(threads: 1)
    let plan = try Plan(graph, inputShapes: [[2, 3]], kernels: ISA.portable.table, pool: pool)
    #expect(plan.steps.filter(\.isReference).map(\.kernel) == ["CumSum"])
    let input = Tensor(TensorType(.float32, [2, 3]), .floats([1, 2, 3, 4, 5, 6]))
    #expect(try Session(plan, pool: pool).run([input])[0].floats == [1, 3, 6, 4, 9, 15])
  }
}
