/// Consecutive voxels of a row, all of one mask.
struct VoxelRun: Sendable, Hashable {
  /// `z * rowsPerPlane + y`, see ``MaskGrid``.
  let row: Int
  /// First x, and the x behind the last.
  let start: Int32, end: Int32

  var count: Int { Int(end - start) }
}

/// A mask as its runs, in raster order (z slowest, x fastest).
struct VoxelRuns: Sendable {
  let grid: MaskGrid
  let runs: [VoxelRun]

  init(grid: MaskGrid, runs: [VoxelRun]) {
    self.grid = grid
    self.runs = runs
  }

  /// Complexity: linear in words and runs.
  init(_ mask: VoxelMask) {
    grid = mask.grid
    var runs: [VoxelRun] = []
    runs.reserveCapacity(mask.keys.count)
    for (key, word) in zip(mask.keys, mask.words) {
      let row = key / mask.grid.wordsPerRow
      let x = Int32(key % mask.grid.wordsPerRow * 64)
      var rest = word
      while rest != 0 {
        let start = Int32(rest.trailingZeroBitCount)
        let length = Int32((~(rest >> UInt64(start))).trailingZeroBitCount)
        if let last = runs.last, last.row == row, last.end == x + start {
          runs[runs.count - 1] = VoxelRun(row: row, start: last.start, end: x + start + length)
        } else {
          runs.append(VoxelRun(row: row, start: x + start, end: x + start + length))
        }
        rest = start + length == 64 ? 0 : rest & (UInt64.max << UInt64(start + length))
      }
    }
    self.runs = runs
  }

  func z(_ run: VoxelRun) -> Int { run.row / grid.rowsPerPlane }
  func y(_ run: VoxelRun) -> Int { run.row % grid.rowsPerPlane }

  /// How many voxels there are.
  var voxelCount: Int { runs.reduce(0) { $0 + $1.count } }

  /// Calls `body` with the indices of each run and of each run `rowsApart` rows further on that shares an x with it; linear in the runs.
  func forEachOverlap(rowsApart: Int, _ body: (_ run: Int, _ next: Int) -> Void) {
    var first = 0
    for i in runs.indices {
      let run = runs[i], row = run.row + rowsApart
      while first < runs.count, runs[first].row < row || (runs[first].row == row && runs[first].end <= run.start) { first += 1 }
      var next = first
      while next < runs.count, runs[next].row == row, runs[next].start < run.end {
        body(i, next)
        next += 1
      }
    }
  }

  /// The smallest box that holds all voxels; nil if there are none.
  var bounds: VoxelBox? {
    guard let first = runs.first, let last = runs.last else { return nil }
    var y = (least: y(first), most: y(first)), x = (least: first.start, most: first.end)
    for run in runs {
      y = (min(y.least, self.y(run)), max(y.most, self.y(run)))
      x = (min(x.least, run.start), max(x.most, run.end))
    }
    return VoxelBox(z: z(first)..<z(last) + 1, y: y.least..<y.most + 1, x: Int(x.least)..<Int(x.most))
  }
}

/// Half-open ranges of indices along z, y, x.
struct VoxelBox: Sendable, Hashable {
  var z: Range<Int>, y: Range<Int>, x: Range<Int>
}
