import Kernels

extension Localizer {
  /// The picks of each object in labels on disk, in ångström.
  func points(
    in image: ImageGroup, of objects: [LocalizedObject], minimumScale: Double, maximumScale: Double, spacing: VoxelSpacing, on pool: ThreadPool
  ) throws -> [[Picks.Point]] {
    let targets = objects.map { object in
      LocalizeTarget(label: object.label, radius: object.radius, minimumScale: minimumScale, maximumScale: maximumScale, spacing: spacing)
    }
    let found =
      switch try image.labels(on: pool) {
      case .uint8(let labels): try picks(in: labels, of: targets, pool: pool)
      case .uint16(let labels): try picks(in: labels, of: targets, pool: pool)
      case .int64(let labels): try picks(in: labels, of: targets, pool: pool)
      }
    return found.map { picks in
      picks.map { pick in
        let place = pick.angstrom(spacing)
        return Picks.Point(x: place.x, y: place.y, z: place.z)
      }
    }
  }
}
