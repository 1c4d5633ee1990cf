import Foundation
import Kernels
@testable import Octopi
import Testing

/// What a job gives, as sinks saw it.
struct Segmented {
  var labels: [UInt8] = []
  /// Softmax of the averaged logits, `[channel][z][y][x]`.
  var probabilities: [Float] = []
  var result = SegmentationResult(voxelsPerLabel: [], normalization: .none, windows: 0)
}

func segment(
  _ source: some VolumeSource, _ predictors: [any WindowPredictor], isa: ISA = ISA.available[ISA.available.count - 1], threads: Int = 2, chunk: VolumeShape = cube(4),
  _ change: (inout SegmentationSettings) -> Void = { _ in }
) throws -> Segmented {
  var settings = SegmentationSettings()
  change(&settings)
  var job = try SegmentationJob(
    source: source, predictors: predictors, settings: settings, kernels: isa.table, pool: ThreadPool(threads: threads), labels: chunk,
    probabilities: chunk)
  var labels = LabelVolume(shape: source.shape)
  var sink: (any ProbabilitySink)? = ProbabilityVolume(shape: source.shape, channels: predictors[0].classes, chunk: chunk)
  let result = try job.run(labels: &labels, probabilities: &sink)
  return Segmented(labels: labels.volume.voxels, probabilities: (sink as? ProbabilityVolume)?.values ?? [], result: result)
}

@Suite("Segment: jobs")
struct SegmentJobTests {
  struct Geometry: Sendable, CustomTestStringConvertible {
    let shape: [Int], roi: [Int], overlap: Double
    var testDescription: String { "\(shape) by \(roi), overlap \(overlap)" }
  }

  /// Anisotropic volumes and windows; axes smaller than the window by even and odd numbers.
  static let geometries = [
    Geometry(shape: [9, 14, 11], roi: [4, 6, 5], overlap: 0.5), Geometry(shape: [5, 13, 17], roi: [8, 6, 4], overlap: 0.25),
    Geometry(shape: [11, 4, 9], roi: [5, 7, 6], overlap: 0.5), Geometry(shape: [7, 12, 3], roi: [3, 5, 8], overlap: 0.75),
    Geometry(shape: [3, 4, 5], roi: [6, 9, 8], overlap: 0.5), Geometry(shape: [1, 7, 6], roi: [1, 4, 4], overlap: 0),
    Geometry(shape: [6, 5, 4], roi: [6, 5, 4], overlap: 0.5),
  ]

  @Test(arguments: geometries, 1...8)
  func equalsTheLiteralWay(_ geometry: Geometry, augmentations: Int) throws {
    for isa in ISA.available { try expectTheLiteralWay(geometry, augmentations, isa) }
  }

  private func expectTheLiteralWay(_ geometry: Geometry, _ augmentations: Int, _ isa: ISA) throws {
    let volume = wholeNumbers(shape(geometry.shape), seed: 1), roi = shape(geometry.roi)
    let network = crookedNetwork(roi: roi, channels: 3)
    let ours = try segment(volume, [PlainPredictor(roi: roi, classes: 3, logits: network)], isa: isa) {
      $0.overlap = geometry.overlap
      $0.augmentations = Array(Augmentation.all.prefix(augmentations))
      $0.normalization = .none
    }
    let reference = SegmentReference(
      shape: volume.shape, roi: roi, overlap: geometry.overlap, augmentations: augmentations, channels: 3, logits: network)
    expect(ours, equals: reference(volume.voxels), channels: 3)
  }

  /// Labels outside of ties, and probabilities. Logits stay below 40; a weight of three float factors and sums of up to 100 terms are good to
  /// 1e-6 of that, and as much is the relative error of a probability.
  private func expect(_ ours: Segmented, equals logits: [Double], channels: Int) {
    let voxels = logits.count / channels
    #expect(ours.labels.count == voxels)
    let wrong = ours.labels.indices.filter { voxel in
      let values = (0..<channels).map { logits[$0 * voxels + voxel] }, sorted = values.sorted(by: >)
      let powers = values.map { exp($0 - sorted[0]) }, sum = powers.reduce(0, +)
      let isLabelWrong = sorted[0] - sorted[1] > 1e-4 && Int(ours.labels[voxel]) != values.firstIndex(of: sorted[0])
      return isLabelWrong || powers.indices.contains { !(abs(Double(ours.probabilities[$0 * voxels + voxel]) - powers[$0] / sum) < 5e-5) }
    }
    #expect(wrong.isEmpty)
  }

