import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// One convolution with its shapes, as a line that a failure prints.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var inputs: Int, outputs: Int
  var size: [Int]
  var kernel: [Int]
  var strides: [Int]? = nil
  var pads: [Int]? = nil
  var dilations: [Int]? = nil
  var groups = 1
  var batch = 1
  var bias = true
  var outputPadding: [Int]? = nil

  var testDescription: String {
    "\(batch)x\(inputs)->\(outputs) \(size) k\(kernel) s\(strides ?? []) p\(pads ?? []) d\(dilations ?? []) g\(groups) op\(outputPadding ?? [])"
  }

  /// The operator as a model file would declare it.
  func operation(_ declaration: OperatorDeclaration) throws -> any Operator {
    var attributes: [String: Attribute] = ["group": .int(Int64(groups))]
    for (name, list) in [("strides", strides), ("pads", pads), ("dilations", dilations), ("output_padding", outputPadding)] {
      if let list { attributes[name] = .ints(list.map(Int64.init)) }
    }
    return try declaration.make(AttributeReader(node: "conv", opset: 11, inputCount: bias ? 3 : 2, outputCount: 1, attributes: attributes))
  }

  static let plain: [ConvolutionCase] = [
    .init(inputs: 1, outputs: 32, size: [12, 10, 14], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 3, outputs: 5, size: [5, 7, 6], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 13, outputs: 17, size: [9, 8, 11], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], batch: 2),
    .init(inputs: 16, outputs: 16, size: [8, 8, 8], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 40, outputs: 24, size: [13, 9, 10], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], bias: false),
    .init(inputs: 24, outputs: 48, size: [10, 12, 9], kernel: [3, 3, 3], pads: [0, 0, 0, 0, 0, 0]),
    .init(inputs: 8, outputs: 9, size: [9, 10, 11], kernel: [3, 3, 3], pads: [2, 1, 0, 1, 2, 1]),
    .init(inputs: 32, outputs: 33, size: [7, 7, 7], kernel: [1, 1, 1]),
    .init(inputs: 20, outputs: 12, size: [6, 6, 7], kernel: [1, 3, 3], strides: [1, 2, 2], pads: [0, 1, 1, 0, 1, 1]),
    .init(inputs: 6, outputs: 6, size: [9, 9, 9], kernel: [5, 5, 5], pads: [2, 2, 2, 2, 2, 2]),
    .init(inputs: 4, outputs: 8, size: [10, 11, 12], kernel: [3, 3, 3], pads: [2, 2, 2, 2, 2, 2], dilations: [2, 2, 2]),
    .init(inputs: 24, outputs: 48, size: [6, 5, 4], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], groups: 3),
    .init(inputs: 20, outputs: 20, size: [6, 5, 4], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], groups: 20),
    .init(inputs: 18, outputs: 36, size: [5, 5, 5], kernel: [2, 2, 2], strides: [2, 2, 2], groups: 2),
    .init(inputs: 7, outputs: 10, size: [9, 12], kernel: [3, 3], pads: [1, 1, 1, 1]),
    .init(inputs: 7, outputs: 10, size: [31], kernel: [4], strides: [3], pads: [1, 0]),
    .init(inputs: 16, outputs: 64, size: [1, 1, 1], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 64, outputs: 96, size: [12, 12, 12], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 20, outputs: 50, size: [9, 10, 13], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], batch: 2),
    .init(inputs: 8, outputs: 50, size: [17, 18, 20], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 17, outputs: 9, size: [15, 16, 18], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], batch: 2),
    .init(inputs: 8, outputs: 8, size: [15, 16, 18], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1]),
    // Few tiles and many channels at stride 2: one output block a task, and two.
    .init(inputs: 12, outputs: 66, size: [24, 22, 24], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 9, outputs: 256, size: [18, 24, 23], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], batch: 2),
    // Volumes that tiles of two cover best, with tasks of tiles and with all of them at once; thin ones; tiles of six.
    .init(inputs: 9, outputs: 20, size: [6, 6, 6], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1], batch: 2),
    .init(inputs: 24, outputs: 66, size: [6, 7, 6], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 12, outputs: 16, size: [2, 13, 20], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 16, outputs: 24, size: [4, 15, 18], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 24, outputs: 16, size: [12, 12, 24], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    // Results that are written past the caches, whole tiles and others, forwards and with a block of eight.
    .init(inputs: 16, outputs: 24, size: [30, 32, 31], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 16, outputs: 32, size: [51, 56, 53], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1]),
    // Rows of more tiles than a task is best given, and of more than it takes.
    .init(inputs: 8, outputs: 9, size: [8, 9, 170], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 8, outputs: 9, size: [8, 9, 301], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    // At stride 2, rows of more tiles than z and y are transformed of at a time, cut anywhere.
    .init(inputs: 9, outputs: 17, size: [8, 17, 150], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1]),
  ]

  static let transposed: [ConvolutionCase] = [
    .init(inputs: 32, outputs: 16, size: [5, 6, 7], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], outputPadding: [1, 1, 1]),
    .init(inputs: 19, outputs: 21, size: [5, 4, 3], kernel: [2, 2, 2], strides: [2, 2, 2], batch: 2),
    .init(inputs: 16, outputs: 8, size: [9, 8, 8], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 9, outputs: 16, size: [8, 9, 12], kernel: [3, 3, 3], pads: [0, 1, 2, 2, 1, 0]),
    .init(inputs: 5, outputs: 3, size: [4, 5, 6], kernel: [4, 3, 2], strides: [3, 2, 1], pads: [1, 0, 0, 1, 1, 0], dilations: [1, 2, 1]),
    .init(inputs: 12, outputs: 24, size: [4, 5, 6], kernel: [1, 2, 2], strides: [1, 2, 2], groups: 4),
    .init(inputs: 6, outputs: 6, size: [4, 4, 4], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], groups: 6),
    .init(inputs: 3, outputs: 4, size: [6, 7], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1]),
    .init(inputs: 2, outputs: 20, size: [2, 2, 2], kernel: [2, 2, 2], strides: [4, 4, 4]),
    .init(inputs: 18, outputs: 8, size: [6, 7, 9], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], outputPadding: [1, 0, 1]),
    .init(inputs: 16, outputs: 66, size: [8, 9, 10], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    // Rows of more tiles than z and y are transformed of at a time, cut anywhere; with 8 outputs phases share columns.
    .init(
      inputs: 9, outputs: 17, size: [4, 9, 75], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], outputPadding: [1, 0, 0]),
    .init(
      inputs: 17, outputs: 8, size: [4, 9, 75], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], outputPadding: [1, 0, 1]),
    .init(
      inputs: 18, outputs: 66, size: [8, 12, 12], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], batch: 2,
      outputPadding: [1, 0, 1]),
  ]
}

