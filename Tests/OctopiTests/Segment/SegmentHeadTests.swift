import Foundation
import Kernels
import Octopi
import Testing

@Suite("Segment: labels")
struct SegmentHeadTests {
  /// A volume of one row whose logits are given voxel by voxel.
  private func labels(_ logits: [[Float]], _ head: Head) throws -> Segmented {
    let channels = logits[0].count, roi = VolumeShape(z: 1, y: 1, x: logits.count)
    let predictor = PlainPredictor(roi: roi, classes: channels) { _ in (0..<channels).flatMap { c in logits.map { $0[c] } } }
    let volume = Volume(shape: roi, voxels: logits.indices.map { Float($0) })
    let runs = try ISA.available.map { isa in
      try segment(volume, [predictor], isa: isa) {
        $0.head = head
        $0.augmentations = [Augmentation.all[0]]
      }
    }
    #expect(runs.allSatisfy { $0.labels == runs[0].labels })
    return runs[0]
  }

  @Test func softmaxTakesTheHighestAndTheLowestOnTies() throws {
    let run = try labels(
      [[0, 1, 2], [2, 1, 0], [1, 3, 3], [0, 0, 0], [-5, -7, -5], [.nan, 1, 2], [9, .nan, 1], [1, .nan, .nan], [.infinity, .infinity, 0]], .softmax)
    #expect(run.labels == [2, 0, 1, 0, 0, 0, 1, 1, 0])
    #expect(run.result.voxelsPerLabel == [5, 3, 1])
    let powers = [0.0, 1, 2].map { exp($0) }
    for c in 0..<3 { #expect(abs(Double(run.probabilities[c * 9]) - powers[c] / powers.reduce(0, +)) < 1e-7) }
  }

  @Test func sigmoidNeedsMoreThanAHalf() throws {
    let run = try labels([[-1, -2], [0, 0], [1, -1], [1, 2], [2, 2], [-1, 0.5]], .sigmoid)
    #expect(run.labels == [0, 0, 1, 2, 1, 2])
    #expect(run.result.voxelsPerLabel == [2, 2, 2])
    #expect(abs(Double(run.probabilities[0]) - 1 / (1 + exp(1.0))) < 1e-7)
    #expect(abs(Double(run.probabilities[6 + 3]) - 1 / (1 + exp(-2.0))) < 1e-7)
    #expect(try labels([[-1], [3]], .sigmoid).labels == [0, 1])
  }

  /// What a byte cannot hold is an error, not a wrap.
  @Test func labelsAbove255() throws {
    let peak = { (top: Int) in (0..<300).map { Float($0 == top ? 1 : 0) } }
    #expect(try labels([peak(255), peak(3)], .softmax).labels == [255, 3])
    let error = #expect(throws: SegmentationError.self) { try labels([peak(3), peak(256)], .softmax) }
    #expect(error?.message == "the model found class 256, but a label volume holds labels up to 255")
    #expect(error?.kind == .damaged)
  }

  @Test func refusesLogitsOfAnotherSize() throws {
    let volume = Volume(shape: cube(4), voxels: (0..<64).map { Float($0) })
    for count in [2 * 64 - 1, 64, 0] {
      let predictor = PlainPredictor(roi: cube(4), classes: 2) { _ in Array(repeating: 0, count: count) }
      #expect(throws: SegmentationError.wrongLogits(roi: cube(4), channels: 2)) { try segment(volume, [predictor]) }
    }
  }

  @Test func refusesEnsemblesThatDiffer() throws {
    let volume = Volume(shape: cube(4), voxels: (0..<64).map { Float($0) })
    let make = { (size: Int, classes: Int) in PlainPredictor(roi: cube(size), classes: classes) { _ in [] } }
    for other in [make(4, 3), make(2, 2)] {
      let error = #expect(throws: SegmentationError.self) { try segment(volume, [make(4, 2), other]) }
      #expect(
        error?.message
          == "model 2 of the ensemble has windows of \(other.roi) and \(other.classes) channels, the first has 4 x 4 x 4 and 2")
    }
    #expect(throws: SegmentationError.noModel) { try NetworkFacts([]) }
  }
}
