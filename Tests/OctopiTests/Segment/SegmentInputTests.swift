import Kernels
import Octopi
import Synchronization
import TestSupport
import Testing

/// A volume of any type; reads in boxes of an awkward size.
struct TypedVolume: VolumeSource {
  var name = "TS_1"
  let shape: VolumeShape
  let voxels: VoxelBlock
  var preferredBox = VolumeShape(z: 2, y: 3, x: 2)
  var scratchBytes: Int { 0 }
  var element: VoxelElement { voxels.element }

  func read(_ box: VolumeBox) -> VoxelBlock {
    switch voxels {
    case .int8(let all): .int8(cut(all, box))
    case .uint8(let all): .uint8(cut(all, box))
    case .int16(let all): .int16(cut(all, box))
    case .uint16(let all): .uint16(cut(all, box))
    case .float16(let all): .float16(cut(all, box))
    case .float32(let all): .float32(cut(all, box))
    }
  }

  private func cut<T>(_ all: [T], _ box: VolumeBox) -> [T] {
    box.z.flatMap { z in box.y.flatMap { y in box.x.map { x in all[(z * shape.y + y) * shape.x + x] } } }
  }
}

/// What windows hold: a network that records them. One window at a time, one augmentation, no overlap.
private func windows(
  of source: some VolumeSource, _ roi: VolumeShape, _ mode: Normalization.Mode, memoryLimit: Int? = nil
) throws -> (windows: [[Float]], result: SegmentationResult) {
  let seen = Mutex<[[Float]]>([])
  let predictor = PlainPredictor(roi: roi, classes: 2) { window in
    seen.withLock { $0.append(window) }
    return window + window
  }
  let run = try segment(source, [predictor]) {
    $0.overlap = 0
    $0.augmentations = [Augmentation.all[0]]
    $0.normalization = mode
    $0.memoryLimit = memoryLimit
  }
  return (seen.withLock(\.self), run.result)
}

@Suite("Segment: input")
struct SegmentInputTests {
  struct Vector: Decodable, Sendable, CustomTestStringConvertible {
    let name: String, dtype: String, shape: [Int]
    let input: [Value], output: [Value]
    let isComplete: Bool
    var testDescription: String { name }

    enum CodingKeys: String, CodingKey {
      case name, dtype, shape, input, output
      case isComplete = "all_values_listed"
    }

    /// A number, or "nan".
    struct Value: Decodable, Sendable {
      let double: Double
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        double = try (try? container.decode(Double.self)) ?? Double(container.decode(String.self)) ?? .nan
      }
    }

    var source: TypedVolume {
      let values = input.map(\.double)
      let voxels: VoxelBlock =
        switch dtype {
        case "int8": .int8(values.map { Int8($0) })
        case "uint8": .uint8(values.map { UInt8($0) })
        case "int16": .int16(values.map { Int16($0) })
        case "uint16": .uint16(values.map { UInt16($0) })
        case "float16": .float16(values.map { Half(bits: bits(Float($0))) })
        default: .float32(values.map { Float($0) })
        }
      return TypedVolume(shape: OctopiTests.shape(shape), voxels: voxels)
    }

