import Kernels

/// Scores picks by the class probabilities of the network whose labels they were found in.
///
/// **The score of a pick** is the mean probability of its object over the particle: over all voxels that carry the object's label and whose
/// centres lie no further from the pick than the radius of the largest particle that counts (`radius * maximumScale`). It lies between the
/// lowest probability that wins a voxel (1 / classes) and 1. Where no such voxel is near (the mean of merged pieces may lie between them), it is
/// the probability of the voxel that the pick lies in. Probabilities are taken as stored, sums are double, in the order of the volume; NaN counts 0.
struct PickScoring: Sendable {
  let probabilities: ProbabilityImage
  /// Picks with a lower score are dropped.
  let minimum: Double?

  init(_ probabilities: ProbabilityImage, minimum: Double?) {
    self.probabilities = probabilities
    self.minimum = minimum
  }

  /// Throws `LocalizeError.otherProbabilities` for those of another volume.
  func check(_ labels: LabelValues, of path: String) throws(LocalizeError) {
    guard probabilities.shape == labels.shape else {
      throw .otherProbabilities(path: probabilities.path, what: "is \(probabilities.shape), they are \(labels.shape)", labels: path)
    }
  }

  /// The score of each pick.
  /// - path: of the labels, for messages.
  /// - Throws: `ZarrError`; `LocalizeError.otherProbabilities` where there is no channel for the label, or where a voxel has a label that its
  ///   probabilities cannot have given it.
  func scores(
    of picks: [VoxelPick], _ target: LocalizeTarget, in labels: LabelValues, of path: String, on pool: ThreadPool
  ) throws -> [Double] {
    if picks.isEmpty { return [] }
    guard let channel = probabilities.labels.firstIndex(of: target.label) else {
      throw LocalizeError.otherProbabilities(path: probabilities.path, what: "has no probabilities of label \(target.label)", labels: path)
    }
    let failures = FirstFailure<any Error>()
    let scores = pool.map(picks.count) { number in
      var score = 0.0
      failures.attempt(number) {
        let ball = VoxelBall(picks[number], radius: target.maximumRadiusVoxels, in: labels.shape)
        let values = try probabilities.read(channel: channel, ball.box)
        score =
          switch labels {
          case .uint8(let labels): try mean(values, ball, labels, target.label, path)
          case .uint16(let labels): try mean(values, ball, labels, target.label, path)
          case .int64(let labels): try mean(values, ball, labels, target.label, path)
          }
      }
      return score
    }
    if let failure = failures.first { throw failure }
    return scores
  }

  private func mean<Label: FixedWidthInteger>(
    _ values: [Float], _ ball: VoxelBall, _ labels: Volume<Label>, _ label: Int, _ path: String
  ) throws(LocalizeError) -> Double {
    // Stored in half precision.
    let lowest = probabilities.lowestWinner * (1 - 0x1p-10)
    var sum = 0.0, count = 0, index = 0
    for z in ball.box.z {
      for y in ball.box.y {
        for x in ball.box.x {
          let value = Double(values[index])
          index += 1
          guard ball.contains(z: z, y: y, x: x), Int(truncatingIfNeeded: labels[z, y, x]) == label else { continue }
          count += 1
          if value.isNaN { continue }
          guard value >= lowest else {
            throw .otherProbabilities(path: probabilities.path, what: "gives voxel (\(x), \(y), \(z)) another label than \(label)", labels: path)
          }
          sum += value
        }
      }
    }
    if count > 0 { return sum / Double(count) }
    let value = Double(values[ball.nearestIndex])
    return value.isNaN ? 0 : value
  }
}

/// The voxels of a volume whose centres are within a radius of a place.
private struct VoxelBall {
  private let centre: VoxelPick
  private let radius: Double
  /// Around the ball and the voxel that the place lies in, within the volume.
  let box: VolumeBox
  private let nearest: (z: Int, y: Int, x: Int)

  init(_ centre: VoxelPick, radius: Double, in shape: VolumeShape) {
    self.centre = centre
    self.radius = radius
    func nearest(_ c: Double, _ size: Int) -> Int { Int(max(0, min(Double(size - 1), c.rounded()))) }
    func range(_ c: Double, _ size: Int) -> Range<Int> {
      let first = max(0, min(Double(size), (c - radius).rounded(.up))), last = max(-1, min(Double(size - 1), (c + radius).rounded(.down)))
      let voxel = nearest(c, size)
      return min(Int(first), voxel)..<max(Int(last), voxel) + 1
    }
    self.nearest = (nearest(centre.z, shape.z), nearest(centre.y, shape.y), nearest(centre.x, shape.x))
    box = VolumeBox(z: range(centre.z, shape.z), y: range(centre.y, shape.y), x: range(centre.x, shape.x))
  }

  func contains(z: Int, y: Int, x: Int) -> Bool {
    let dz = Double(z) - centre.z, dy = Double(y) - centre.y, dx = Double(x) - centre.x
    return dz * dz + dy * dy + dx * dx <= radius * radius
  }

  /// Place of the voxel that the centre lies in among those of the box, x fastest.
  var nearestIndex: Int {
    ((nearest.z - box.z.lowerBound) * box.y.count + nearest.y - box.y.lowerBound) * box.x.count + nearest.x - box.x.lowerBound
  }
}
