/// One run of a project: what was recorded from one tilt series, and what was made of it.
public struct Run: Sendable {
  public let name: String
  /// Folders of the run in both parts, the static one first; they need not exist.
  let parts: [(part: ProjectPart, folder: String)]
  /// The folder of the run in the overlay.
  let overlay: String

  init(_ name: String, of project: Project) {
    self.name = name
    overlay = project.overlay + "/ExperimentRuns/" + name
    parts = project.parts.map { ($0.part, $0.folder + "/ExperimentRuns/" + name) }
  }

  // MARK: Lists

  /// Voxel spacings of both parts, the smallest first.
  public func voxelSpacings() throws(CopickError) -> Listing<VoxelSpacing> {
    var found: Set<VoxelSpacing> = [], warnings: [Warning] = []
    for (_, folder) in parts {
      let listing = try Run.spacingFolders(in: folder)
      found.formUnion(listing.entries.map(\.spacing))
      warnings += listing.warnings
    }
    return Listing(entries: found.sorted { $0.angstrom < $1.angstrom }, warnings: warnings)
  }

  /// All tomograms, by spacing, then type, then part; feature maps (`*_features.zarr`) are none.
  public func tomograms() throws(CopickError) -> Listing<Tomogram> {
    var found: [Tomogram] = [], warnings: [Warning] = []
    for (part, folder) in parts {
      let spacings = try Run.spacingFolders(in: folder)
      warnings += spacings.warnings
      for spacing in spacings.entries {
        let stores = try ProjectFolder(spacing.path).folders(".zarr").filter { !$0.name.hasSuffix("_features.zarr") }
        found += stores.map {
          Tomogram(run: name, type: $0.name.replacing(".zarr", with: ""), spacing: spacing.spacing, path: $0.path, part: part)
        }
      }
    }
    // Stable: the static part stays before the overlay.
    let order = found.enumerated().sorted { a, b in
      if a.element.spacing != b.element.spacing { return a.element.spacing.angstrom < b.element.spacing.angstrom }
      if !isSameText(a.element.type, b.element.type) { return precedesByCodePoints(a.element.type, b.element.type) }
      return a.offset < b.offset
    }
    return Listing(entries: order.map(\.element), warnings: warnings)
  }

  /// Stores of features of all tomograms (`*_features.zarr`), class probabilities among them: arrays of four axes.
  func features() throws(CopickError) -> [String] {
    var found: [String] = []
    for (_, folder) in parts {
      for spacing in try Run.spacingFolders(in: folder).entries { found += try ProjectFolder(spacing.path).folders("_features.zarr").map(\.path) }
    }
    return found
  }

  /// All files of picks, the static part first, each by file name.
  public func picks() throws(CopickError) -> Listing<PicksFile> {
    var found: [PicksFile] = [], warnings: [Warning] = []
    for (part, folder) in parts {
      for file in try ProjectFolder(folder + "/Picks").files(".json") {
        let stem = file.name.replacing(".json", with: "")
        let ids = stem.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        if ids.count == 3, !ids.contains("") {
          found.append(PicksFile(run: name, object: ids[2], user: ids[0], session: ids[1], path: file.path, part: part))
        } else {
          warnings.append(.skippedPicks(file.path, name: file.name))
        }
      }
    }
    return Listing(entries: found, warnings: warnings)
  }

  /// All segmentations in copick's order: the static part first, in it by folder, then by name.
  public func segmentations() throws(CopickError) -> [Segmentation] {
    var found: [Segmentation] = []
    for (part, folder) in parts {
      for (subfolder, type) in [("Segmentations", nil), ("InstanceSegmentations", .instance), ("PanopticSegmentations", .panoptic)] as [(String, SegmentationType?)] {
        for store in try ProjectFolder(folder + "/" + subfolder).folders(".zarr") {
          guard let parsed = SegmentationStoreName(store.name, isShared: type == nil) else { continue }
          found.append(
            Segmentation(
              run: name, name: parsed.name, user: parsed.user, session: parsed.session, spacing: parsed.spacing,
              type: type ?? (parsed.isMultilabel ? .multilabel : .binary), path: store.path, part: part))
        }
      }
    }
    return found
  }

  // MARK: Voxel spacings

  private struct SpacingFolder {
    let spacing: VoxelSpacing
    let name: String
    let path: String
  }

  /// Folders `VoxelSpacing10.000`; of two with the same number the one that copick would open.
  private static func spacingFolders(in run: String) throws(CopickError) -> Listing<SpacingFolder> {
    var found: [SpacingFolder] = [], warnings: [Warning] = []
    for folder in try ProjectFolder(run).folders() where folder.name.hasPrefix(spacingPrefix) {
      guard let spacing = spacing(ofFolder: folder.name) else {
        warnings.append(.skippedSpacing(folder.path))
        continue
      }
      let new = SpacingFolder(spacing: spacing, name: folder.name, path: folder.path)
      guard let index = found.firstIndex(where: { $0.spacing == spacing }) else {
        found.append(new)
        continue
      }
      let other = found[index]
      let isBetter = folder.name == "VoxelSpacing\(spacing.threeDecimals)"
      if isBetter { found[index] = new }
      warnings.append(isBetter ? .sameSpacing(other.path, new.path) : .sameSpacing(new.path, other.path))
    }
    return Listing(entries: found, warnings: warnings)
  }

  private static let spacingPrefix = "VoxelSpacing"

  /// `VoxelSpacing10.000`: digits, with or without a point, more than 0; nil for another name.
  static func spacing(ofFolder name: String) -> VoxelSpacing? {
    let text = name.dropFirst(spacingPrefix.count)
    guard name.hasPrefix(spacingPrefix), text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let number = Double(String(text)), number > 0
    else { return nil }
    return VoxelSpacing(number)
  }
}