  /// Every window count and every logit is a power of two times a small whole number: all sums are exact, in any order.
  @Test(arguments: [[16, 32, 24], [32, 8, 40], [24, 16, 16]])
  func everyAxisGivesTheSameBits(sizes: [Int]) throws {
    let volume = wholeNumbers(shape(sizes), seed: 2), roi = cube(16), network = crookedNetwork(roi: roi, channels: 3)
    let runs = try VolumeAxis.allCases.map { axis in
      try segment(volume, [PlainPredictor(roi: roi, classes: 3, logits: network)]) {
        $0.axis = axis
        $0.augmentations = Augmentation.all
        $0.normalization = .none
      }
    }
    let reference = SegmentReference(shape: volume.shape, roi: roi, overlap: 0.5, augmentations: 8, channels: 3, logits: network)(volume.voxels)
    for run in runs {
      #expect(run.labels == runs[0].labels)
      #expect(run.probabilities == runs[0].probabilities)
      let wrong = run.labels.indices.filter { voxel in
        let values = (0..<3).map { reference[$0 * volume.shape.count + voxel] }
        return Int(run.labels[voxel]) != values.firstIndex(of: values.max() ?? 0)
      }
      #expect(wrong.isEmpty)
    }
  }

  /// Sums that round: nothing but the order of windows may decide about bits.
  @Test func batchesThreadsAndMemoryDoNotChangeABit() throws {
    var volume = wholeNumbers(VolumeShape(z: 9, y: 14, x: 11), seed: 3)
    for i in volume.voxels.indices { volume.voxels[i] *= 0.37 }
    let roi = VolumeShape(z: 4, y: 6, x: 5), networks = [4, 5].map { crookedNetwork(roi: roi, channels: 3, seed: $0) }
    func run(batch: Int, threads: Int, planes: Int = .max, holds: Bool = true, axis: VolumeAxis? = nil) throws -> Segmented {
      let predictors = networks.map { PlainPredictor(roi: roi, classes: 3, batch: batch, planesPerCall: planes, logits: $0) }
      return try segment(volume, predictors, threads: threads) {
        $0.augmentations = Augmentation.all
        $0.axis = axis
        if !holds { $0.memoryLimit = leastBytes(volume, predictors, $0) }
      }
    }
    let first = try run(batch: 1, threads: 1)
    for other in [
      try run(batch: 3, threads: 1), try run(batch: 4, threads: 2), try run(batch: 1000, threads: 3, planes: 1), try run(batch: 2, threads: 3, planes: 3),
      try run(batch: 1, threads: 1, holds: false), try run(batch: 3, threads: 2, holds: false),
    ] {
      #expect(other.labels == first.labels)
      #expect(other.probabilities == first.probabilities)
      #expect(other.result == first.result)
    }
    for axis in VolumeAxis.allCases {
      #expect(try run(batch: 1, threads: 1, holds: false, axis: axis).probabilities == run(batch: 4, threads: 2, axis: axis).probabilities)
    }
  }

  /// Logits in blocks of channels, whole planes or some rows of one block at a time, wherever a ring begins anew and however windows are turned.
  @Test(arguments: [(3, 8), (11, 8), (11, 16), (3, 1)], VolumeAxis.allCases)
  func blocksOfChannelsDoNotChangeABit(blocks: (classes: Int, width: Int), axis: VolumeAxis) throws {
    var volume = wholeNumbers(VolumeShape(z: 5, y: 13, x: 31), seed: 8)
    for i in volume.voxels.indices { volume.voxels[i] *= 0.37 }
    let roi = VolumeShape(z: 4, y: 10, x: 19), network = crookedNetwork(roi: roi, channels: blocks.classes)
    for isa in ISA.available {
      let runs = try [(nil, Int.max), (blocks.width, .max), (blocks.width, 4)].map { width, rows in
        let predictor = PlainPredictor(
          roi: roi, classes: blocks.classes, planesPerCall: 3, rowsPerCall: rows, splitsBlocks: rows == 4, width: width, logits: network)
        return try segment(volume, [predictor], isa: isa) {
          $0.overlap = 0.25
          $0.augmentations = Augmentation.all
          $0.axis = axis
        }
      }
      for run in runs[1...] {
        #expect(run.labels == runs[0].labels)
        #expect(run.probabilities == runs[0].probabilities)
      }
      #expect(Set(runs[0].labels).count > 1 && !runs[0].probabilities.contains { $0.isNaN })
    }
  }

