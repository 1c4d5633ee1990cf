import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Convolutions that write over their input or their summand: where they do, and that no bit depends on it.
@Suite("convolutions in place")
struct InPlaceConvolutionTests {
  /// Networks whose plans have one, or look like it.
  enum Network: String, CaseIterable, Sendable {
    /// The way up of a U-Net with residual units; a convolution on both branches, the pointwise one last.
    case upUnit, wideUnit, plainSum, narrow, statistics, padded
    /// The input is read later, is an output of the network, or is the network's own; the result has more blocks, another width or a part to
    /// play in a join; kernel, stride, padding or groups need other voxels or channels; planes are too few for tasks of all blocks; the result
    /// would take a border that it does not need, and leave no room for another.
    case readLater, isOutput, isInput, grows, width, joined, kernel, strided, bordered, grouped, fewPlanes, costly

    var isInPlace: Bool { [.upUnit, .wideUnit, .plainSum, .narrow, .statistics, .padded].contains(self) }

    func graph() throws -> Graph {
      var n = NetworkBuilder(seed: UInt64(rawValue.count * 13 + 5))
      let x = n.input("x")
      /// Two activations of `channels` each, one after the other.
      func joined(_ channels: Int, _ n: inout NetworkBuilder) throws -> ValueID {
        let a = try n.convolution(x, 1, channels), b = try n.convolution(a, channels, channels)
        return try n.node("Concat", [b, a], ["axis": .int(1)])
      }
      func unit(_ x: ValueID, _ inputs: Int, _ outputs: Int, _ n: inout NetworkBuilder) throws -> ValueID {
        let a = try n.node("LeakyRelu", [n.instanceNorm(n.convolution(x, inputs, outputs), outputs)])
        let b = try n.instanceNorm(n.convolution(a, outputs, outputs), outputs)
        let c = try n.instanceNorm(n.convolution(x, inputs, outputs, kernel: 1), outputs)
        return try n.node("LeakyRelu", [n.node("Add", [b, c])])
      }
      switch self {
      case .upUnit: return n.finish([try n.convolution(unit(joined(24, &n), 48, 24, &n), 24, 3, kernel: 1)])
      case .wideUnit: return n.finish([try unit(joined(48, &n), 96, 48, &n)])
      case .fewPlanes: return n.finish([try unit(joined(48, &n), 96, 48, &n)])
      case .costly: return n.finish([try unit(joined(40, &n), 80, 72, &n)])
      case .grows: return n.finish([try unit(joined(16, &n), 32, 33, &n)])
      case .plainSum:
        // The sum is the epilogue of the pointwise convolution, which so has to wait for the other branch.
        let y = try joined(17, &n), a = try n.convolution(n.convolution(y, 34, 20), 20, 20)
        return n.finish([try n.node("Relu", [n.node("Add", [a, n.convolution(y, 34, 20, kernel: 1)])])])
      case .narrow:
        return n.finish([try n.node("Sigmoid", [n.convolution(n.convolution(x, 1, 7), 7, 5, kernel: 1)])])
      case .statistics: return n.finish([try n.node("Relu", [n.instanceNorm(n.convolution(n.convolution(x, 1, 40), 40, 33, kernel: 1), 33)])])
      case .padded:
        // The result has a reader with a border, which the input has as well.
        let y = try n.convolution(x, 1, 33), a = try n.convolution(y, 33, 16), b = try n.convolution(n.convolution(y, 33, 16, kernel: 1), 16, 16)
        return n.finish([a, b])
      case .readLater:
        let y = try n.convolution(x, 1, 32), z = try n.convolution(y, 32, 16, kernel: 1)
        return n.finish([try n.convolution(n.node("Concat", [y, n.node("Sigmoid", [z])], ["axis": .int(1)]), 48, 4)])
      case .isOutput:
        let y = try n.convolution(x, 1, 32)
        return n.finish([y, try n.convolution(y, 32, 16, kernel: 1)])
      case .isInput: return n.finish([try n.convolution(x, 1, 1, kernel: 1)])
      case .width: return n.finish([try n.convolution(n.convolution(x, 1, 32), 32, 8, kernel: 1)])
      case .joined:
        let y = try n.convolution(x, 1, 32), z = try n.convolution(y, 32, 16, kernel: 1)
        return n.finish([try n.convolution(n.node("Concat", [z, n.convolution(x, 1, 16)], ["axis": .int(1)]), 32, 4)])
      case .kernel: return n.finish([try n.convolution(n.convolution(x, 1, 32), 32, 16)])
      case .strided: return n.finish([try n.convolution(n.convolution(x, 1, 32), 32, 16, kernel: 1, stride: 2)])
      case .bordered:
        let w = n.constant([16, 32, 1, 1, 1])
        return n.finish([try n.node("Conv", [n.convolution(x, 1, 32), w], ["pads": .ints([1, 0, 0, 0, 0, 0])])])
      case .grouped:
        return n.finish([try n.node("Conv", [n.convolution(x, 1, 32), n.constant([32, 16, 1, 1, 1])], ["group": .int(2)])])
      }
    }

