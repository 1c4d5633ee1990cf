/// The binary heap of scikit-image's watershed, move by move.
///
/// All markers enter with age 0, so markers of equal height tie; which of them leaves first follows from the moves below, and with it the
/// result. No other priority queue will do, not even a stable one. Source: scikit-image 0.26, `_shared/heap_general.pxi` and `heap_watershed.pxi`.
struct FloodHeap: Sendable {
  struct Entry: Sendable {
    /// Depth below the highest voxel (low first) in the upper half, age (old first) in the lower half: the order of the heap.
    let key: UInt64
    /// Where it is: a component of the object, and a number in it.
    let component: Int32, number: Int32

    init(depth: Int32, age: UInt32, component: Int32, number: Int32) {
      key = UInt64(UInt32(bitPattern: depth)) << 32 | UInt64(age)
      self.component = component
      self.number = number
    }

    var depth: Int32 { Int32(truncatingIfNeeded: key >> 32) }
  }

  /// In the order of the array, the root first.
  private(set) var entries: [Entry] = []

  /// Appends, then moves up while strictly before the parent.
  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry.key < entries[parent].key else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  /// Takes the root; the last entry takes its place and moves down: to the left child if that is strictly before it, or to the right child if
  /// that is strictly before the smaller of the two.
  mutating func pop() -> Entry? {
    guard let last = entries.popLast() else { return nil }
    guard let top = entries.first else { return last }
    var hole = 0
    while 2 * hole + 1 < entries.count {
      let left = 2 * hole + 1
      var smallest = hole, key = last.key
      if entries[left].key < key { (smallest, key) = (left, entries[left].key) }
      if left + 1 < entries.count, entries[left + 1].key < key { smallest = left + 1 }
      guard smallest != hole else { break }
      entries[hole] = entries[smallest]
      hole = smallest
    }
    entries[hole] = last
    return top
  }
}
