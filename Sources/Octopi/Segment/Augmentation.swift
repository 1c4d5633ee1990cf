/// One of the orientations that test-time augmentation looks from (octopi `pytorch/inference.py: create_tta_augmentations`).
///
/// The *augmented frame* is that of the turned volume, in which windows are laid and the network works. An orientation is pure index
/// arithmetic between that frame and the *original* one; the volume is never copied.
public struct Augmentation: Sendable, Hashable {
  /// Original axes that run backwards in the augmented frame.
  public let flipsZ: Bool, flipsY: Bool, flipsX: Bool
  /// The second augmented axis is the original x, the third the original y (turns by 90 and 270 degrees).
  public let swapsYX: Bool

  /// All eight, in upstream's order: as it is, turned by 180 degrees in YX, flipped along Z, X, Y, turned by 90, by 270, flipped along all.
  public static let all = [
    Augmentation(), Augmentation(flipsY: true, flipsX: true), Augmentation(flipsZ: true), Augmentation(flipsX: true),
    Augmentation(flipsY: true), Augmentation(flipsX: true, swapsYX: true), Augmentation(flipsY: true, swapsYX: true),
    Augmentation(flipsZ: true, flipsY: true, flipsX: true),
  ]

  init(flipsZ: Bool = false, flipsY: Bool = false, flipsX: Bool = false, swapsYX: Bool = false) {
    self.flipsZ = flipsZ
    self.flipsY = flipsY
    self.flipsX = flipsX
    self.swapsYX = swapsYX
  }

  /// The original axis that an axis of the augmented frame runs along. Its own inverse.
  public func axis(_ axis: VolumeAxis) -> VolumeAxis {
    switch axis {
    case .z: .z
    case .y: swapsYX ? .x : .y
    case .x: swapsYX ? .y : .x
    }
  }

  /// Whether an *original* axis runs backwards.
  public func flips(_ axis: VolumeAxis) -> Bool {
    switch axis {
    case .z: flipsZ
    case .y: flipsY
    case .x: flipsX
    }
  }

  /// Size in one frame of what has size `shape` in the other.
  public func turned(_ shape: VolumeShape) -> VolumeShape { swapsYX ? VolumeShape(z: shape.z, y: shape.x, x: shape.y) : shape }
}
