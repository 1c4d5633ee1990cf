import Kernels

/// How an object's voxels become picks.
public enum LocalizeMethod: Sendable, Hashable {
  /// Opening, distances, and a flood from the highest voxel of each window of `filterSize` voxels an edge (octopi's default: 10).
  case watershed(filterSize: Int)
  /// One pick per 6-connected component.
  case centreOfMass
}

/// One object to look for: its label, and the radii between which a particle must lie.
public struct LocalizeTarget: Sendable, Hashable {
  /// The object's value in the label volume, at least 1.
  public let label: Int
  /// Radius of the smallest sphere, by volume, that counts as a particle; picks no further apart than this are merged.
  public let minimumRadiusVoxels: Double
  /// Radius of the largest sphere, by volume, that counts as a particle.
  public let maximumRadiusVoxels: Double

  public init(label: Int, minimumRadiusVoxels: Double, maximumRadiusVoxels: Double) {
    self.label = label
    self.minimumRadiusVoxels = minimumRadiusVoxels
    self.maximumRadiusVoxels = maximumRadiusVoxels
  }

  /// Scales an object's radius (ångström) by the two factors; `radius * scale / spacing`, from left to right as octopi does.
  public init(label: Int, radius: Double, minimumScale: Double, maximumScale: Double, spacing: VoxelSpacing) {
    self.init(
      label: label, minimumRadiusVoxels: radius * minimumScale / spacing.angstrom, maximumRadiusVoxels: radius * maximumScale / spacing.angstrom)
  }
}

/// The centre of a particle in voxels; the centre of the first voxel is (0, 0, 0).
public struct VoxelPick: Sendable, Hashable {
  public let z: Double, y: Double, x: Double
  public init(z: Double, y: Double, x: Double) {
    self.z = z
    self.y = y
    self.x = x
  }

  /// The same place in ångström: index times spacing, no half voxel.
  public func angstrom(_ spacing: VoxelSpacing) -> (x: Double, y: Double, z: Double) {
    (x * spacing.angstrom, y * spacing.angstrom, z * spacing.angstrom)
  }
}

/// Turns label volumes into picks: the same picks as octopi 1.7.0, in its order, to the last bit.
///
///     let localizer = Localizer(method: .watershed(filterSize: 10))
///     let picks = try localizer.picks(in: labels, of: [LocalizeTarget(label: 1, minimumRadiusVoxels: 5, maximumRadiusVoxels: 10)], pool: pool)
///
/// The volume is read once for all objects; work and memory beyond that follow the number of voxels that carry a wanted label. Results do not
/// depend on the number of threads. Source: octopi 1.7.0, `extract/localize.py: extract_coordinates`, with scipy 1.17 and scikit-image 0.26.
public struct Localizer: Sendable {
  public let method: LocalizeMethod

  public init(method: LocalizeMethod) { self.method = method }

  /// The picks of each target, in the order of `targets`. A label that does not occur has none.
  /// - Throws: ``LocalizeError`` for a label, radius or filter size that means nothing, before the volume is read.
  public func picks(in volume: Volume<UInt8>, of targets: [LocalizeTarget], pool: ThreadPool) throws(LocalizeError) -> [[VoxelPick]] {
    try generic(in: volume, of: targets, pool: pool)
  }

  /// As for 8-bit labels.
  public func picks(in volume: Volume<UInt16>, of targets: [LocalizeTarget], pool: ThreadPool) throws(LocalizeError) -> [[VoxelPick]] {
    try generic(in: volume, of: targets, pool: pool)
  }

  /// As for 8-bit labels; negative labels are background.
  public func picks(in volume: Volume<Int64>, of targets: [LocalizeTarget], pool: ThreadPool) throws(LocalizeError) -> [[VoxelPick]] {
    try generic(in: volume, of: targets, pool: pool)
  }

  private func generic<Label: FixedWidthInteger & Sendable>(
    in volume: Volume<Label>, of targets: [LocalizeTarget], pool: ThreadPool
  ) throws(LocalizeError) -> [[VoxelPick]] {
    try check(targets)
    // A label is worked on once, also if several targets share it: their radii come in at the end.
    let labels = Set(targets.compactMap { Label(exactly: $0.label) }).sorted()
    let masks = VoxelMask.masks(of: labels, in: volume, pool: pool)
    let pieces: [[Piece]] =
      switch method {
      case .watershed(let filterSize): try Watershed(filterSize: filterSize, pool: pool).basins(of: masks)
      case .centreOfMass: pool.map(masks.count) { VoxelRuns(masks[$0]).componentPieces() }
      }
    var piecesOfLabel: [Label: [Piece]] = [:]
    for (label, pieces) in zip(labels, pieces) { piecesOfLabel[label] = pieces }
    return targets.map { target in
      let pieces = Label(exactly: target.label).flatMap { piecesOfLabel[$0] } ?? []
      return select(pieces, for: target, shape: volume.shape)
    }
  }

  private func check(_ targets: [LocalizeTarget]) throws(LocalizeError) {
    if case .watershed(let size) = method, size <= 0 { throw .filterSizeNotPositive(size) }
    for target in targets {
      guard target.label > 0 else { throw .labelNotPositive(target.label) }
      for radius in [target.minimumRadiusVoxels, target.maximumRadiusVoxels] where !(radius.isFinite && radius >= 0) {
        throw .radiusInvalid(label: target.label, radius)
      }
    }
  }

  /// The size filter (inclusive for the watershed, exclusive for the centre of mass), then merging, then the margin.
  private func select(_ pieces: [Piece], for target: LocalizeTarget, shape: VolumeShape) -> [VoxelPick] {
    let least = ballVolume(radius: target.minimumRadiusVoxels), most = ballVolume(radius: target.maximumRadiusVoxels)
    let kept = pieces.filter { piece in
      let size = Double(piece.count)
      return switch method {
      case .watershed: least <= size && size <= most
      case .centreOfMass: least < size && size < most
      }
    }
    return insideMargin(mergingClose(kept.map(\.centre), threshold: target.minimumRadiusVoxels), shape: shape)
  }
}