    /// Planes enough for tasks of all output blocks, or not.
    func shape(batch: Int) -> [Int] { [batch, 1, self == .fewPlanes ? 8 : 33, 9, self == .costly ? 14 : 10] }
  }

  private static func plan(_ network: Network, batch: Int = 1, isa: ISA, inPlace: Bool, pool: ThreadPool) throws -> Plan {
    var options = PlanOptions()
    options.computesInPlace = inPlace
    return try Plan(network.graph(), inputShapes: [network.shape(batch: batch)], kernels: isa.table, options: options, pool: pool)
  }

  @Test(arguments: Network.allCases)
  func areTakenWhereTheyMayBe(network: Network) throws {
    let pool = ThreadPool(threads: 1)
    let plan = try Self.plan(network, isa: .portable, inPlace: true, pool: pool), apart = try Self.plan(network, isa: .portable, inPlace: false, pool: pool)
    #expect(plan.steps.contains { $0.kernel.hasSuffix("in place") } == network.isInPlace, "\(plan.steps.map(\.kernel))")
    #expect(!apart.steps.contains { $0.kernel.hasSuffix("in place") })
    #expect(plan.arenaBytes <= apart.arenaBytes)
    func nodes(_ plan: Plan) -> [String] { plan.steps.flatMap { $0.name.split(separator: " + ").map(String.init) }.sorted() }
    #expect(nodes(plan) == nodes(apart))
  }

  /// The same bits as with results of their own, for any number of threads and images; the numbers of plain loops.
  @Test(arguments: ISA.available, Network.allCases.filter(\.isInPlace))
  func giveTheSameBits(isa: ISA, network: Network) throws {
    for batch in [1, 2] { try expectSameBits(isa, batch: batch, [network.shape(batch: batch)], network.graph()) }
  }

  /// Sums of residual units, in the order of their normalisations and in all forms of convolution: deep, by phases, in one.
  enum Unit: String, CaseIterable, Sendable { case preactivation, deep, upSampled, direct, strided, deepStrided }

  private static func graph(_ unit: Unit) throws -> Graph {
    var n = NetworkBuilder(seed: UInt64(unit.rawValue.count + 90))
    let x = n.input("x")
    /// As SegResNet has them: three activations of one size, of which two would do; then one on top of another.
    func block(_ x: ValueID, _ channels: Int, _ n: inout NetworkBuilder) throws -> ValueID {
      let a = try n.convolution(n.node("Relu", [n.instanceNorm(x, channels)]), channels, channels)
      return try n.node("Add", [n.convolution(n.node("Relu", [n.instanceNorm(a, channels)]), channels, channels), x])
    }
    switch unit {
    case .preactivation:
      let a = try block(block(n.convolution(x, 1, 20), 20, &n), 20, &n)
      return n.finish([try n.convolution(n.node("Relu", [n.instanceNorm(a, 20)]), 20, 3, kernel: 1)])
    case .deep: return n.finish([try n.node("Relu", [block(n.convolution(x, 1, 70), 70, &n)])])
    case .upSampled:
      let skip = try n.convolution(x, 1, 24), down = try n.convolution(n.node("Relu", [skip]), 24, 40, stride: 2)
      return n.finish([try n.convolution(n.node("Add", [n.upsampling(down, 40, 24), skip]), 24, 5)])
    case .direct:
      let a = try n.convolution(x, 1, 7)
      return n.finish([try n.node("Relu", [n.node("Add", [n.convolution(n.node("Sigmoid", [a]), 7, 7, kernel: 5), a])])])
    case .strided:
      let stem = try n.convolution(x, 1, 16), a = try n.convolution(x, 1, 24, stride: 2)
      return n.finish([try n.node("Add", [n.convolution(n.node("Relu", [stem]), 16, 24, stride: 2), a]), try n.convolution(stem, 16, 3)])
    case .deepStrided:
      let stem = try n.convolution(x, 1, 20), a = try n.convolution(x, 1, 66, stride: 2)
      let sum = try n.node("Add", [n.convolution(n.node("Relu", [stem]), 20, 66, stride: 2), a])
      let up = try n.upsampling(n.node("Relu", [n.instanceNorm(n.convolution(sum, 66, 66, kernel: 1), 66)]), 66, 70)
      return n.finish([try n.node("Relu", [n.instanceNorm(up, 70)]), sum])
    }
  }

