extension OpenedVoxels {
  /// Marks the voxels that are as high as all in their window: `i - size / 2` through `i - size / 2 + size - 1` along each axis, within `box`.
  ///
  /// `heights` are 0 at the gaps. Voxels with a higher neighbour in the window are ruled out first; the rest is gathered into tiles of about
  /// the window's size, for which the maximum is taken axis by axis, so that neither plateaus nor wide windows cost more than
  /// log2(size) per voxel of the tiles.
  func peaks(of heights: [Int32], filterSize: Int, in box: VoxelBox) -> [Bool] {
    var peaks = [Bool](repeating: false, count: count)
    let candidates = candidates(heights, filterSize: filterSize)
    let edge = max(8, min(filterSize, max(box.z.count, box.y.count, box.x.count)))
    let tiles = Dictionary(grouping: candidates) { SIMD3($0.z / edge, $0.y / edge, $0.x / edge) }
    for members in tiles.values {
      var window = WindowMaximum(around: members, filterSize: filterSize, in: box)
      paint(heights, into: &window)
      window.takeMaximum()
      for member in members { peaks[member.number] = heights[member.number] == window.maximum(at: member) }
    }
    return peaks
  }

  /// The voxels without a higher one among the direct neighbours that lie in their window.
  private func candidates(_ heights: [Int32], filterSize: Int) -> [NumberedVoxel] {
    let left = filterSize / 2, right = filterSize - left - 1
    var result: [NumberedVoxel] = []
    forEachRun { number, z, y, x, length in
      for i in number..<number + length {
        let height = heights[i], link = links[i]
        if left > 0, heights[i - 1] > height || heights[Int(link[0])] > height || heights[Int(link[1])] > height { continue }
        if right > 0, heights[i + 1] > height || heights[Int(link[2])] > height || heights[Int(link[3])] > height { continue }
        result.append(NumberedVoxel(number: i, z: z, y: y, x: x + i - number))
      }
    }
    return result
  }

  private func paint(_ heights: [Int32], into window: inout WindowMaximum) {
    let region = window.region
    for z in region.z {
      let plane = z * runs.grid.rowsPerPlane
      var i = firstRun(inRow: plane + region.y.lowerBound)
      while i < runs.runs.count, runs.runs[i].row < plane + region.y.upperBound {
        let run = runs.runs[i]
        let x = max(Int(run.start), region.x.lowerBound)..<max(Int(run.start), region.x.lowerBound, min(Int(run.end), region.x.upperBound))
        window.paint(heights, from: Int(first[i]) + x.lowerBound - Int(run.start), z: z, y: run.row - plane, x: x)
        i += 1
      }
    }
  }

  /// Index of the first run in this row or a later one.
  private func firstRun(inRow row: Int) -> Int {
    var low = 0, high = runs.runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs.runs[middle].row < row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The 6-connected components of the peaks, numbered 1, 2, ... by their first voxels; 0 elsewhere.
  func markers(_ peaks: [Bool]) -> (labels: [Int32], count: Int) {
    var labels = [Int32](repeating: 0, count: count)
    var markers: Int32 = 0
    var stack: [Int] = []
    for start in peaks.indices where peaks[start] && labels[start] == 0 {
      markers += 1
      labels[start] = markers
      stack.append(start)
      while let i = stack.popLast() {
        let link = links[i]
        for j in [Int(link[0]), Int(link[1]), i - 1, i + 1, Int(link[2]), Int(link[3])] where peaks[j] && labels[j] == 0 {
          labels[j] = markers
          stack.append(j)
        }
      }
    }
    return (labels, Int(markers))
  }
}

/// A voxel by its number and position.
struct NumberedVoxel: Sendable {
  let number: Int
  let z: Int, y: Int, x: Int
}
