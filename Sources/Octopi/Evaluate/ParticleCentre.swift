/// The centre of a particle in ångström: its location, moved by the translation of its transformation.
public struct ParticleCentre: Sendable, Hashable {
  public let x: Double, y: Double, z: Double
  public init(x: Double, y: Double, z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }
}

/// The picks of one object in one run: what is true and what was predicted. A missing file is an empty list.
public struct PicksPair: Sendable, Hashable {
  public let truth: [ParticleCentre]
  public let prediction: [ParticleCentre]
  public init(truth: [ParticleCentre], prediction: [ParticleCentre]) {
    self.truth = truth
    self.prediction = prediction
  }
}

/// Points that can be asked whether one of them is near.
///
/// Points are sorted along the axis in which they spread most; a question looks only at those whose distance along that axis is below the
/// threshold. Complexity: n log n to make, then log n plus the points in the slab.
struct PointIndex {
  /// All lengths in units of 10 Å, octopi's voxel size for this purpose, which decides how distances round.
  struct Point {
    let z: Double, y: Double, x: Double

    init(_ centre: ParticleCentre) {
      z = centre.z / 10
      y = centre.y / 10
      x = centre.x / 10
    }
  }

  private let axis: KeyPath<Point, Double> & Sendable
  private let points: [Point]

  init(_ points: [Point]) {
    func spread(_ axis: KeyPath<Point, Double>) -> Double {
      (points.map { $0[keyPath: axis] }.max() ?? 0) - (points.map { $0[keyPath: axis] }.min() ?? 0)
    }
    let axes: [KeyPath<Point, Double> & Sendable] = [\.z, \.y, \.x]
    let axis = axes.max { spread($0) < spread($1) } ?? \.x
    self.axis = axis
    self.points = points.sorted { $0[keyPath: axis] < $1[keyPath: axis] }
  }

  /// Whether a point lies at a distance below `threshold`: `sqrt(dz^2 + dy^2 + dx^2) < threshold`, summed in this order and rounded at each step.
  func hasPoint(near p: Point, threshold: Double) -> Bool {
    let place = p[keyPath: axis]
    var low = 0, high = points.count
    // Differences and the root of a square are exact in order: along the axis alone a point at `threshold` or more is not near.
    while low < high {
      let middle = (low + high) / 2
      if place - points[middle][keyPath: axis] >= threshold { low = middle + 1 } else { high = middle }
    }
    while low < points.count, points[low][keyPath: axis] - place < threshold {
      let q = points[low]
      let dz = p.z - q.z, dy = p.y - q.y, dx = p.x - q.x
      if (dz * dz + dy * dy + dx * dx).squareRoot() < threshold { return true }
      low += 1
    }
    return false
  }
}
