import Foundation
import Kernels
import Octopi
import TestSupport
import Testing

/// Normally distributed voxels (Box and Muller).
func noise(_ shape: VolumeShape, seed: UInt64) -> Volume<Float> {
  var random = SplitMix64(seed: seed)
  return Volume(
    shape: shape,
    voxels: (0..<shape.count).map { _ in
      let radius = (-2 * log(Double.random(in: 1e-12..<1, using: &random))).squareRoot()
      return Float(radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random)))
    })
}

/// Mean 0 and deviation 1 as a plain loop over doubles computes them, in float32 as the network sees it.
func normalized(_ volume: Volume<Float>) -> [Float] {
  let count = Double(volume.shape.count), mean = volume.voxels.reduce(0.0) { $0 + Double($1) } / count
  let deviation = (volume.voxels.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
  return volume.voxels.map { ($0 - Float(mean)) / Float(deviation) }
}

@Suite("Segment: cases from reports")
struct SegmentCaseTests {
  /// Label 1 exactly where the normalised voxel is above 2.
  private func threshold(_ size: Int) -> PlainPredictor {
    PlainPredictor(roi: cube(size), classes: 2, batch: 4) { window in window.map { _ in 0 } + window.map { $0 - 2 } }
  }

  /// int(16 x 0.05) is 0; a step of 0 would visit the first place only.
  @Test func tinyStep() throws {
    let volume = noise(cube(20), seed: 7)
    let tiny = try segment(volume, [threshold(16)]) { $0.overlap = 0.95 }, half = try segment(volume, [threshold(16)])
    #expect(tiny.result.windows == 4 * 125)
    #expect(half.result.windows == 4 * 8)
    #expect(tiny.labels == half.labels)
    #expect(tiny.labels == normalized(volume).map { $0 > 2 ? 1 : 0 })
    #expect(tiny.result.voxelsPerLabel == [tiny.labels.count { $0 == 0 }, tiny.labels.count { $0 == 1 }])
    #expect(tiny.result.voxelsPerLabel[1] > 100)
  }

  /// 63,920,025 windows an orientation are planned at once.
  @Test func tinyStepIsPlannedAtOnce() throws {
    struct Promise: VolumeSource {
      let name = "promised", shape = VolumeShape(z: 184, y: 630, x: 630), element = VoxelElement.float32
      let preferredBox = VolumeShape(z: 1, y: 630, x: 630), scratchBytes = 0
      func read(_ box: VolumeBox) throws -> VoxelBlock { throw SegmentationError.noModel }
    }
    var settings = SegmentationSettings()
    settings.overlap = 0.95
    let plan = try SegmentationPlan(Promise(), NetworkFacts(roi: cube(16), channels: 2, models: 3, residentBytes: 0), settings, labels: cube(256))
    #expect(plan.windowsPerOrientation == Array(repeating: 63_920_025, count: 4))
    #expect(plan.windows == 3 * 4 * 63_920_025)
  }

  /// The best class only is wanted, so memory grows with a ring of windows, not with classes x volume.
  @Test(arguments: [100, 256])
  func hundredClasses(classes: Int) throws {
    let volume = noise(VolumeShape(z: 8, y: 40, x: 16), seed: 19), roi = cube(8)
    let predictor = PlainPredictor(roi: roi, classes: classes, batch: 2) { window in
      (0..<classes).flatMap { c in window.map { Float(c) / 10 * $0 - Float(c * c) / 200 } }
    }
    var settings = SegmentationSettings()
    settings.augmentations = [Augmentation.all[0]]
    let plan = try SegmentationPlan(volume, NetworkFacts([predictor]), settings, labels: cube(8))
    #expect(plan.axis == .y)
    #expect(plan.memory.ringBytes == 8 * 8 * 16 * classes * 4)
    #expect(plan.memory.totalBytes < volume.shape.count * classes * 4 / 4)

    let run = try segment(volume, [predictor]) { $0.augmentations = settings.augmentations }
    var compared = 0
    for (label, x) in zip(run.labels, normalized(volume)) {
      let tenfold = 10 * Double(x), rest = abs(tenfold - tenfold.rounded(.down) - 0.5)
      guard rest > 1e-3 else { continue }
      #expect(Int(label) == min(max(Int(tenfold.rounded()), 0), classes - 1))
      compared += 1
    }
    #expect(compared > 5000)
  }

  /// A job that fits runs; one byte less is refused before anything is read, with the amount that it needs.
  @Test func memoryIsKeptOrRefused() throws {
    struct Unreadable: VolumeSource {
      let name = "TS_1", shape = VolumeShape(z: 8, y: 40, x: 16), element = VoxelElement.int16
      let preferredBox = cube(8), scratchBytes = 1000
      func read(_ box: VolumeBox) throws -> VoxelBlock { throw SegmentationError.noModel }
    }
    let network = NetworkFacts(roi: cube(8), channels: 10, models: 1, residentBytes: 5000)
    var settings = SegmentationSettings()
    settings.otherBytes = 777
    let roomy = try SegmentationPlan(Unreadable(), network, settings, labels: cube(16)).memory
    #expect(roomy.holdsVolume)
    #expect(roomy.volumeBytes == 8 * 40 * 16 * 2)
    #expect(roomy.ringBytes == 8 * 8 * 16 * 10 * 4)
    #expect(roomy.slabBytes == 8 * 16 * 16)
    #expect(roomy.modelBytes == 5000 && roomy.otherBytes == 777)

    settings.memoryLimit = roomy.totalBytes
    #expect(try SegmentationPlan(Unreadable(), network, settings, labels: cube(16)).memory == roomy)
    settings.memoryLimit = roomy.totalBytes - 1
    let tight = try SegmentationPlan(Unreadable(), network, settings, labels: cube(16)).memory
    #expect(!tight.holdsVolume)
    #expect(tight.volumeBytes == 8 * 8 * 16 * 2)
    #expect(tight.totalBytes < roomy.totalBytes)
    settings.memoryLimit = tight.totalBytes
    #expect(try SegmentationPlan(Unreadable(), network, settings, labels: cube(16)).memory == tight)
    settings.memoryLimit = tight.totalBytes - 1
    #expect(throws: SegmentationError.memory(tomogram: "TS_1", needed: tight.totalBytes, limit: tight.totalBytes - 1)) {
      try SegmentationPlan(Unreadable(), network, settings, labels: cube(16))
    }
  }

  @Test func wordsOfRefusal() {
    let error = SegmentationError.memory(tomogram: "TS_1", needed: 440 << 20, limit: 200 << 20)
    #expect(error.message == "tomogram 'TS_1' needs 440 MiB, more than the 200 MiB that are allowed")
    #expect(error.remedy == "allow it with --max-memory 440M, or use a model with fewer classes or a smaller window")
  }

  @Test(arguments: [VolumeShape(z: 1 << 30, y: 1 << 30, x: 1 << 30), VolumeShape(z: .max, y: 1, x: 1)])
  func refusesShapesBeyondCounting(shape: VolumeShape) throws {
    struct Endless: VolumeSource {
      let name = "endless", shape: VolumeShape, element = VoxelElement.int8, preferredBox = cube(8), scratchBytes = 0
      func read(_ box: VolumeBox) throws -> VoxelBlock { .int8([]) }
    }
    let network = NetworkFacts(roi: cube(8), channels: 2, models: 1, residentBytes: 0)
    #expect(throws: SegmentationError.tooLarge(tomogram: "endless", shape)) {
      try SegmentationPlan(Endless(shape: shape), network, SegmentationSettings(), labels: cube(16))
    }
  }
}