    /// Bits of a normal half that a float holds exactly.
    private func bits(_ value: Float) -> UInt16 {
      let sign = UInt16(value.bitPattern >> 16 & 0x8000)
      return value == 0 ? sign : sign | UInt16((value.bitPattern & 0x7FFF_FFFF) >> 13 - 0x1C000)
    }
  }

  /// Upstream's mean of a volume far from zero is off by up to 1e-4 deviations, since torch sums in float32.
  @Test(arguments: try SegmentData.decode([Vector].self, "normalise.json").filter { $0.isComplete && !$0.name.hasPrefix("one_") })
  func normalisesAsUpstream(_ vector: Vector) throws {
    let source = vector.source, count = Double(vector.input.count)
    let (windows, result) = try windows(of: source, source.shape, .volume)
    let mean = vector.input.reduce(0.0) { $0 + Double(Float($1.double)) } / count
    let squares = vector.input.reduce(0.0) { $0 + (Double(Float($1.double)) - mean) * (Double(Float($1.double)) - mean) }
    #expect(result.normalization == Normalization(mean: Float(mean), deviation: Float((squares / count).squareRoot())))
    try #require(windows.count == 1)
    for (ours, theirs) in zip(windows[0], vector.output) {
      #expect(abs(Double(ours) - theirs.double) <= (vector.name == "float32_offset" ? 1e-4 : 2e-7) * max(1, abs(theirs.double)))
    }
  }

  /// Upstream divides a rounding error by itself and sees -1 everywhere; ours is 0.
  @Test(arguments: [Float(0.1), 0, -3e30, .leastNonzeroMagnitude])
  func constantVolumeIsZero(value: Float) throws {
    let volume = Volume(shape: VolumeShape(z: 10, y: 11, x: 13), voxels: Array(repeating: value, count: 1430))
    let (windows, result) = try windows(of: volume, VolumeShape(z: 10, y: 11, x: 13), .volume)
    #expect(result.normalization == Normalization(mean: value, deviation: 1))
    #expect(windows.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }

  /// A mean thousands of deviations away from zero costs nothing.
  @Test func largeOffset() throws {
    var random = SplitMix64(seed: 8)
    let shape = VolumeShape(z: 7, y: 30, x: 31)
    let volume = Volume(shape: shape, voxels: (0..<shape.count).map { _ in 30000 + Float(Int.random(in: -8...8, using: &random)) })
    let offsets = volume.voxels.map { Double($0) - 30000 }, count = Double(shape.count), mean = offsets.reduce(0, +) / count
    let deviation = (offsets.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    let result = try windows(of: volume, shape, .volume).result
    #expect(result.normalization == Normalization(mean: Float(30000 + mean), deviation: Float(deviation)))
  }

  /// Whether the volume is held or streamed, and in which boxes it is read, does not change a bit.
  @Test func readingDoesNotChangeStatistics() throws {
    let shape = VolumeShape(z: 9, y: 7, x: 19), volume = noise(shape, seed: 9)
    let want = try windows(of: volume, VolumeShape(z: 3, y: 3, x: 3), .volume)
    for box in [[1, 1, 1], [2, 7, 19], [9, 7, 19], [4, 3, 8], [100, 100, 100]] {
      let source = TypedVolume(shape: shape, voxels: .float32(volume.voxels), preferredBox: OctopiTests.shape(box))
      #expect(try windows(of: source, VolumeShape(z: 3, y: 3, x: 3), .volume).windows == want.windows)
      let plan = try SegmentationPlan(
        source, NetworkFacts(roi: VolumeShape(z: 3, y: 3, x: 3), channels: 2, models: 1, residentBytes: 0), SegmentationSettings(), labels: cube(4),
        probabilities: cube(4))
      #expect(try windows(of: source, VolumeShape(z: 3, y: 3, x: 3), .volume, memoryLimit: plan.memory.totalBytes - 1).windows == want.windows)
    }
  }

  /// Each window by itself: its voxels in the volume have mean 0 and deviation 1, what hangs over is 0.
  @Test func normalisesWindowByWindow() throws {
    let shape = VolumeShape(z: 4, y: 9, x: 5), volume = noise(shape, seed: 10)
    let (windows, result) = try windows(of: volume, VolumeShape(z: 6, y: 4, x: 5), .window)
    #expect(result.normalization == .none)
    #expect(windows.count == 3)
    for (window, start) in zip(windows, [0, 4, 5]) {
      let inside = window.indices.filter { (1..<5).contains($0 / 20) }
      let voxels = inside.map { i in Double(volume[i / 20 - 1, start + i / 5 % 4, i % 5]) }
      let mean = voxels.reduce(0, +) / 80, deviation = (voxels.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / 80).squareRoot()
      for (i, voxel) in zip(inside, voxels) { #expect(abs(Double(window[i]) - (voxel - mean) / deviation) < 1e-5) }
      #expect(window.indices.allSatisfy { (20..<100).contains($0) || window[$0] == 0 })
    }
  }

  @Test func leavesVoxelsAsTheyAre() throws {
    let volume = noise(VolumeShape(z: 4, y: 5, x: 6), seed: 11)
    #expect(try windows(of: volume, volume.shape, .none).windows == [volume.voxels])
  }

  /// NaN and infinities are refused wherever they are, the first one named, held or streamed, in every mode.
  @Test(arguments: [Float.nan, .infinity, -.infinity], Normalization.Mode.allCases)
  func refusesWhatIsNotFinite(value: Float, mode: Normalization.Mode) throws {
    let shape = VolumeShape(z: 5, y: 6, x: 7)
    for place in [(0, 0, 0), (2, 5, 3), (4, 5, 6)] {
      var volume = noise(shape, seed: 12)
      volume[place.0, place.1, place.2] = value
      volume[4, 5, 6] = value
      for limit in [nil, 100_000 as Int?] {
        let source = TypedVolume(shape: shape, voxels: .float32(volume.voxels))
        let error = #expect(throws: SegmentationError.self) { try windows(of: source, cube(3), mode, memoryLimit: limit) }
        let what = value.isNaN ? "NaN" : "an infinite value"
        #expect(error?.message == "tomogram 'TS_1' holds \(what) at voxel (z, y, x) = \(place)")
        #expect(error?.kind == .damaged)
      }
    }
  }

  @Test func refusesBlocksOfAnotherSizeOrType() throws {
    struct Wrong: VolumeSource {
      let name = "wrong", shape = cube(4), element = VoxelElement.int16, preferredBox = cube(4), scratchBytes = 0
      let block: VoxelBlock
      func read(_ box: VolumeBox) -> VoxelBlock { block }
    }
    for block in [VoxelBlock.int16(Array(repeating: 1, count: 63)), .int8(Array(repeating: 1, count: 64))] {
      #expect(throws: SegmentationError.wrongBlock(VolumeBox(cube(4)), element: block.element, voxels: block.count)) {
        try windows(of: Wrong(block: block), cube(4), .volume)
      }
    }
  }
}