@Suite("convolution")
struct ConvolutionTests {
  @Test(arguments: ISA.available, ConvolutionCase.plain)
  func equalsDoubleLoops(isa: ISA, c: ConvolutionCase) throws {
    try check(c, isa: isa, operation: c.operation(Conv.declaration), weight: [c.outputs, c.inputs / c.groups] + c.kernel)
  }

  @Test(arguments: ISA.available, ConvolutionCase.transposed)
  func transposedEqualsDoubleLoops(isa: ISA, c: ConvolutionCase) throws {
    try check(c, isa: isa, operation: c.operation(ConvTranspose.declaration), weight: [c.inputs, c.outputs / c.groups] + c.kernel)
  }

  /// From shape and channels alone.
  @Test(arguments: [
    (8, 8, [96, 96, 96], "F(4x4x6)"), (80, 80, [24, 24, 24], "F(4x4x6)"), (128, 128, [24, 24, 24], "F(4x4x4)"),
    (32, 32, [32, 32, 32], "F(4x4x4)"), (32, 32, [8, 8, 8], "F(2x2x2)"), (32, 32, [6, 6, 6], "F(2x2x2)"), (32, 32, [2, 30, 30], "F(2x2x2)"),
    (32, 32, [4, 64, 64], "F(4x4x6)"), (64, 64, [12, 12, 12], "F(4x4x4), whole volume"), (64, 64, [6, 6, 6], "F(2x2x2), whole volume"),
    (384, 384, [3, 3, 3], "direct"), (4, 32, [32, 32, 32], "direct"), (32, 4, [32, 32, 32], "direct"),
  ])
  func takesTheFormWithTheFewestProducts(inputs: Int, outputs: Int, size: [Int], form: String) throws {
    var n = NetworkBuilder(seed: 3)
    let graph = n.finish([try n.node("Relu", [n.convolution(n.input("x"), inputs, outputs)])])
    let plan = try Plan(graph, inputShapes: [[1, inputs] + size], kernels: ISA.portable.table, pool: ThreadPool(threads: 1))
    #expect(plan.steps.contains { $0.kernel.hasPrefix("convolution 3x3x3, \(form)") }, "\(plan.steps.map(\.kernel))")
  }

