extension OpenedVoxels {
  /// Floods `heights` downwards from the markers; voxels that no marker reaches keep 0.
  ///
  /// A voxel is labelled when it is pushed, with the height of the lower of itself and the voxel that it was reached from; neighbours are
  /// looked at in the order -z, -y, -x, +x, +y, +z. Source: scikit-image 0.26, `segmentation/_watershed_cy.pyx` with connectivity 1, no
  /// compactness, no watershed line. Heights are squared distances instead of their roots: the same order.
  func flood(_ heights: [Int32], from markers: [Int32]) -> [Int32] {
    var labels = markers
    // The gaps are taken: nothing flows there.
    forEachRun { number, _, _, _, length in
      labels[number - 1] = -1
      labels[number + length] = -1
    }
    let highest = heights.max() ?? 0
    var heap = FloodHeap()
    for number in labels.indices where labels[number] > 0 {
      heap.push(FloodHeap.Entry(depth: highest - heights[number], age: 0, number: Int32(number)))
    }
    var age: UInt32 = 1
    while let entry = heap.pop() {
      let number = Int(entry.number), link = links[number]
      func flow(to next: Int) {
        guard labels[next] == 0 else { return }
        labels[next] = labels[number]
        age += 1
        heap.push(FloodHeap.Entry(depth: max(entry.depth, highest - heights[next]), age: age, number: Int32(next)))
      }
      flow(to: Int(link[0]))
      flow(to: Int(link[1]))
      flow(to: number - 1)
      flow(to: number + 1)
      flow(to: Int(link[2]))
      flow(to: Int(link[3]))
    }
    return labels
  }
}

/// The basins of the watershed method in the order of their labels: opening, distances, peaks, flood, sums.
func basins(of mask: VoxelMask, filterSize: Int) throws(LocalizeError) -> [Piece] {
  guard let box = VoxelRuns(mask).bounds else { return [] }
  let voxels = try OpenedVoxels(VoxelRuns(mask.opened()))
  let heights = voxels.squaredDistances(in: box)
  let (markers, count) = voxels.markers(voxels.peaks(of: heights, filterSize: filterSize, in: box))
  let labels = voxels.flood(heights, from: markers)
  var sums = [PieceSum](repeating: PieceSum(), count: count)
  voxels.forEachRun { number, z, y, x, length in
    for i in 0..<length where labels[number + i] > 0 { sums[Int(labels[number + i]) - 1].add(z: z, y: y, x: x + i) }
  }
  let origin = (box.z.lowerBound, box.y.lowerBound, box.x.lowerBound)
  return sums.map { $0.piece(origin: origin) }
}
