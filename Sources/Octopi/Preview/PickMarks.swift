/// A pick as it is drawn.
struct PickMark: Sendable, Hashable {
  let classIndex: Int
  let outcome: PickOutcome
  /// Whether it is a true pick.
  let isTruth: Bool
  /// In voxels of the tomogram: voxel i lies at i.
  let x: Double, y: Double, z: Double
  /// Of the sphere, in voxels; nil where nobody says.
  let radius: Double?
  let score: Double?
  /// To the nearest pick of the other side, in nanometres.
  let distance: Double?

  /// Radius of the ring of a sphere without radius, in pixels of the screen.
  static let unknownRadius = 5.0

  /// Whether the centre lies outside of the image: drawn as a triangle at the border.
  func isBeside(_ shape: VolumeShape) -> Bool { x < -0.5 || y < -0.5 || x > Double(shape.x) - 0.5 || y > Double(shape.y) - 0.5 }

  func isOutside(_ shape: VolumeShape) -> Bool { isBeside(shape) || z < -0.5 || z > Double(shape.z) - 0.5 }

  /// Radius of the section of the sphere with a plane, in voxels; nil where they do not meet. On its home plane, the displayed one nearest
  /// to the pick, a pick is always seen.
  func sectionRadius(plane: Int, home: Int) -> Double? {
    let radius = radius ?? PickMark.unknownRadius
    let distance = (z - Double(plane)).magnitude
    let section = distance < radius ? (radius * radius - distance * distance).squareRoot() : nil
    return plane == home ? max(section ?? 0, radius / 2) : section
  }
}

/// Points that can be asked for the nearest one. Lengths are in units of 10 Å, as in evaluation, which is a nanometre.
struct NearestPoints {
  private let points: [(point: PointIndex.Point, index: Int)]

  init(_ centres: [ParticleCentre]) {
    points = centres.map(PointIndex.Point.init).enumerated().map { ($0.element, $0.offset) }.sorted { ($0.point.x, $0.index) < ($1.point.x, $1.index) }
  }

  /// The nearest point, of several the one with the lowest index, and its distance as evaluation rounds it.
  /// - excluding: the index of a point that does not count: the one that asks.
  func nearest(to centre: ParticleCentre, excluding: Int? = nil) -> (index: Int, distance: Double)? {
    let p = PointIndex.Point(centre)
    var best: (index: Int, distance: Double)?
    func look(_ place: Int) -> Bool {
      let (q, index) = points[place]
      if let best, (p.x - q.x).magnitude > best.distance { return false }
      guard index != excluding else { return true }
      let distance = NearestPoints.distance(p, q)
      if best.map({ distance < $0.distance || distance == $0.distance && index < $0.index }) ?? true { best = (index, distance) }
      return true
    }
    let start = place(of: p.x)
    var up = start, down = start - 1
    while up < points.count, look(up) { up += 1 }
    while down >= 0, look(down) { down -= 1 }
    return best
  }

  /// Points nearer than a distance.
  func count(near centre: ParticleCentre, below distance: Double) -> Int {
    let p = PointIndex.Point(centre)
    var count = 0, place = place(of: p.x - distance)
    while place < points.count, points[place].point.x - p.x <= distance {
      if NearestPoints.distance(p, points[place].point) < distance { count += 1 }
      place += 1
    }
    return count
  }

  private func place(of x: Double) -> Int {
    var low = 0, high = points.count
    while low < high {
      let middle = (low + high) / 2
      if points[middle].point.x < x { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func distance(_ p: PointIndex.Point, _ q: PointIndex.Point) -> Double {
    let dz = p.z - q.z, dy = p.y - q.y, dx = p.x - q.x
    return (dz * dz + dy * dy + dx * dx).squareRoot()
  }
}

/// The picks of one class in one run: how both sides match.
struct ClassMatches {
  /// The true pick nearest to each prediction, and its distance in nanometres.
  let ofPredictions: [(index: Int, distance: Double)?]
  /// The same the other way round.
  let ofTruths: [(index: Int, distance: Double)?]
  /// Distance below which picks match, in nanometres; nil without a radius or without truth.
  let threshold: Double?

  /// - truth: nil where there is no truth to compare with.
  init(_ predictions: [PreviewPick], truth: [ParticleCentre]?, radius: Double?, scale: Double) {
    let truth = truth ?? [], centres = predictions.map(\.centre)
    let truths = NearestPoints(truth), predicted = NearestPoints(centres)
    ofPredictions = centres.map { truths.nearest(to: $0) }
    ofTruths = truth.map { predicted.nearest(to: $0) }
    threshold = truth.isEmpty ? nil : radius.map { $0 / 10 * scale }
  }

  func outcome(prediction index: Int) -> PickOutcome {
    guard let threshold else { return .plain }
    return ofPredictions[index].map { $0.distance < threshold } ?? false ? .hit : .falseAlarm
  }

  func outcome(truth index: Int) -> PickOutcome {
    guard let threshold else { return .plain }
    return ofTruths[index].map { $0.distance < threshold } ?? false ? .found : .miss
  }

  /// Hits less the distinct true picks nearest to them.
  var doubles: Int {
    let hits = ofPredictions.indices.filter { outcome(prediction: $0) == .hit }
    return hits.count - Set(hits.compactMap { ofPredictions[$0]?.index }).count
  }

  /// Distances of hits to the truth, in nanometres, ascending.
  var hitDistances: [Double] {
    ofPredictions.indices.filter { outcome(prediction: $0) == .hit }.compactMap { ofPredictions[$0]?.distance }.sorted()
  }
}