  /// By phases where that leaves fewer products, whole volumes of them where tiles are few and output blocks many.
  @Test(arguments: [
    (32, 64, 48, "two-tap F(4x4x4)"), (32, 32, 24, "two-tap F(4x4x4)"), (128, 256, 24, "two-tap F(4x4x4), whole volume"),
    (64, 64, 24, "two-tap F(4x4x4), whole volume"), (128, 256, 12, "direct"), (4, 32, 48, "direct"), (32, 7, 48, "direct"),
  ])
  func takesPhasesAtStrideTwo(inputs: Int, outputs: Int, size: Int, form: String) throws {
    func kernel(_ size: Int, _ convolution: (inout NetworkBuilder, ValueID) throws -> ValueID) throws -> String? {
      var n = NetworkBuilder(seed: 4)
      let x = n.input("x"), graph = n.finish([try n.node("Sigmoid", [convolution(&n, x)])])
      let plan = try Plan(graph, inputShapes: [[1, inputs, size, size, size]], kernels: ISA.portable.table, pool: ThreadPool(threads: 1))
      return plan.steps.map(\.kernel).first { $0.contains("3x3x3") }
    }
    #expect(try kernel(size) { try $0.convolution($1, inputs, outputs, stride: 2) } == "convolution 3x3x3, " + form)
    if outputs >= 8 { #expect(try kernel(size / 2) { try $0.upsampling($1, inputs, outputs) } == "transposed convolution 3x3x3, " + form) }
  }

  /// Bounds relative to the rms of the result: 2e-5 direct, 6e-5 Winograd F(4) (rms 5e-6).
  private func check(_ c: ConvolutionCase, isa: ISA, operation: any Operator, weight: [Int]) throws {
    var random = SplitMix64(seed: UInt64(c.inputs * 1000 + c.outputs))
    let x = Tensor.normal([c.batch, c.inputs] + c.size, &random), w = Tensor.normal(weight, &random), b = Tensor.normal([c.outputs], &random)
    let inputs = c.bias ? [x, w, b] : [x, w]
    let want = try operation.evaluate(inputs)[0]
    for exact in [true, false] {
      let results = try [1, 2, 3].map { try run(operation, x: x, constants: Array(inputs.dropFirst()), isa: isa, threads: $0, PlanOptions(exact: exact)) }
      #expect(results[0] == results[1] && results[1] == results[2], "the same bits for any number of threads")
      let frugal = try run(operation, x: x, constants: Array(inputs.dropFirst()), isa: isa, threads: 2, PlanOptions(exact: exact, derivedBytes: 0))
      #expect(frugal == results[0], "the same bits with weights that are made at every run")
      let error = try relativeError(results[0], want)
      #expect(error.max < (exact ? 2e-5 : 6e-5) && error.rms < 5e-6, "exact \(exact): \(error)")
    }
  }

  private func run(_ operation: any Operator, x: Tensor, constants: [Tensor], isa: ISA, threads: Int, _ options: PlanOptions) throws -> Tensor {
    var graph = Graph()
    let input = graph.add(Value(name: "x", declared: (element: .float32, shape: nil)))
    let parameters = constants.enumerated().map { graph.add(Value(name: "c\($0.offset)", constant: $0.element)) }
    let output = graph.add(Value(name: "y"))
    graph.nodes = [Node(name: "conv", operation: operation, inputs: [input] + parameters, outputs: [output])]
    graph.inputs = [input]
    graph.outputs = [output]
    let pool = ThreadPool(threads: threads)
    let plan = try Plan(graph, inputShapes: [x.shape], kernels: isa.table, options: options, pool: pool)
    #expect(!plan.steps.contains { $0.isReference })
    let session = try Session(plan, pool: pool), first = try session.run([x])[0]
    #expect(try session.run([x])[0] == first, "the same bits again")
    return first
  }
}

extension Tensor {
  /// Independent numbers of mean 0 and deviation 1.
  static func normal(_ shape: [Int], _ random: inout SplitMix64) -> Tensor {
    let type = TensorType(.float32, shape)
    let values = (0..<type.count).map { _ in
      Float((0..<12).reduce(-6.0) { sum, _ in sum + Double(random.next() >> 11) * 0x1p-53 })
    }
    return Tensor(type, .floats(values))
  }
}

/// Largest and rms difference, relative to the rms of what is wanted.
func relativeError(_ got: Tensor, _ want: Tensor) throws -> (max: Double, rms: Double) {
  let a = try #require(got.floats), b = try #require(want.floats)
  try #require(got.type == want.type)
  var worst = 0.0, squares = 0.0, errors = 0.0
  for (p, q) in zip(a, b) {
    let d = abs(Double(p) - Double(q))
    worst = d.isNaN ? .infinity : max(worst, d)
    squares += Double(q) * Double(q)
    errors += d * d
  }
  let rms = (squares / Double(max(1, b.count))).squareRoot()
  return (worst / rms, (errors / Double(max(1, b.count))).squareRoot() / rms)
}
