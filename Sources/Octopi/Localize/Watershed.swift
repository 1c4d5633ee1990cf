import Kernels

/// The watershed method up to its basins: opening, distances, peaks, flood.
///
/// Objects are opened one by one; then all their components are worked on in tasks of similar size. In between, an object in which markers tie is
/// flooded as a whole, in the order of scikit-image's heap, as far down as its lowest tie (``floodTogether(_:_:highest:)``).
struct Watershed {
  let filterSize: Int
  let pool: ThreadPool

  /// An object, and for each of its components the finished flood.
  struct Flooded {
    let object: OpenedObject
    let floods: [ComponentFlood]
  }

  /// For each mask the flooded pieces in the order of their labels in octopi, that of the markers' first voxels.
  func basins(of masks: [VoxelMask]) throws(LocalizeError) -> [[Piece]] {
    let flooded = try floods(of: masks)
    let basins = forAllComponents(of: flooded.map(\.object)) { flooded[$0].floods[$1].basins }
    return zip(flooded, basins).map { flooded, basins in
      let box = flooded.object.box
      return basins.joined().sorted { $0.place < $1.place }.map {
        $0.sum.piece(origin: (box.z.lowerBound, box.y.lowerBound, box.x.lowerBound))
      }
    }
  }

  func floods(of masks: [VoxelMask]) throws(LocalizeError) -> [Flooded] {
    let opened = pool.map(masks.count) { index in
      Result { () throws(LocalizeError) in try OpenedObject(masks[index]) }
    }
    var objects: [OpenedObject] = []
    for result in opened { objects.append(try result.get()) }

    let components = forAllComponents(of: objects) { OpenedComponent(objects[$0].components[$1], in: objects[$0].box) }
    let highest = components.map { $0.map(\.highest).max() ?? 0 }
    let searches = zip(objects, components).map { PeakSearch(object: $0, components: $1, filterSize: filterSize) }
    let sources = forAllComponents(of: objects) { object, index in
      ComponentFlood(
        components[object][index], index: index, peaks: searches[object].peaks(ofComponent: index), highest: highest[object])
    }
    let begun = pool.map(objects.count) { floodTogether(objects[$0], sources[$0], highest: highest[$0]) }
    let finished = forAllComponents(of: objects) { object, index in
      var flood = begun[object].floods[index]
      flood.finish(highest: highest[object], age: begun[object].age)
      return flood
    }
    return zip(objects, finished).map { Flooded(object: $0, floods: $1) }
  }

  /// `transform` of the components of all objects, computed in tasks of about the same number of voxels.
  private func forAllComponents<Result: Sendable>(
    of objects: [OpenedObject], _ transform: (_ object: Int, _ component: Int) -> Result
  ) -> [[Result]] {
    var tasks: [(object: Int, components: Range<Int>)] = []
    for (object, opened) in objects.enumerated() {
      var start = 0, voxels = 0
      for (index, component) in opened.components.enumerated() {
        voxels += component.voxelCount
        if voxels >= 1 << 14 || index == opened.components.count - 1 {
          tasks.append((object, start..<index + 1))
          (start, voxels) = (index + 1, 0)
        }
      }
    }
    let results = pool.map(tasks.count) { task in tasks[task].components.map { transform(tasks[task].object, $0) } }
    var grouped = objects.map { _ in [Result]() }
    for (task, result) in zip(tasks, results) { grouped[task.object] += result }
    return grouped
  }
}

/// Floods all components of an object together, in the order of one heap, until no more markers tie; then hands each component what waits there.
/// Also the age of the voxel that was pushed last.
///
/// One queue holds all components in octopi, and its moves decide between markers of equal height. That is felt only where these belong to
/// the same component: the components do not touch, heights come before ages, and voxels of one marker that are popped one after the
/// other, in any order, label the same voxels and push them at the same heights, with ages that no other voxel of the component comes between.
/// So once the lowest such tie is popped, or if there is none, each component goes on alone.
func floodTogether(_ object: OpenedObject, _ floods: [ComponentFlood], highest: Int32) -> (floods: [ComponentFlood], age: UInt32) {
  var floods = floods, age: UInt32 = 1
  guard let tie = floods.compactMap(\.lowestTie).min() else { return (floods, age) }
  var heap = FloodHeap()
  for (run, place) in zip(object.runs.runs, object.places) {
    for number in place.number..<place.number + Int32(run.count) {
      if let entry = floods[Int(place.component)].source(number, index: place.component, highest: highest) { heap.push(entry) }
    }
  }
  for index in floods.indices { floods[index].waiting = [] }
  let last = FloodHeap.Entry(depth: highest - tie, age: 0, component: 0, number: 0)
  while let next = heap.entries.first, next.key <= last.key, let entry = heap.pop() {
    floods[Int(entry.component)].flow(from: entry, highest: highest, age: &age, into: &heap)
  }
  for entry in heap.entries { floods[Int(entry.component)].waiting.append(entry) }
  return (floods, age)
}