  /// The least memory that a job takes.
  private func leastBytes(_ source: some VolumeSource, _ predictors: [any WindowPredictor], _ settings: SegmentationSettings) -> Int {
    var settings = settings
    settings.memoryLimit = 0
    do {
      _ = try SegmentationPlan(source, NetworkFacts(predictors), settings, labels: cube(4), probabilities: cube(4))
    } catch {
      if case .memory(_, let needed, _) = error { return needed }
    }
    return 0
  }

  @Test func averagesModels() throws {
    let volume = wholeNumbers(VolumeShape(z: 9, y: 8, x: 7), seed: 5), roi = cube(4)
    let networks: [@Sendable ([Float]) -> [Float]] = [
      crookedNetwork(roi: roi, channels: 3), { window in (0..<3).flatMap { c in window.map { Float(c) * $0 } } },
    ]
    let ours = try segment(volume, networks.map { PlainPredictor(roi: roi, classes: 3, batch: 2, logits: $0) }) { $0.normalization = .none }
    let means = networks.map {
      SegmentReference(shape: volume.shape, roi: roi, overlap: 0.5, augmentations: 4, channels: 3, logits: $0)(volume.voxels)
    }
    expect(ours, equals: zip(means[0], means[1]).map { ($0 + $1) / 2 }, channels: 3)
    let windows = 2 * 4 * 4 * 3 * 3
    #expect(ours.result.windows == windows)
  }

  /// Rings end, slabs begin, batches break at every possible place.
  @Test(arguments: [1, 3, 4, 7, 100], VolumeAxis.allCases)
  func slabsComeInOrderAndInWholeChunks(chunk: Int, axis: VolumeAxis) throws {
    struct Recorder: LabelSink {
      let chunk: VolumeShape
      var boxes: [VolumeBox] = []
      mutating func write(_ labels: Span<UInt8>, of box: VolumeBox) {
        #expect(labels.count == box.shape.count)
        boxes.append(box)
      }
    }
    let volume = wholeNumbers(VolumeShape(z: 9, y: 10, x: 11), seed: 6), roi = cube(4)
    var settings = SegmentationSettings()
    settings.axis = axis
    let predictor = PlainPredictor(roi: roi, classes: 2, logits: crookedNetwork(roi: roi, channels: 2))
    var job = try SegmentationJob(
      source: volume, predictors: [predictor], settings: settings, kernels: ISA.portable.table, pool: ThreadPool(threads: 1), labels: cube(chunk))
    var sink = Recorder(chunk: cube(chunk)), seen: [Int] = []
    _ = try job.run(labels: &sink, progress: { seen.append($0.windows) })
    let size = volume.shape[axis]
    #expect(sink.boxes == stride(from: 0, to: size, by: chunk).map { VolumeBox(volume.shape, axis, $0..<min(size, $0 + chunk)) })
    #expect(seen == Array(1...job.plan.windows))
  }

  @Test func stopsWhenAsked() throws {
    let volume = wholeNumbers(cube(9), seed: 7), roi = cube(4)
    let predictor = PlainPredictor(roi: roi, classes: 2, logits: crookedNetwork(roi: roi, channels: 2))
    var job = try SegmentationJob(
      source: volume, predictors: [predictor], settings: SegmentationSettings(), kernels: ISA.portable.table, pool: ThreadPool(threads: 1),
      labels: cube(4))
    var labels = LabelVolume(shape: volume.shape), done = 0
    #expect(throws: CancellationError.self) { try job.run(labels: &labels, progress: { done = $0.windows }, isCancelled: { done == 5 }) }
    #expect(done == 5)
  }
}
