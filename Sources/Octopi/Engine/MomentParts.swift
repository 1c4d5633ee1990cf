import Kernels

/// Statistics of an activation, part by part: per image, part and block `mean[width]`, `M2[width]` in double.
///
/// The cut into parts follows from the shape alone, and parts are merged in their order: the same bits for any number of threads.
struct MomentParts: Sendable {
  let buffer: BufferID
  let width: Int
  let blocks: Int
  /// Voxels of each part.
  let counts: [Int]

  /// Floats of the buffer; a double takes two.
  static func floats(width: Int, batch: Int, parts: Int, blocks: Int) -> Int { batch * parts * blocks * width * 4 }

  /// Where the state of one part lies.
  func state(_ arena: MutableFloats, _ offset: Int, image: Int, part: Int, block: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(arena + offset).assumingMemoryBound(to: Double.self) + ((image * counts.count + part) * blocks + block) * 2 * width
  }

  /// Stores sums about a pivot, `[pivot][sum][sum of squares]` of `width` each, of which `lanes` were computed.
  func store(_ sums: Floats, lanes: Int, part: Int, into state: UnsafeMutablePointer<Double>) {
    let n = Double(counts[part])
    for lane in lanes..<max(lanes, width) { (state[lane], state[width + lane]) = (0, 0) }
    for lane in 0..<lanes {
      let sum = Double(sums[width + lane])
      state[lane] = Double(sums[lane]) + sum / n
      state[width + lane] = max(0, Double(sums[2 * width + lane]) - sum * sum / n)
    }
  }

  /// Merges all parts of one block into `total`, `[mean][M2]`; returns the number of voxels.
  func merge(_ arena: MutableFloats, _ offset: Int, image: Int, block: Int, into total: UnsafeMutablePointer<Double>) -> Int {
    var merged = 0
    for (part, count) in counts.enumerated() {
      Moments.merge(width: width, state(arena, offset, image: image, part: part, block: block), count: count, into: total, merged: merged)
      merged += count
    }
    return merged
  }
}
