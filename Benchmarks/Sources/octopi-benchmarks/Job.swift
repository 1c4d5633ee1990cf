import ArgumentParser
import Kernels
import Octopi
import OctopiEngine

/// `job`: the whole way of a tomogram, beside the time of its windows alone.
struct Job: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Segment a tomogram of noise in memory; how much longer than its windows alone?",
    discussion: """
      The windows alone are as many passes of the network on one window, whose logits are written to memory, as 'octopi bench' times them: \
      half of them right before the job and half right after it.
      """)

  @Argument(help: "The network.") var model: String
  @Option(help: "Voxels along z, y, x.") var volume = "184,630,630"
  @Option(help: "Edge of a window.") var size = 96
  @OptionGroup var common: Common

  func run() throws {
    let axes = volume.split(separator: ",").compactMap { Int($0) }
    guard let shape = VolumeShape(axes), axes.allSatisfy((1...4096).contains) else { throw ValidationError("--volume \(volume) is not z,y,x") }
    let kernels = try JobKernels.forJob(), pool = common.pool, network = try NetworkFile(path: model)
    var random = SplitMix64(seed: 1)
    let source = Volume(shape: shape, voxels: (0..<shape.count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 })
    print("| windows | windows alone s | job s | job / windows | memory MiB |\n|---|---|---|---|---|")
    for _ in 0..<max(1, common.rounds) {
      let alone = WindowsAlone(network: network, size: size, kernels: kernels, pool: pool)
      var labels = LabelVolume(shape: shape), job = try self.job(source, network, kernels, pool, labels.chunk)
      let before = try alone.seconds(job.plan.windows / 2), start = ContinuousClock.now, windows = try job.run(labels: &labels).windows
      let seconds = (ContinuousClock.now - start) / .seconds(1), sum = try before + alone.seconds(windows - windows / 2)
      print("| \(windows) | \(decimals(sum)) | \(decimals(seconds)) | \(decimals(seconds / sum, 3)) | \(MemoryBudget.peakResident >> 20) |")
    }
  }

  private func job(
    _ source: Volume<Float>, _ network: NetworkFile, _ kernels: JobKernels, _ pool: JobThreads, _ chunk: VolumeShape
  ) throws -> SegmentationJob<Volume<Float>> {
    let windows = try network.windows(size: [size, size, size], classes: nil, kernels: kernels, pool: pool)
    return try SegmentationJob(
      source: source, predictors: [NetworkPredictor(windows)], settings: SegmentationSettings(), kernels: kernels, pool: pool, labels: chunk)
  }
}

/// Passes of a network on one window of noise. Holds memory only while they run.
private struct WindowsAlone {
  let network: NetworkFile, size: Int, kernels: JobKernels, pool: JobThreads

  /// Time of so many passes, after one that is not counted.
  func seconds(_ count: Int) throws -> Double {
    let session = try Session(network.plan(inputShapes: [[1, 1, size, size, size]], kernels: kernels, pool: pool), pool: pool)
    var random = SplitMix64(seed: 2)
    _ = session.withInput(0) { input in for i in input.indices { input[i] = Float(random.next() >> 40) * 0x1p-23 - 1 } }
    try session.run()
    return try ContinuousClock().measure { for _ in 0..<count { try session.run() } } / .seconds(1)
  }
}

/// Steele, Lea and Flood's generator: the same numbers everywhere.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// At least 0, below `limit`.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
}
