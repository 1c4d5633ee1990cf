/// The 6-connected components, in raster order of their first voxels, as the centre-of-mass method takes them: no opening, no box.
///
/// Union-find over runs. Complexity: nearly linear in the runs.
func components(of runs: VoxelRuns) -> [Piece] {
  var forest = Forest(count: runs.runs.count)
  runs.forEachOverlap(rowsApart: 1) { forest.join($0, $1) }
  runs.forEachOverlap(rowsApart: runs.grid.rowsPerPlane) { forest.join($0, $1) }
  var sums: [PieceSum] = []
  var component = [Int32](repeating: -1, count: runs.runs.count)
  for (i, run) in runs.runs.enumerated() {
    let root = forest.root(i)
    if component[root] < 0 {
      component[root] = Int32(sums.count)
      sums.append(PieceSum())
    }
    sums[Int(component[root])].add(z: runs.z(run), y: runs.y(run), run: run)
  }
  return sums.map { $0.piece(origin: (0, 0, 0)) }
}

/// Disjoint sets of 0..<count (union by index: the root of a set is its lowest member; Tarjan 1975 with path halving).
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
