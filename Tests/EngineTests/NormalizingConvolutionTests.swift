import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Convolutions of one voxel that compute the normalisation or sum that they read: where they do, and that no bit depends on it.
@Suite("convolutions that normalise rows")
struct NormalizingConvolutionTests {
  enum Network: String, CaseIterable, Sendable {
    /// A head behind a normalisation, or behind the sum of a residual unit, whose other branch may be plain; more output blocks than are computed at
    /// once; blocks of eight; statistics of the result.
    case head, sum, plainSum, wide, narrow, statistics
    /// The result is read again, is an output, or part of a join; kernel or stride need other voxels; planes are too few for tasks of all blocks;
    /// the result takes the place of the input; what another convolution gives takes the place of a summand before the head runs.
    case readTwice, isOutput, joined, kernel, strided, fewPlanes, inPlace, overwritten

    var computesRows: Bool { [.head, .sum, .plainSum, .wide, .narrow, .statistics].contains(self) }
    var kernelName: String {
      switch self {
      case .sum: "direct, of normalize + add of convolution 1x1x1"
      case .plainSum: "direct, of normalize + add"
      default: "direct, of normalize"
      }
    }

    func graph() throws -> Graph {
      var n = NetworkBuilder(seed: UInt64(rawValue.count * 17 + 3))
      let x = n.input("x")
      /// A convolution of the input, normalised and activated: a direct one, whose reader would take it normalised.
      func activation(_ channels: Int, _ n: inout NetworkBuilder) throws -> ValueID {
        try n.node("LeakyRelu", [n.instanceNorm(n.convolution(x, 1, channels), channels)])
      }
      switch self {
      case .head: return n.finish([try n.convolution(activation(24, &n), 24, 8, kernel: 1)])
      case .sum:
        let a = try n.instanceNorm(n.convolution(activation(24, &n), 24, 24), 24), b = try n.instanceNorm(n.convolution(x, 1, 24, kernel: 1), 24)
        return n.finish([try n.convolution(n.node("LeakyRelu", [n.node("Add", [a, b])]), 24, 3, kernel: 1)])
      case .plainSum:
        let stem = try n.convolution(n.convolution(x, 1, 48), 48, 24), a = try n.instanceNorm(n.convolution(stem, 24, 24), 24)
        return n.finish([try n.convolution(n.node("Relu", [n.node("Add", [a, stem])]), 24, 5, kernel: 1)])
      case .wide, .fewPlanes: return n.finish([try n.convolution(activation(40, &n), 40, 50, kernel: 1)])
      case .narrow: return n.finish([try n.node("Sigmoid", [n.convolution(activation(7, &n), 7, 20, kernel: 1)])])
      case .inPlace: return n.finish([try n.node("Sigmoid", [n.convolution(activation(24, &n), 24, 17, kernel: 1)])])
      case .statistics: return n.finish([try n.node("Relu", [n.instanceNorm(n.convolution(activation(20, &n), 20, 33, kernel: 1), 33)])])
      case .overwritten:
        let stem = try n.convolution(n.convolution(x, 1, 48), 48, 24), a = try n.instanceNorm(n.convolution(stem, 24, 24), 24)
        let sum = try n.node("Relu", [n.node("Add", [a, stem])]), other = try n.convolution(stem, 24, 24, kernel: 1)
        return n.finish([try n.convolution(sum, 24, 5, kernel: 1), try n.node("Sigmoid", [other])])
      case .readTwice:
        let a = try activation(24, &n)
        return n.finish([try n.convolution(a, 24, 8, kernel: 1), try n.node("Sigmoid", [a])])
      case .isOutput:
        let a = try activation(24, &n)
        return n.finish([try n.convolution(a, 24, 8, kernel: 1), a])
      case .joined:
        return n.finish([try n.convolution(n.node("Concat", [activation(16, &n), activation(16, &n)], ["axis": .int(1)]), 32, 8, kernel: 1)])
      case .kernel: return n.finish([try n.convolution(activation(24, &n), 24, 3)])
      case .strided: return n.finish([try n.convolution(activation(24, &n), 24, 8, kernel: 1, stride: 2)])
      }
    }

    func shape(batch: Int) -> [Int] { [batch, 1, self == .fewPlanes ? 8 : 33, 9, 10] }
  }

  @Test(arguments: Network.allCases)
  func areTakenWhereTheyMayBe(network: Network) throws {
    func planned(_ inPlace: Bool) throws -> Plan { try portablePlan(network.graph(), network.shape(batch: 1), inPlace: inPlace) }
    let kernels = try planned(true).steps.map(\.kernel), apart = try planned(false).steps.map(\.kernel)
    #expect(kernels.contains { $0.hasSuffix(network.kernelName) } == network.computesRows, "\(kernels)")
    #expect(!apart.contains { $0.contains(", of ") })
    if network == .overwritten { #expect(kernels.contains { $0.hasSuffix("in place") }, "\(kernels)") }
    // The step that normalised is gone, no other.
    #expect(kernels.count == apart.count - (network.computesRows ? 1 : 0))
    #expect(try planned(true).arenaBytes <= planned(false).arenaBytes * 65 / 64)
  }

  @Test(arguments: ISA.available, Network.allCases)
  func giveTheSameBits(isa: ISA, network: Network) throws {
    for batch in [1, 2] { try expectSameBits(isa, batch: batch, [network.shape(batch: batch)], network.graph()) }
  }
}
