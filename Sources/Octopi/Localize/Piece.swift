/// Voxels that may be one particle, a component or a basin of the flood: how many, and their mean index.
struct Piece: Sendable, Hashable {
  let count: Int
  let centre: VoxelPick
}

/// Adds up the voxels of a piece. The sums are integers below 2^53 in any volume that fits in memory, so their order does not matter.
struct PieceSum: Sendable {
  private(set) var count = 0
  private var z = 0, y = 0, x = 0

  mutating func add(z: Int, y: Int, x: Int) {
    count += 1
    self.z += z
    self.y += y
    self.x += x
  }

  /// Adds the voxels of a run in row (z, y).
  mutating func add(z: Int, y: Int, run: VoxelRun) {
    let n = run.count
    count += n
    self.z += n * z
    self.y += n * y
    x += (Int(run.start) + Int(run.end) - 1) * n / 2
  }

  mutating func add(_ other: PieceSum) {
    count += other.count
    z += other.z
    y += other.y
    x += other.x
  }

  /// The mean counted from `origin`, then shifted by it: octopi computes within the bounding box, and each of the two steps rounds.
  func piece(origin: (z: Int, y: Int, x: Int)) -> Piece {
    func mean(_ sum: Int, _ start: Int) -> Double { Double(sum - count * start) / Double(count) + Double(start) }
    return Piece(count: count, centre: VoxelPick(z: mean(z, origin.z), y: mean(y, origin.y), x: mean(x, origin.x)))
  }
}
