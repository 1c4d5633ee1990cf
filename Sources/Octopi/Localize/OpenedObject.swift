/// What the opening leaves of an object, as 6-connected components.
///
/// Distances and floods never cross from one component to another, so each is worked on alone, within a cache; only the window of a peak looks
/// beyond.
struct OpenedObject: Sendable {
  /// The bounding box of the object before the opening: background is what lies within it.
  let box: VoxelBox
  /// All runs, in raster order.
  let runs: VoxelRuns
  /// The component of each run, and the number that its first voxel has there (see ``OpenedVoxels``).
  let places: [(component: Int32, number: Int32)]
  /// The runs of each component; components are in raster order of their first voxels.
  let components: [VoxelRuns]

  init(_ mask: VoxelMask) throws(LocalizeError) {
    box = VoxelRuns(mask).bounds ?? VoxelBox(z: 0..<0, y: 0..<0, x: 0..<0)
    let runs = VoxelRuns(mask.opened())
    let voxels = runs.voxelCount
    guard voxels + runs.runs.count < Int(Int32.max) else { throw .tooManyVoxels(voxels) }
    let (component, count) = runs.componentOfRun()
    var members = Array(repeating: [VoxelRun](), count: count)
    var next = [Int32](repeating: 1, count: count)
    var places: [(component: Int32, number: Int32)] = []
    places.reserveCapacity(runs.runs.count)
    for (run, component) in zip(runs.runs, component) {
      places.append((component, next[Int(component)]))
      next[Int(component)] += run.end - run.start + 1
      members[Int(component)].append(run)
    }
    self.runs = runs
    self.places = places
    components = members.map { VoxelRuns(grid: runs.grid, runs: $0) }
  }
}

/// One component of an object with its heights, which order voxels as octopi's distances do; 0 at the gaps.
struct OpenedComponent: Sendable {
  let voxels: OpenedVoxels
  let heights: [Int32]
  let highest: Int32

  init(_ runs: VoxelRuns, in box: VoxelBox) {
    voxels = OpenedVoxels(runs)
    let squared = voxels.squaredDistances(in: box)
    let most = squared.max() ?? 0
    highest = Self.height(ofSquare: most)
    heights = most < Self.distinctSquares ? squared : squared.map(Self.height)
  }

  /// Below this square, 2048 voxels, neighbouring integers have different float32 roots.
  private static let distinctSquares: Int32 = 4_197_200

  /// An integer that orders squared distances as their roots in float32, with the same ties: octopi compares those.
  static func height(ofSquare n: Int32) -> Int32 {
    func bits(_ n: Int32) -> UInt32 { Float(Double(n).squareRoot()).bitPattern }
    return n < distinctSquares ? n : distinctSquares + Int32(bits(n) - bits(distinctSquares))
  }
}
