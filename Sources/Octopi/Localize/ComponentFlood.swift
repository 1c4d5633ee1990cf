/// The flood of one component: from its markers downwards.
///
/// A voxel is labelled when it is pushed, with the depth of the deeper of itself and the voxel that it was reached from; neighbours are looked at
/// in the order -z, -y, -x, +x, +y, +z. Source: scikit-image 0.26, `segmentation/_watershed_cy.pyx` with connectivity 1, no compactness, no
/// watershed line. Depths are differences of heights: the order of octopi's negative distances.
struct ComponentFlood: Sendable {
  let component: OpenedComponent
  /// The marker that has reached a number, counted from 1 in raster order; 0: none, -1: a gap, where nothing flows.
  private(set) var labels: [Int32]
  /// The first number of each marker.
  let markers: [Int32]
  /// What waits to be looked at, in any order.
  var waiting: [FloodHeap.Entry]

  /// The markers are the 6-connected components of the peaks. Their voxels wait, all with age 0.
  /// - index: of the component in its object.
  /// - highest: the greatest height of the object; depths count from there.
  init(_ component: OpenedComponent, index: Int, peaks: [Bool], highest: Int32) {
    let links = component.voxels.links
    var labels = [Int32](repeating: 0, count: component.voxels.count)
    component.voxels.forEachRun { number, _, _, _, length in
      labels[number - 1] = -1
      labels[number + length] = -1
    }
    var markers: [Int32] = []
    var stack: [Int] = []
    for start in peaks.indices where peaks[start] && labels[start] == 0 {
      markers.append(Int32(start))
      labels[start] = Int32(markers.count)
      stack.append(start)
      while let i = stack.popLast() {
        let link = links[i]
        for j in [Int(link[0]), Int(link[1]), i - 1, i + 1, Int(link[2]), Int(link[3])] where peaks[j] && labels[j] == 0 {
          labels[j] = Int32(markers.count)
          stack.append(j)
        }
      }
    }
    self.component = component
    self.markers = markers
    self.labels = labels
    waiting = []
    waiting = peaks.indices.filter { peaks[$0] }.compactMap { source(Int32($0), index: Int32(index), highest: highest) }
  }

  /// The entry of a marker's voxel; nil for other numbers. Only before anything has flowed.
  func source(_ number: Int32, index: Int32, highest: Int32) -> FloodHeap.Entry? {
    guard labels[Int(number)] > 0 else { return nil }
    return FloodHeap.Entry(depth: highest - component.heights[Int(number)], age: 0, component: index, number: number)
  }

  /// Labels what the voxel of `entry` reaches, and pushes it.
  /// - age: of the last voxel that was pushed.
  mutating func flow(from entry: FloodHeap.Entry, highest: Int32, age: inout UInt32, into heap: inout FloodHeap) {
    let number = Int(entry.number), link = component.voxels.links[number], label = labels[number]
    func flow(to next: Int) {
      guard labels[next] == 0 else { return }
      labels[next] = label
      age += 1
      let depth = max(entry.depth, highest - component.heights[next])
      heap.push(FloodHeap.Entry(depth: depth, age: age, component: entry.component, number: Int32(next)))
    }
    flow(to: Int(link[0]))
    flow(to: Int(link[1]))
    flow(to: number - 1)
    flow(to: number + 1)
    flow(to: Int(link[2]))
    flow(to: Int(link[3]))
  }

  /// Floods to the end what waits. The order among entries of one key must not matter.
  /// - age: not less than the age of any that waits.
  mutating func finish(highest: Int32, age: UInt32) {
    if markers.count == 1 {
      // One marker reaches all of a component.
      for i in labels.indices where labels[i] == 0 { labels[i] = 1 }
      waiting = []
      return
    }
    var heap = FloodHeap()
    var age = age
    waiting.forEach { heap.push($0) }
    waiting = []
    while let entry = heap.pop() { flow(from: entry, highest: highest, age: &age, into: &heap) }
  }

  /// The lowest height at which voxels of two markers stand: there the order of the heap decides. nil if there is none.
  var lowestTie: Int32? {
    guard markers.count > 1 else { return nil }
    var markerOfHeight: [Int32: Int32] = [:]
    var lowest: Int32?
    for entry in waiting {
      let height = component.heights[Int(entry.number)], marker = labels[Int(entry.number)]
      if markerOfHeight.updateValue(marker, forKey: height) ?? marker != marker { lowest = min(lowest ?? height, height) }
    }
    return lowest
  }

  /// What each marker has flooded, with the place of the marker's first voxel in the raster.
  var basins: [(place: Int, sum: PieceSum)] {
    var basins = markers.map { _ in (place: 0, sum: PieceSum()) }
    var next = 0
    let voxelsPerRow = component.voxels.runs.grid.wordsPerRow * 64, rowsPerPlane = component.voxels.runs.grid.rowsPerPlane
    component.voxels.forEachRun { number, z, y, x, length in
      while next < markers.count, markers[next] < number + length {
        basins[next].place = (z * rowsPerPlane + y) * voxelsPerRow + x + Int(markers[next]) - number
        next += 1
      }
      for i in 0..<length where labels[number + i] > 0 { basins[Int(labels[number + i]) - 1].sum.add(z: z, y: y, x: x + i) }
    }
    return basins
  }
}
