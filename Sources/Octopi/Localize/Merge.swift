import Foundation

/// Volume of a ball, in the order of operations of octopi (`4.0 / 3.0 * pi * radius ** 3`).
func ballVolume(radius: Double) -> Double { 4.0 / 3.0 * Double.pi * pow(radius, 3) }

/// Replaces each group of picks by its mean. Picks no further apart than `threshold` are linked, and all that hang together are one group; groups
/// keep the order of their first members.
///
/// Equal places are linked also at threshold 0. Sums run over ascending indices. Source: octopi 1.7.0, `remove_repeated_picks`. Complexity: sorting along
/// z, then the pairs whose z are within the threshold.
func mergingClose(_ picks: [VoxelPick], threshold: Double) -> [VoxelPick] {
  var forest = Forest(count: picks.count)
  let limit = threshold * threshold
  let order = picks.indices.sorted { picks[$0].z < picks[$1].z }
  for (position, i) in order.enumerated() {
    for j in order[(position + 1)...] {
      let dz = picks[i].z - picks[j].z
      if dz * dz > limit { break }
      let dy = picks[i].y - picks[j].y, dx = picks[i].x - picks[j].x
      if dz * dz + dy * dy + dx * dx <= limit { forest.join(i, j) }
    }
  }
  var groups: [(sum: VoxelPick, count: Int)] = []
  var group = [Int](repeating: -1, count: picks.count)
  for (i, pick) in picks.enumerated() {
    let root = forest.root(i)
    if root == i {
      group[i] = groups.count
      groups.append((pick, 1))
    } else {
      let sum = groups[group[root]].sum
      groups[group[root]] = (VoxelPick(z: sum.z + pick.z, y: sum.y + pick.y, x: sum.x + pick.x), groups[group[root]].count + 1)
    }
  }
  return groups.map { sum, count in VoxelPick(z: sum.z / Double(count), y: sum.y / Double(count), x: sum.x / Double(count)) }
}

/// Drops picks nearer to a face than 0.5 % of the size; both limits belong to what is kept.
func insideMargin(_ picks: [VoxelPick], shape: VolumeShape) -> [VoxelPick] {
  func isInside(_ c: Double, _ size: Int) -> Bool {
    let margin = Double(size) * 0.005
    return margin <= c && c <= Double(size) - margin
  }
  return picks.filter { isInside($0.z, shape.z) && isInside($0.y, shape.y) && isInside($0.x, shape.x) }
}
