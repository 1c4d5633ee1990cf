import Foundation
import Kernels
import Octopi
import Testing

/// The seven cases that octopi's own predictor computed.
@Suite("Segment: cases of octopi")
struct SegmentVectorTests {
  struct Cases: Decodable { let cases: [Case] }
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String, input: String, models: [String], roi: Int, overlap: Double, ntta: Int, logits: String, labels: String
    var testDescription: String { name }
  }

  @Test(arguments: try SegmentData.decode(Cases.self, "cases.json").cases)
  func equalsUpstream(_ want: Case) throws {
    let volume = try SegmentData.volume(want.input), voxels = volume.shape.count
    let predictors = try want.models.map { name in
      try SegmentData.decode(TinyNetwork.self, name.replacing(".onnx", with: ".json")).predictor(batch: 4)
    }
    let best = ISA.available[ISA.available.count - 1]
    let run = try segment(volume, predictors, isa: best, chunk: cube(5)) {
      $0.overlap = want.overlap
      $0.augmentations = Array(Augmentation.all.prefix(want.ntta))
    }

    let logits = try SegmentData.array(want.logits, of: Float.self), wanted = try SegmentData.array(want.labels, of: UInt8.self)
    try #require(logits.count == 3 * voxels && wanted.count == voxels)
    #expect(run.result.voxelsPerLabel.reduce(0, +) == voxels)
    var wrongLabels: [Int] = [], wrongLogits: [Int] = []
    for voxel in 0..<voxels {
      let channels = (0..<3).map { logits[$0 * voxels + voxel] }
      let top = channels.sorted(by: >)
      if top[0] - top[1] > 1e-5, run.labels[voxel] != wanted[voxel] { wrongLabels.append(voxel) }
      // Differences of logits are logarithms of ratios of probabilities: 1e-5 each, twice.
      let ours = (0..<3).map { log(Double(run.probabilities[$0 * voxels + voxel])) }
      if !(1..<3).allSatisfy({ abs(ours[$0] - ours[0] - Double(channels[$0] - channels[0])) < 2e-5 }) { wrongLogits.append(voxel) }
    }
    #expect(wrongLabels.isEmpty)
    #expect(wrongLogits.isEmpty)
  }
}
