/// The voxels of one component that are as high as all in their windows: `i - size / 2` through `i - size / 2 + size - 1` along each axis.
///
/// Voxels with a higher neighbour in the window are ruled out first; the rest is gathered into tiles of about the window's size, for which the
/// maximum over all components is taken axis by axis, so that neither plateaus nor wide windows cost more than log2(size) per voxel of the
/// tiles.
struct PeakSearch: Sendable {
  let object: OpenedObject
  /// In the order of the object's components.
  let components: [OpenedComponent]
  let filterSize: Int

  /// For each number of the component whether its voxel is a peak.
  func peaks(ofComponent index: Int) -> [Bool] {
    let box = object.box, heights = components[index].heights
    var peaks = [Bool](repeating: false, count: heights.count)
    let edge = max(8, min(filterSize, max(box.z.count, box.y.count, box.x.count)))
    let tiles = Dictionary(grouping: candidates(components[index])) { SIMD3($0.z / edge, $0.y / edge, $0.x / edge) }
    for members in tiles.values {
      var window = WindowMaximum(around: members, filterSize: filterSize, in: box)
      paint(&window)
      window.takeMaximum()
      for member in members { peaks[member.number] = heights[member.number] == window.maximum(at: member) }
    }
    return peaks
  }

  /// The voxels without a higher one among the direct neighbours that lie in their window.
  private func candidates(_ component: OpenedComponent) -> [NumberedVoxel] {
    let left = filterSize / 2, right = filterSize - left - 1
    let heights = component.heights, links = component.voxels.links
    var result: [NumberedVoxel] = []
    component.voxels.forEachRun { number, z, y, x, length in
      for i in number..<number + length {
        let height = heights[i], link = links[i]
        if left > 0, heights[i - 1] > height || heights[Int(link[0])] > height || heights[Int(link[1])] > height { continue }
        if right > 0, heights[i + 1] > height || heights[Int(link[2])] > height || heights[Int(link[3])] > height { continue }
        result.append(NumberedVoxel(number: i, z: z, y: y, x: x + i - number))
      }
    }
    return result
  }

  /// Copies the heights of all components that reach into the window's region.
  private func paint(_ window: inout WindowMaximum) {
    let region = window.region, runs = object.runs.runs
    for z in region.z {
      let plane = z * object.runs.grid.rowsPerPlane
      var i = firstRun(inRow: plane + region.y.lowerBound)
      while i < runs.count, runs[i].row < plane + region.y.upperBound {
        let start = max(Int(runs[i].start), region.x.lowerBound), end = min(Int(runs[i].end), region.x.upperBound)
        if start < end {
          let place = object.places[i]
          let number = Int(place.number) + start - Int(runs[i].start)
          window.paint(components[Int(place.component)].heights, from: number, z: z, y: runs[i].row - plane, x: start..<end)
        }
        i += 1
      }
    }
  }

  /// Index of the object's first run in this row or a later one.
  private func firstRun(inRow row: Int) -> Int {
    var low = 0, high = object.runs.runs.count
    while low < high {
      let middle = (low + high) / 2
      if object.runs.runs[middle].row < row { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A voxel by its number and position.
struct NumberedVoxel: Sendable {
  let number: Int
  let z: Int, y: Int, x: Int
}
