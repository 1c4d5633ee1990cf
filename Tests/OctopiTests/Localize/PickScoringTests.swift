import Foundation
import Kernels
import TestSupport
import Testing

@testable import Octopi

/// Scores of picks against loops over all voxels.
@Suite("Scores of picks")
struct PickScoringTests {
  private static let shape = VolumeShape(z: 9, y: 70, x: 75)

  /// Labels 0 to 3 in blobs of noise; the probability of each voxel's label is the highest.
  private func volumes(seed: UInt64, channels: Int, first: Int) -> (labels: [UInt8], probabilities: [Float]) {
    var random = SplitMix64(seed: seed)
    var labels: [UInt8] = [], probabilities = [Float](repeating: 0, count: channels * Self.shape.count)
    for voxel in 0..<Self.shape.count {
      let label = Double.random(in: 0..<1, using: &random) < 0.4 ? 0 : Int.random(in: 1..<channels + first, using: &random)
      labels.append(UInt8(label))
      let highest = Float.random(in: 0.51...1, using: &random)
      for channel in 0..<channels {
        // Halves, so that the store keeps them.
        let value = channel + first == label ? highest : (1 - highest) / Float(channels)
        probabilities[channel * Self.shape.count + voxel] = Half(rounding: Double(value)).float
      }
    }
    return (labels, probabilities)
  }

  private func store(_ probabilities: [Float], channels: Int, first: Int, version: ZarrVersion, in folder: TemporaryFolder) throws -> ProbabilityImage {
    let outputs = Outputs(), partial = try outputs.folder(at: folder.path("p.zarr"), existing: .replace)
    let store = try ProbabilityStore(
      shape: Self.shape, channels: channels, firstLabel: first, spacing: VoxelSpacing(10), version: version, to: partial, on: ThreadPool(threads: 1))
    try store.write(probabilities.span, of: VolumeBox(Self.shape), channels: channels)
    try store.finish()
    try partial.commit()
    return try ProbabilityImage(folder.path("p.zarr"))
  }

  @Test(arguments: [(4, 0, ZarrVersion.v2), (3, 1, .v2), (4, 0, .v3), (3, 1, .v3)])
  func meansOverLabelledVoxelsInTheBall(channels: Int, first: Int, version: ZarrVersion) throws {
    let (labels, probabilities) = volumes(seed: 11, channels: channels, first: first), folder = try TemporaryFolder()
    let image = try store(probabilities, channels: channels, first: first, version: version, in: folder)
    #expect(image.labels == Array(first..<first + channels))
    var random = SplitMix64(seed: 5)
    var picks = [VoxelPick(z: 0, y: 0, x: 0), VoxelPick(z: 8, y: 69, x: 74), VoxelPick(z: 4.5, y: 63.5, x: 63.5)]
    for _ in 0..<20 {
      picks.append(
        VoxelPick(z: .random(in: 0..<9, using: &random), y: .random(in: 0..<70, using: &random), x: .random(in: 0..<75, using: &random)))
    }
    for radius in [0.0, 0.4, 3, 5.5, 200] {
      let target = LocalizeTarget(label: 2, minimumRadiusVoxels: 0, maximumRadiusVoxels: radius)
      let wanted = picks.map { pick in
        var sum = 0.0, count = 0, nearest = 0.0
        for z in 0..<9 {
          for y in 0..<70 {
            for x in 0..<75 {
              let voxel = (z * 70 + y) * 75 + x, value = Double(probabilities[(2 - first) * Self.shape.count + voxel])
              let squared = pow(Double(z) - pick.z, 2) + pow(Double(y) - pick.y, 2) + pow(Double(x) - pick.x, 2)
              if z == min(8, Int(pick.z.rounded())), y == min(69, Int(pick.y.rounded())), x == min(74, Int(pick.x.rounded())) { nearest = value }
              if labels[voxel] == 2, squared <= radius * radius {
                sum += value
                count += 1
              }
            }
          }
        }
        return count > 0 ? sum / Double(count) : nearest
      }
      let scoring = PickScoring(image, minimum: nil)
      let narrow = LabelValues.uint8(Volume(shape: Self.shape, voxels: labels))
      let wide = LabelValues.int64(Volume(shape: Self.shape, voxels: labels.map(Int64.init)))
      for threads in 1...2 {
        #expect(try scoring.scores(of: picks, target, in: narrow, of: "l", on: ThreadPool(threads: threads)) == wanted)
      }
      #expect(try scoring.scores(of: picks, target, in: wide, of: "l", on: ThreadPool(threads: 1)) == wanted)
    }
  }

  @Test func probabilitiesOfOtherLabelsAreRefused() throws {
    let (labels, probabilities) = volumes(seed: 3, channels: 3, first: 0), folder = try TemporaryFolder(), pool = ThreadPool(threads: 2)
    let scoring = PickScoring(try store(probabilities, channels: 3, first: 0, version: .v2, in: folder), minimum: nil)
    let picks = [VoxelPick(z: 4, y: 30, x: 30)], target = LocalizeTarget(label: 1, minimumRadiusVoxels: 1, maximumRadiusVoxels: 4)
    let others = LabelValues.uint8(Volume(shape: Self.shape, voxels: labels.map { $0 == 1 ? 2 : $0 == 2 ? 1 : 0 }))
    let error = try #require(throws: LocalizeError.self) { try scoring.scores(of: picks, target, in: others, of: "l.zarr", on: pool) }
    #expect(error.kind == .damaged)
    #expect(error.message.hasPrefix("'\(folder.path("p.zarr"))' gives voxel ("))
    #expect(error.message.hasSuffix("another label than 1, so it does not belong to the labels 'l.zarr'"))
    let high = LocalizeTarget(label: 7, minimumRadiusVoxels: 1, maximumRadiusVoxels: 4)
    #expect(throws: LocalizeError.self) { try scoring.scores(of: picks, high, in: others, of: "l.zarr", on: pool) }
    let small = LabelValues.uint8(Volume(shape: VolumeShape(z: 9, y: 70, x: 74), voxels: Array(repeating: 1, count: 9 * 70 * 74)))
    #expect(throws: LocalizeError.self) { try scoring.check(small, of: "l.zarr") }
  }
}
