/// Why a tomogram cannot be segmented.
public enum SegmentationError: Failure, Hashable {
  /// An overlap outside of [0, 1).
  case overlap(Double)
  /// A volume or a window without voxels along an axis.
  case empty(size: Int, roi: Int)
  /// The first voxel, in the order of the volume, that is NaN or infinite (in float32).
  case notFinite(tomogram: String, value: Float, z: Int, y: Int, x: Int)
  /// More voxels than this machine can count.
  case tooLarge(tomogram: String, VolumeShape)
  /// The job does not fit the memory that it may hold, in bytes.
  case memory(tomogram: String, needed: Int, limit: Int)
  /// The system has no memory left, in bytes.
  case outOfMemory(bytes: Int)
  /// An ensemble of no model.
  case noModel
  /// A model of an ensemble that differs from the first.
  case ensemble(model: Int, roi: VolumeShape, channels: Int, firstRoi: VolumeShape, firstChannels: Int)
  /// A network's logits are not of its window's size.
  case wrongLogits(roi: VolumeShape, channels: Int)
  /// A label that a label volume (uint8) cannot hold.
  case labelAbove255(Int)
  /// A reader did not give what it was asked for.
  case wrongBlock(VolumeBox, element: VoxelElement, voxels: Int)

  public var kind: FailureKind {
    switch self {
    case .overlap: .usage
    case .empty, .notFinite, .ensemble, .wrongLogits, .labelAbove255: .damaged
    case .tooLarge, .memory: .unsupported
    case .outOfMemory: .inputOutput
    case .noModel: .missing
    case .wrongBlock: .defect
    }
  }

  public var message: String {
    switch self {
    case .overlap(let value): "overlap must be >= 0 and < 1, got (\(value), \(value), \(value))"
    case .empty(let size, let roi): "a volume of \(size) voxels along an axis cannot be covered by windows of \(roi)"
    case .notFinite(let tomogram, let value, let z, let y, let x):
      "tomogram '\(tomogram)' holds \(value.isNaN ? "NaN" : "an infinite value") at voxel (z, y, x) = (\(z), \(y), \(x))"
    case .tooLarge(let tomogram, let shape): "tomogram '\(tomogram)' of \(shape) voxels is too large for this machine"
    case .memory(let tomogram, let needed, let limit):
      "tomogram '\(tomogram)' needs \(SegmentationError.mebibytes(needed)), more than the \(SegmentationError.mebibytes(limit)) that are allowed"
    case .outOfMemory(let bytes): "the system refuses \(SegmentationError.mebibytes(bytes)) of memory"
    case .noModel: "no model is given"
    case .ensemble(let model, let roi, let channels, let firstRoi, let firstChannels):
      "model \(model) of the ensemble has windows of \(roi) and \(channels) channels, "
        + "the first has \(firstRoi) and \(firstChannels)"
    case .wrongLogits(let roi, let channels):
      "the network did not give logits of \(channels) channels for windows of \(roi)"
    case .labelAbove255(let label): "the model found class \(label), but a label volume holds labels up to 255"
    case .wrongBlock(let box, let element, let voxels): "reading \(box) gave \(voxels) voxels of type \(element)"
    }
  }

  public var remedy: String? {
    switch self {
    case .overlap: "0.5 is the default; 0.25 takes about half the time"
    case .notFinite: "replace such voxels by the mean of the others: one of them would make every label 0"
    case .memory(_, let needed, _):
      "allow it with --max-memory \(SegmentationError.roundedUp(needed))M, or use a model with fewer classes or a smaller window"
    case .outOfMemory: "end other programs, raise the limit of this one, or give it less with --max-memory"
    case .ensemble: "models of an ensemble must share num_classes and are run with the window of the last one's configuration"
    case .labelAbove255: "train with at most 256 classes"
    case .empty, .tooLarge, .noModel, .wrongBlock, .wrongLogits: nil
    }
  }

  /// Mebibytes, rounded up: what is allowed must suffice.
  private static func roundedUp(_ bytes: Int) -> Int { (bytes >> 20) + (bytes & 0xFFFFF == 0 ? 0 : 1) }

  private static func mebibytes(_ bytes: Int) -> String { "\(roundedUp(bytes)) MiB" }
}
