import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Every normalisation on numbers that invite cancellation: a mean of thousands of deviations, groups of one number, groups of equal ones.
@Suite("normalisations of difficult numbers")
struct NormalizationKindsTests {
  enum Kind: String, CaseIterable, Sendable { case instance, group, layer, rms, lp, meanVariance, batch }
  enum Numbers: String, CaseIterable, Sendable { case offset, single, equal }

  private static let epsilon = 1e-5

  private static func shape(_ kind: Kind, _ numbers: Numbers) -> [Int] {
    let single = numbers == .single
    switch kind {
    case .instance, .batch: return single ? [2, 5, 1, 1, 1] : [2, 5, 6, 7, 8]
    case .group: return single ? [2, 6, 1, 1, 1] : [2, 6, 6, 7, 8]
    case .layer, .rms, .lp: return single ? [5, 6, 1] : [5, 6, 33]
    case .meanVariance: return single ? [1, 4, 1, 1] : [2, 4, 5, 6]
    }
  }

  /// Which elements are normalised together, by a number; with `single` each is alone.
  private static func group(_ kind: Kind, _ numbers: Numbers, image: Int, channel: Int) -> Int {
    switch kind {
    case .instance, .batch, .layer, .rms, .lp: return image * 6 + channel
    case .group: return numbers == .single ? image * 6 + channel : image * 2 + channel / 3
    case .meanVariance: return channel
    }
  }

