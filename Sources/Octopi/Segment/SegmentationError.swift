/// Why a tomogram cannot be segmented.
public enum SegmentationError: Failure, Hashable {
  /// An overlap outside of [0, 1).
  case overlap(Double)
  /// A volume or a window without voxels along an axis.
  case empty(size: Int, roi: Int)

  public var kind: FailureKind {
    switch self {
    case .overlap: .usage
    case .empty: .damaged
    }
  }

  public var message: String {
    switch self {
    case .overlap(let value): "overlap must be >= 0 and < 1, got (\(value), \(value), \(value))"
    case .empty(let size, let roi): "a volume of \(size) voxels along an axis cannot be covered by windows of \(roi)"
    }
  }

  public var remedy: String? {
    switch self {
    case .overlap: "0.5 is the default; 0.25 takes about half the time"
    case .empty: nil
    }
  }
}
