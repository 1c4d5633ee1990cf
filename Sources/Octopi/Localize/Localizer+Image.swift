import Kernels

/// The picks of one object, in ångström.
struct LocalizedPicks: Sendable {
  let points: [Picks.Point]
  /// Picks that were left out because of their scores.
  var dropped = 0
  /// Scores are real ones, not octopi's 1.
  var isScored = false

  /// Nil where scores tell nothing.
  var meanScore: Double? {
    let scores = isScored ? points.compactMap(\.score) : []
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }
}

extension Localizer {
  /// The picks of each object in labels on disk.
  ///
  /// - scoring: nil: all scores are 1, as octopi writes.
  func picks(
    in image: ImageGroup, of objects: [LocalizedObject], minimumScale: Double, maximumScale: Double, spacing: VoxelSpacing, scoring: PickScoring?,
    on pool: ThreadPool
  ) throws -> [LocalizedPicks] {
    let targets = objects.map { object in
      LocalizeTarget(label: object.label, radius: object.radius, minimumScale: minimumScale, maximumScale: maximumScale, spacing: spacing)
    }
    let labels = try image.labels(on: pool)
    let found =
      switch labels {
      case .uint8(let labels): try picks(in: labels, of: targets, pool: pool)
      case .uint16(let labels): try picks(in: labels, of: targets, pool: pool)
      case .int64(let labels): try picks(in: labels, of: targets, pool: pool)
      }
    guard let scoring else { return found.map { picks in LocalizedPicks(points: picks.map { $0.point(spacing, score: 1) }) } }
    try scoring.check(labels, of: image.path)
    return try zip(targets, found).map { target, picks in
      let scores = try scoring.scores(of: picks, target, in: labels, of: image.path, on: pool)
      let kept = zip(picks, scores).filter { $1 >= scoring.minimum ?? -.infinity }
      return LocalizedPicks(points: kept.map { $0.point(spacing, score: $1) }, dropped: picks.count - kept.count, isScored: true)
    }
  }
}

extension VoxelPick {
  fileprivate func point(_ spacing: VoxelSpacing, score: Double) -> Picks.Point {
    let place = angstrom(spacing)
    return Picks.Point(x: place.x, y: place.y, z: place.z, score: score)
  }
}