  /// The input is exact in float32, so that only the plan rounds: differences from the mean are exact, and few roundings follow. What has no
  /// mean to subtract, or has it given, is as exact as a product.
  @Test(arguments: Kind.allCases, Numbers.allCases)
  func equalDoubleLoops(kind: Kind, numbers: Numbers) throws {
    let shape = Self.shape(kind, numbers), channels = shape[1], voxels = shape[2...].reduce(1, *)
    var random = SplitMix64(seed: 11)
    let noise = try #require(Tensor.normal(shape, &random).floats)
    let x = noise.indices.map { i in numbers == .equal ? 3000 + Float(i / voxels % channels / 3) : 3000 + (noise[i] * 1024).rounded() / 1024 }
    var n = NetworkBuilder(seed: 5)
    let input = n.input("x"), last = shape[shape.count - 1]
    let count = kind == .layer || kind == .rms ? last : channels
    let scale = (0..<count).map { 0.5 + Float($0 % 7) / 8 }, shift = (0..<count).map { Float($0 % 5) - 2 }
    // Of this mean and variance no digit is lost where the mean is subtracted first.
    let mean = (0..<channels).map { 3000 + Float($0) / 4 }, variance = (0..<channels).map { 0.5 + Float($0) }
    let s = n.floats(scale), b = n.floats(shift)
    let y: ValueID =
      switch kind {
      case .instance: try n.node("InstanceNormalization", [input, s, b])
      case .group: try n.node("GroupNormalization", [input, s, b], opset: 21, ["num_groups": .int(numbers == .single ? 6 : 2)])
      case .layer: try n.node("LayerNormalization", [input, s, b])
      case .rms: try n.node("RMSNormalization", [input, s], opset: 23)
      case .lp: try n.node("LpNormalization", [input])
      case .meanVariance: try n.node("MeanVarianceNormalization", [input])
      case .batch: try n.node("BatchNormalization", [input, s, b, n.floats(mean), n.floats(variance)])
      }
    let graph = n.finish([y]), tensor = Tensor(TensorType(.float32, shape), .floats(x)), pool = ThreadPool(threads: 2)

    func group(_ i: Int) -> Int { Self.group(kind, numbers, image: i / voxels / channels, channel: i / voxels % channels) }
    var groups: [Int: [Double]] = [:]
    for i in x.indices { groups[group(i), default: []].append(Double(x[i])) }
    let means = groups.mapValues { $0.reduce(0, +) / Double($0.count) }
    let variances = groups.mapValues { values in
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
    let squares = groups.mapValues { $0.reduce(0) { $0 + $1 * $1 } }
    func want(_ i: Int) -> Double {
      let value = Double(x[i]), channel = i / voxels % channels, g = group(i)
      guard let mu = means[g], let sigma2 = variances[g], let square = squares[g], let length = groups[g]?.count else { return .nan }
      let p = kind == .layer || kind == .rms ? i % last : channel, s = Double(scale[p]), b = Double(shift[p])
      switch kind {
      case .instance, .group, .layer: return (value - mu) / (sigma2 + Self.epsilon).squareRoot() * s + b
      case .rms: return value / (square / Double(length) + Self.epsilon).squareRoot() * s
      case .lp: return value / square.squareRoot()
      case .meanVariance: return (value - mu) / (sigma2.squareRoot() + 1e-9)
      case .batch: return (value - Double(mean[channel])) / (Double(variance[channel]) + Self.epsilon).squareRoot() * s + b
      }
    }
    for isa in ISA.available {
      let session = try Session(Plan(graph, inputShapes: [shape], kernels: isa.table, pool: pool), pool: pool)
      let got = try #require(try session.run([tensor])[0].floats)
      for i in x.indices {
        let want = want(i)
        guard abs(Double(got[i]) - want) <= 2e-6 * (2 + abs(want)) else {
          Issue.record("\(isa): \(got[i]) instead of \(want) at \(i)")
          break
        }
      }
    }
  }

  /// What the compiler makes of a normalisation and its neighbours.
  enum Path: String, CaseIterable, Sendable { case onLoad, withResidual, joined, gated, groups, pooled }

  private static func graph(_ path: Path) throws -> Graph {
    var n = NetworkBuilder(seed: 9)
    let x = n.input("x"), channels = 16
    let normed = try n.instanceNorm(x, channels)
    switch path {
    case .onLoad: return n.finish([try n.convolution(n.node("LeakyRelu", [normed]), channels, 20)])
    case .withResidual:
      let sum = try n.node("Add", [n.node("Relu", [normed]), n.instanceNorm(x, channels)])
      return n.finish([try n.node("Relu", [sum]), try n.convolution(sum, channels, 7)])
    case .joined:
      let joined = try n.node("Concat", [n.node("Relu", [normed]), n.instanceNorm(x, channels)], ["axis": .int(1)])
      return n.finish([joined, try n.convolution(joined, 2 * channels, 16)])
    case .gated: return n.finish([try n.convolution(n.node("Mul", [normed, n.node("Sigmoid", [normed])]), channels, 16)])
    case .groups:
      let grouped = try n.node("GroupNormalization", [x, n.constant([channels], shift: 1), n.constant([channels])], opset: 21, ["num_groups": .int(4)])
      return n.finish([try n.convolution(n.node("Relu", [grouped]), channels, 16, stride: 2)])
    case .pooled: return n.finish([try n.node("GlobalAveragePool", [n.node("Relu", [normed])]), try n.node("Softmax", [normed], ["axis": .int(1)])])
    }
  }

  /// Beside the operators' own loops, which work in double precision. A convolution of 16 channels adds what it rounds anyway; where it
  /// normalises on load, the zeros around the volume are a value of the input, as coarse as that: half a unit in the last place of 3000 is
  /// 1.2e-4 deviations.
  @Test(arguments: ISA.available, Path.allCases)
  func keepTheirDigitsWhenFused(isa: ISA, path: Path) throws {
    let graph = try Self.graph(path), shape = [1, 16, 12, 13, 14]
    var random = SplitMix64(seed: 21)
    let noise = try #require(Tensor.normal(shape, &random).floats)
    let input = Tensor(TensorType(.float32, shape), .floats(noise.map { 3000 + ($0 * 1024).rounded() / 1024 })), pool = ThreadPool(threads: 2)
    let session = try Session(Plan(graph, inputShapes: [shape], kernels: isa.table, pool: pool), pool: pool)
    for (got, want) in zip(try session.run([input]), try graph.evaluate([input])) {
      let rms = (want.doubles.reduce(0) { $0 + $1 * $1 } / Double(want.count)).squareRoot()
      let worst = zip(got.doubles, want.doubles).map { abs($0 - $1) }.max() ?? .infinity
      #expect(worst <= (path == .onLoad ? 1.5e-4 : 3e-5) * rms, "\(worst / rms)")
    }
  }
}
