import Octopi
import Testing

@Suite("Segment: augmentation")
struct SegmentAugmentationTests {
  struct Vectors: Decodable {
    struct Transform: Decodable {
      let index: Int, name: String, shape: [Int]
      let sourceIndexOfOutput: [Int]
      enum CodingKeys: String, CodingKey {
        case index, name, shape
        case sourceIndexOfOutput = "source_index_of_output"
      }
    }
    let inputShape: [Int], transforms: [Transform]
    enum CodingKeys: String, CodingKey {
      case inputShape = "input_shape"
      case transforms
    }
  }

  @Test func equalsUpstream() throws {
    let vectors = try SegmentData.decode(Vectors.self, "tta.json")
    let size = shape(vectors.inputShape)
    #expect(vectors.transforms.count == Augmentation.all.count)
    for (augmentation, want) in zip(Augmentation.all, vectors.transforms) {
      let turned = augmentation.turned(size)
      #expect(turned == shape(want.shape), "\(want.name)")
      var sources: [Int] = []
      for z in 0..<turned.z {
        for y in 0..<turned.y {
          for x in 0..<turned.x { sources.append(source(augmentation, size, [z, y, x])) }
        }
      }
      #expect(sources == want.sourceIndexOfOutput, "\(want.name)")
    }
  }

  /// Flat index in the original frame of a voxel of the augmented one, from the type's own answers about axes.
  private func source(_ augmentation: Augmentation, _ shape: VolumeShape, _ voxel: [Int]) -> Int {
    var original = [0, 0, 0]
    for axis in VolumeAxis.allCases {
      let along = augmentation.axis(axis)
      original[along.rawValue] = augmentation.flips(along) ? shape[along] - 1 - voxel[axis.rawValue] : voxel[axis.rawValue]
    }
    return (original[0] * shape.y + original[1]) * shape.x + original[2]
  }
}
