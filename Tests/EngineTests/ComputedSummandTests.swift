import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Sums that compute what they add from few channels: where they do, and that no bit depends on it.
@Suite("sums that compute a summand")
struct ComputedSummandTests {
  enum Network: String, CaseIterable, Sendable {
    /// The first residual unit of a network, in both orders of the sum; without normalisation, with an activation instead; from eight channels;
    /// blocks of eight; a convolution of one voxel reads the sum. The second writes the sum where the convolution would have written.
    case unit, turned, plain, activated, eight, narrow, head
    /// The result is read again, is an output, part of a join, or added to itself; the kernel needs other voxels; it adds something itself; it
    /// reads too much.
    case readTwice, isOutput, joined, twice, kernel, adds, many

    var computes: Bool { [.unit, .turned, .plain, .activated, .eight, .narrow, .head].contains(self) }
    /// Its statistics are taken in a step of its own.
    var hasStatistics: Bool { computes && self != .plain && self != .activated }

    func graph() throws -> Graph {
      var n = NetworkBuilder(seed: UInt64(rawValue.count * 19 + 7))
      let x = n.input("x")
      func norm(_ y: ValueID, _ channels: Int, _ n: inout NetworkBuilder) throws -> ValueID { try n.instanceNorm(y, channels) }
      /// The branch of a unit that is not in question.
      func branch(_ channels: Int, _ n: inout NetworkBuilder) throws -> ValueID {
        try norm(n.convolution(n.node("Relu", [norm(n.convolution(x, 1, channels), channels, &n)]), channels, channels), channels, &n)
      }
      func last(_ sum: ValueID, _ channels: Int, _ n: inout NetworkBuilder) throws -> Graph {
        n.finish([try n.convolution(n.node("LeakyRelu", [sum]), channels, 3)])
      }
      switch self {
      case .unit: return try last(n.node("Add", [branch(24, &n), norm(n.convolution(x, 1, 24, kernel: 1), 24, &n)]), 24, &n)
      case .turned: return try last(n.node("Add", [norm(n.convolution(x, 1, 40, kernel: 1), 40, &n), branch(40, &n)]), 40, &n)
      case .plain:
        let stem = try n.node("Relu", [branch(20, &n)]), a = try norm(n.convolution(stem, 20, 20), 20, &n)
        return try last(n.node("Add", [n.node("Relu", [a]), n.node("Add", [n.convolution(x, 1, 20, kernel: 1), stem])]), 20, &n)
      case .activated: return try last(n.node("Add", [branch(17, &n), n.node("Relu", [n.convolution(x, 1, 17, kernel: 1)])]), 17, &n)
      case .eight:
        let stem = try n.convolution(x, 1, 8), a = try norm(n.convolution(n.convolution(stem, 8, 64), 64, 64), 64, &n)
        return try last(n.node("Add", [a, norm(n.convolution(stem, 8, 64, kernel: 1), 64, &n)]), 64, &n)
      case .narrow: return try last(n.node("Add", [branch(7, &n), norm(n.convolution(x, 1, 7, kernel: 1), 7, &n)]), 7, &n)
      case .head:
        let sum = try n.node("Add", [branch(24, &n), norm(n.convolution(x, 1, 24, kernel: 1), 24, &n)])
        return n.finish([try n.convolution(n.node("Relu", [sum]), 24, 8, kernel: 1)])
      case .readTwice:
        let y = try n.convolution(x, 1, 24, kernel: 1), sum = try n.node("Add", [branch(24, &n), norm(y, 24, &n)])
        return n.finish([try n.convolution(sum, 24, 3), try n.convolution(y, 24, 3)])
      case .isOutput:
        let y = try n.convolution(x, 1, 24, kernel: 1)
        return n.finish([try n.convolution(n.node("Add", [branch(24, &n), norm(y, 24, &n)]), 24, 3), y])
      case .joined:
        let y = try n.convolution(x, 1, 16, kernel: 1), sum = try n.node("Add", [branch(16, &n), norm(y, 16, &n)])
        return n.finish([try n.convolution(n.node("Concat", [y, sum], ["axis": .int(1)]), 32, 3)])
      case .twice:
        let y = try norm(n.convolution(x, 1, 24, kernel: 1), 24, &n)
        return try last(n.node("Add", [y, y]), 24, &n)
      case .kernel: return try last(n.node("Add", [branch(24, &n), norm(n.convolution(x, 1, 24), 24, &n)]), 24, &n)
      case .adds:
        let stem = try n.convolution(x, 1, 24), y = try n.node("Add", [n.convolution(x, 1, 24, kernel: 1), stem])
        return try last(n.node("Add", [norm(n.convolution(stem, 24, 24), 24, &n), norm(y, 24, &n)]), 24, &n)
      case .many:
        let stem = try n.convolution(x, 1, 8), a = try norm(n.convolution(n.convolution(stem, 8, 48), 48, 48), 48, &n)
        return try last(n.node("Add", [a, norm(n.convolution(stem, 8, 48, kernel: 1), 48, &n)]), 48, &n)
      }
    }
  }

  @Test(arguments: Network.allCases)
  func areTakenWhereTheyMayBe(network: Network) throws {
    func planned(_ inPlace: Bool) throws -> Plan { try portablePlan(network.graph(), [1, 1, 33, 9, 10], inPlace: inPlace) }
    let plan = try (with: planned(true), without: planned(false)), kernels = plan.with.steps.map(\.kernel)
    #expect(kernels.contains { $0.hasSuffix("add of convolution 1x1x1") } == network.computes, "\(kernels)")
    #expect(kernels.contains("convolution 1x1x1, direct, statistics") == network.hasStatistics, "\(kernels)")
    #expect(!plan.without.steps.contains { $0.kernel.hasSuffix("add of convolution 1x1x1") })
    #expect(plan.with.arenaBytes <= plan.without.arenaBytes * 65 / 64)
    func nodes(_ plan: Plan) -> [String] { plan.steps.flatMap { $0.name.split(separator: " + ").map(String.init) }.sorted() }
    #expect(nodes(plan.with) == nodes(plan.without))
  }

  @Test(arguments: ISA.available, Network.allCases)
  func giveTheSameBits(isa: ISA, network: Network) throws {
    for batch in [1, 2] { try expectSameBits(isa, batch: batch, [[batch, 1, 33, 9, 10]], network.graph()) }
  }
}
