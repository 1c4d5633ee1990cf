/// Windows along one axis of a volume: padding, step and starts of MONAI's sliding window (`monai/inferers/utils.py: _get_scan_interval`,
/// `monai/data/utils.py: dense_patch_slices`). A start counts from the first padded voxel.
public struct AxisWindows: Sendable, Hashable, RandomAccessCollection {
  /// Voxels of the volume, and of a window, along this axis.
  public let size: Int, roi: Int
  /// From one start to the next; the last may be closer.
  public let interval: Int

  /// - overlap: share of a window that its neighbour covers too; `0 <= overlap < 1`, else `SegmentationError.overlap`.
  public init(size: Int, roi: Int, overlap: Double) throws(SegmentationError) {
    guard overlap >= 0, overlap < 1 else { throw .overlap(overlap) }
    guard size > 0, roi > 0 else { throw .empty(size: size, roi: roi) }
    self.size = size
    self.roi = roi
    // The product is rounded as upstream rounds it: 10 * (1 - 0.8) is less than 2.
    interval = size <= roi ? roi : Swift.max(1, Int(Double(roi) * (1 - overlap)))
  }

  /// Zeros in front of the first voxel; one more may stand behind the last.
  public var padBefore: Int { Swift.max(0, roi - size) / 2 }
  public var padAfter: Int { Swift.max(0, roi - size) - padBefore }
  public var paddedSize: Int { Swift.max(size, roi) }

  public var startIndex: Int { 0 }
  public var endIndex: Int { (paddedSize - roi + interval - 1) / interval + 1 }

  /// Start of window `k`: a multiple of the interval, but for the last, which ends with the volume.
  public subscript(k: Int) -> Int { Swift.min(k * interval, paddedSize - roi) }

  /// How many windows hold each voxel of the volume (padding left out).
  public var coverage: [Int] {
    var change = Array(repeating: 0, count: paddedSize + 1)
    for start in self {
      change[start] += 1
      change[start + roi] -= 1
    }
    var covering = 0
    return change.dropLast().map { step in
      covering += step
      return covering
    }[padBefore..<padBefore + size].map(\.self)
  }
}

/// The windows of a volume in one orientation: the product of three axes, z outermost, x innermost. Nothing is listed: any number of
/// windows takes the same time and memory.
public struct WindowGrid: Sendable, Hashable {
  public let z: AxisWindows, y: AxisWindows, x: AxisWindows

  public init(shape: VolumeShape, roi: VolumeShape, overlap: Double) throws(SegmentationError) {
    z = try AxisWindows(size: shape.z, roi: roi.z, overlap: overlap)
    y = try AxisWindows(size: shape.y, roi: roi.y, overlap: overlap)
    x = try AxisWindows(size: shape.x, roi: roi.x, overlap: overlap)
  }

  public subscript(axis: VolumeAxis) -> AxisWindows {
    switch axis {
    case .z: z
    case .y: y
    case .x: x
    }
  }

  /// Windows in all.
  public var count: Int { z.count * y.count * x.count }
}
