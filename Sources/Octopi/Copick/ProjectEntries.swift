/// The two parts of a project. Where both have the same name, the static one is read.
public enum ProjectPart: String, Sendable, Hashable {
  /// Read-only.
  case staticRoot = "static"
  /// Where everything is written.
  case overlay
}

/// A tomogram of a run: `VoxelSpacing10.000/wbp.zarr`.
public struct Tomogram: Sendable, Hashable {
  public let run: String
  /// `wbp`, `denoised`.
  public let type: String
  public let spacing: VoxelSpacing
  /// The folder of the Zarr store.
  public let path: String
  public let part: ProjectPart

  /// `wbp@10`.
  public var uri: String { "\(type)@\(spacing.shortText)" }
}

public enum SegmentationType: String, Sendable, Hashable, CaseIterable {
  /// One object, voxels 0 and 1.
  case binary
  /// Labels of several objects.
  case multilabel
  /// One object, a number for each instance.
  case instance
  /// Two channels: label and instance.
  case panoptic
}

/// A segmentation of a run: `Segmentations/10.000_octopi_1_predict-multilabel.zarr`.
public struct Segmentation: Sendable, Hashable {
  public let run: String
  public let name: String
  public let user: String
  public let session: String
  public let spacing: VoxelSpacing
  public let type: SegmentationType
  /// The folder of the Zarr store.
  public let path: String
  public let part: ProjectPart

  /// `predict:octopi/1@10`, with the type if it has no labels.
  public var uri: String {
    let suffix = type == .multilabel || type == .binary ? "" : " (\(type.rawValue))"
    return "\(name):\(user)/\(session)@\(spacing.shortText)\(suffix)"
  }
}

/// A file of picks of a run: `Picks/octopi_1_ribosome.json`. What is inside is not looked at.
public struct PicksFile: Sendable, Hashable {
  public let run: String
  public let object: String
  public let user: String
  public let session: String
  public let path: String
  public let part: ProjectPart
}

/// What is there, and what a person should know about it.
public struct Listing<Entry: Sendable>: Sendable {
  public let entries: [Entry]
  public let warnings: [Warning]
}

extension Listing: Equatable where Entry: Equatable {}

/// One entry that was looked for, and what a person should know about the choice.
public struct Found<Entry: Sendable>: Sendable {
  public let entry: Entry
  public let warnings: [Warning]
}

extension Found: Equatable where Entry: Equatable {}

/// A store's name taken apart (copick `util/segmentation.py: parse_segmentation_store_name`).
struct SegmentationStoreName: Hashable {
  let name: String
  let user: String
  let session: String
  let spacing: VoxelSpacing
  let isMultilabel: Bool

  /// Nil for a name that copick skips: too few parts, an empty one, no number.
  /// - isShared: in `Segmentations`, where the ending `-multilabel` tells the type.
  init?(_ file: String, isShared: Bool) {
    let stem = file.replacing(".zarr", with: "")
    let parts = stem.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, let spacing = pythonFloat(parts[0]), spacing.isFinite else { return nil }
    isMultilabel = isShared && parts[3].hasSuffix("-multilabel")
    name = String(isMultilabel ? parts[3].dropLast("-multilabel".count) : parts[3])
    user = String(parts[1])
    session = String(parts[2])
    self.spacing = VoxelSpacing(spacing)
    if name.isEmpty || user.isEmpty || session.isEmpty { return nil }
  }

  /// The name of a multilabel store.
  static func multilabel(_ target: SegmentationTarget, _ spacing: VoxelSpacing) -> String { stem(target, spacing) + "-multilabel.zarr" }

  /// The name of the store of one object, after which the target is named.
  static func binary(_ target: SegmentationTarget, _ spacing: VoxelSpacing) -> String { stem(target, spacing) + ".zarr" }

  private static func stem(_ target: SegmentationTarget, _ spacing: VoxelSpacing) -> String {
    "\(spacing.threeDecimals)_\(target.user)_\(target.session)_\(target.name)"
  }
}
