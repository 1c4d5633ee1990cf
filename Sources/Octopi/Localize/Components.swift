extension VoxelRuns {
  /// The 6-connected component of each run, numbered from 0 in raster order of their first voxels, and how many there are.
  ///
  /// Union-find. Complexity: nearly linear in the runs.
  func componentOfRun() -> (component: [Int32], count: Int) {
    var forest = Forest(count: runs.count)
    forEachOverlap(rowsApart: 1) { forest.join($0, $1) }
    forEachOverlap(rowsApart: grid.rowsPerPlane) { forest.join($0, $1) }
    var component = [Int32](repeating: 0, count: runs.count)
    var count: Int32 = 0
    for i in runs.indices {
      let root = forest.root(i)
      if root == i {
        component[i] = count
        count += 1
      } else {
        component[i] = component[root]
      }
    }
    return (component, Int(count))
  }

  /// The components as the centre-of-mass method takes them: no opening, no box.
  func componentPieces() -> [Piece] {
    let (component, count) = componentOfRun()
    var sums = Array(repeating: PieceSum(), count: count)
    for (run, component) in zip(runs, component) { sums[Int(component)].add(z: z(run), y: y(run), run: run) }
    return sums.map { $0.piece(origin: (0, 0, 0)) }
  }
}

/// Disjoint sets of 0..<count. The root of a set is its lowest member (Tarjan 1975, with path halving).
struct Forest {
  private var parent: [Int32]

  init(count: Int) { parent = (0..<Int32(count)).map { $0 } }

  mutating func root(_ i: Int) -> Int {
    var i = i
    while parent[i] != i {
      parent[i] = parent[Int(parent[i])]
      i = Int(parent[i])
    }
    return i
  }

  mutating func join(_ a: Int, _ b: Int) {
    let a = root(a), b = root(b)
    if a < b { parent[b] = Int32(a) } else { parent[a] = Int32(b) }
  }
}
