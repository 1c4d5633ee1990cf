/// The voxels of one component, numbered in raster order, with links to their neighbours.
///
/// Numbers start at 1 and leave a gap of one between runs. The gaps, and number 0, stand for background: x - 1 and x + 1 are the numbers
/// below and above, and a link that leads nowhere is 0. So arrays over the numbers need no test for edges if they say "background" there.
/// Memory: 16 byte a number.
struct OpenedVoxels: Sendable {
  let runs: VoxelRuns
  /// Number of the first voxel of each run.
  let first: [Int32]
  /// One more than the highest number, which is a gap.
  let count: Int
  /// Numbers of the neighbours at z - 1, y - 1, y + 1, z + 1 (in this order).
  private(set) var links: [SIMD4<Int32>]

  /// - runs: with gaps fewer than 2^31 voxels.
  init(_ runs: VoxelRuns) {
    self.runs = runs
    var next: Int32 = 1
    var first: [Int32] = []
    first.reserveCapacity(runs.runs.count)
    for run in runs.runs {
      first.append(next)
      next += run.end - run.start + 1
    }
    self.first = first
    count = Int(next)
    links = Array(repeating: .zero, count: count)
    link(rowsApart: 1, backward: 1, forward: 2)
    link(rowsApart: runs.grid.rowsPerPlane, backward: 0, forward: 3)
  }

  private mutating func link(rowsApart: Int, backward: Int, forward: Int) {
    var links = links
    self.links = []
    runs.forEachOverlap(rowsApart: rowsApart) { i, j in
      let a = runs.runs[i], b = runs.runs[j]
      for x in max(a.start, b.start)..<min(a.end, b.end) {
        let here = first[i] + (x - a.start), there = first[j] + (x - b.start)
        links[Int(here)][forward] = there
        links[Int(there)][backward] = here
      }
    }
    self.links = links
  }

  /// Calls `body` with each run's first voxel number, position and length, in raster order.
  func forEachRun(_ body: (_ number: Int, _ z: Int, _ y: Int, _ x: Int, _ length: Int) -> Void) {
    for (i, run) in runs.runs.enumerated() { body(Int(first[i]), runs.z(run), runs.y(run), Int(run.start), run.count) }
  }
}
