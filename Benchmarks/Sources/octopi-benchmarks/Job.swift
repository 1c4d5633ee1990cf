import ArgumentParser
import Kernels
import Octopi

/// `job`: the whole way of a tomogram, beside the time of its windows alone.
struct Job: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Segment a tomogram of noise in memory; how much longer than its windows alone?")

  @Argument(help: "The network.") var model: String
  @Option(help: "Voxels along z, y, x.") var volume = "184,630,630"
  @Option(help: "Edge of a window.") var size = 96
  @OptionGroup var common: Common

  func run() throws {
    let axes = volume.split(separator: ",").compactMap { Int($0) }
    guard let shape = VolumeShape(axes), axes.allSatisfy((1...4096).contains) else { throw ValidationError("--volume \(volume) is not z,y,x") }
    let kernels = try JobKernels.forJob(), pool = common.pool
    let windows = try NetworkFile(path: model).windows(size: [size, size, size], classes: nil, kernels: kernels, pool: pool)
    var random = SplitMix64(seed: 1)
    let source = Volume(shape: shape, voxels: (0..<shape.count).map { _ in Float(random.next() >> 40) * 0x1p-23 - 1 })
    print("| windows | window alone ms | windows alone s | job s | job / windows | memory MiB |\n|---|---|---|---|---|---|")
    for _ in 0..<max(1, common.rounds) {
      let alone = try Times(rounds: 5) { try windows.predict(fill: { _, _ in }, take: { _, _ in }) }.median
      var labels = LabelVolume(shape: shape)
      var job = try SegmentationJob(
        source: source, predictors: [NetworkPredictor(windows)], settings: SegmentationSettings(), kernels: kernels, pool: pool, labels: labels.chunk)
      let start = ContinuousClock.now, result = try job.run(labels: &labels)
      let seconds = (ContinuousClock.now - start) / .seconds(1), sum = alone * Double(result.windows)
      print(
        "| \(result.windows) | \(decimals(1e3 * alone)) | \(decimals(sum)) | \(decimals(seconds)) | \(decimals(seconds / sum, 3)) "
          + "| \(MemoryBudget.peakResident >> 20) |")
    }
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