  private static func shape(_ unit: Unit, batch: Int) -> [Int] { [batch, 1] + (unit == .deep ? [13, 12, 14] : unit == .deepStrided ? [24, 24, 22] : [18, 20, 22]) }

  @Test(arguments: ISA.available, Unit.allCases)
  func addInPlace(isa: ISA, unit: Unit) throws {
    for batch in [1, 2] { try expectSameBits(isa, batch: batch, [Self.shape(unit, batch: batch)], Self.graph(unit)) }
  }

  /// One activation of the unit is gone.
  @Test(arguments: [Unit.preactivation, .deep])
  func sumsTakeNoMemoryOfTheirOwn(unit: Unit) throws {
    func plan(_ inPlace: Bool) throws -> Plan {
      var options = PlanOptions()
      options.computesInPlace = inPlace
      return try Plan(
        Self.graph(unit), inputShapes: [Self.shape(unit, batch: 1)], kernels: ISA.portable.table, options: options, pool: ThreadPool(threads: 1))
    }
    let result = Self.shape(unit, batch: 1).reduce(1, *) * (unit == .deep ? 80 : 32) * 4
    #expect(try plan(false).arenaBytes - plan(true).arenaBytes > result * 9 / 10)
  }

  /// The convolution stands behind the last other reader of its input, and the second convolution of the unit finds room where that was.
  @Test func standBehindTheOtherReader() throws {
    let pool = ThreadPool(threads: 1), plan = try Self.plan(.upUnit, isa: .portable, inPlace: true, pool: pool)
    let names = plan.steps.map(\.kernel).filter { $0.hasPrefix("convolution") }.map { $0.prefix(while: { $0 != "," }) + ($0.hasSuffix("place") ? "!" : "") }
    #expect(names == ["convolution 3x3x3", "convolution 3x3x3", "convolution 3x3x3", "convolution 1x1x1!", "convolution 3x3x3", "convolution 1x1x1"])
    // The result of the second convolution has two blocks without a border; what it had beside it is smaller.
    let apart = try Self.plan(.upUnit, isa: .portable, inPlace: false, pool: pool), result = 2 * 33 * 9 * 10 * 16 * 4
    #expect(apart.arenaBytes - plan.arenaBytes > result * 9 / 10)
  }

  /// One that adds the other branch waits for it.
  @Test func waitForTheirSummand() throws {
    let plan = try Self.plan(.plainSum, isa: .portable, inPlace: true, pool: ThreadPool(threads: 1))
    let last = try #require(plan.steps.last { $0.kernel.hasPrefix("convolution") })
    #expect(last.kernel.hasSuffix("in place"))
  }
}

/// The plan of a graph for plain kernels, with or without results in place of what has served and rows computed by their one reader.
func portablePlan(_ graph: Graph, _ shape: [Int], inPlace: Bool) throws -> Plan {
  var options = PlanOptions()
  options.computesInPlace = inPlace
  return try Plan(graph, inputShapes: [shape], kernels: ISA.portable.table, options: options, pool: ThreadPool(threads: 1))
}

/// With results in place of what has served and rows computed by their one reader, the same bits as without, for any number of threads; for one image
/// the numbers of plain loops.
func expectSameBits(_ isa: ISA, batch: Int, _ shapes: [[Int]], _ graph: Graph) throws {
  var random = SplitMix64(seed: 3)
  let inputs = shapes.map { Tensor.normal($0, &random) }
  func results(inPlace: Bool, threads: Int, derivedBytes: Int? = nil) throws -> [[Tensor]] {
    var options = PlanOptions(derivedBytes: derivedBytes)
    options.computesInPlace = inPlace
    let pool = ThreadPool(threads: threads)
    let session = try Session(Plan(graph, inputShapes: shapes, kernels: isa.table, options: options, pool: pool), pool: pool)
    return try [session.run(inputs), session.run(inputs)]
  }
  let want = try results(inPlace: false, threads: 1)[0]
  for (a, b) in zip(want, try batch == 1 ? graph.evaluate(inputs) : want) {
    let error = try relativeError(a, b)
    #expect(error.max < 1e-4, "\(error)")
  }
  for threads in [1, 2, 3] { #expect(try results(inPlace: true, threads: threads) == [want, want], "batch \(batch), \(threads) threads") }
  // With weights that pass through the arena beside what lives there.
  #expect(try results(inPlace: true, threads: 2, derivedBytes: 0) == [want, want], "batch \(batch), no weights kept")
}
