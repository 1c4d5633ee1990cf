import Kernels

/// A picture: rows from top to bottom, x fastest.
struct Plane<Element: Sendable>: Sendable {
  let width: Int, height: Int
  var pixels: [Element]

  subscript(x: Int, y: Int) -> Element {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue }
  }
}

extension Plane where Element == Double {
  /// Means of boxes of `bin` x `bin` pixels, of fewer at the right and the lower end.
  func binned(_ bin: Int) -> Plane {
    if bin <= 1 { return self }
    let columns = (width + bin - 1) / bin, rows = (height + bin - 1) / bin
    var result = Plane(width: columns, height: rows, pixels: Array(repeating: 0, count: columns * rows))
    for row in 0..<rows {
      let ys = row * bin..<min(height, (row + 1) * bin)
      for column in 0..<columns {
        let xs = column * bin..<min(width, (column + 1) * bin)
        var sum = 0.0
        for y in ys { for x in xs { sum += pixels[y * width + x] } }
        result.pixels[row * columns + column] = sum / Double(ys.count * xs.count)
      }
    }
    return result
  }
}

extension PreviewOptions {
  /// Planes that are averaged: the odd number nearest to the slab's thickness, ties up.
  func planesInSlab(_ spacing: VoxelSpacing) -> Int {
    let planes = slab / spacing.angstrom
    guard planes.isFinite, planes > 1 else { return 1 }
    return min(1 + 2 * Int(min((planes / 2).rounded(.down), 1e6)), 1_000_001)
  }
}

/// Reads planes of a volume in ascending order, each stored plane once.
struct SlabReader {
  private var source: any VolumeSource
  private let shape: VolumeShape
  /// What is kept of the volume: ascending, without gaps between what is still wanted.
  private var blocks: [(planes: Range<Int>, voxels: VoxelBlock)] = []

  init(_ source: any VolumeSource) {
    self.source = source
    shape = source.shape
  }

  /// The results of `transform` for slabs of `thickness` planes, cut at the ends of the volume, around each of `planes`.
  /// - planes: ascending.
  /// - transform: gets the number of the plane in `planes` and the mean of the slab; called on all threads.
  mutating func map<Result: Sendable>(
    _ planes: [Int], thickness: Int, on pool: ThreadPool, _ transform: (Int, Plane<Double>) -> Result
  ) throws -> [Result] {
    var results: [Result] = []
    let perGroup = 2 * pool.threads
    for start in stride(from: 0, to: planes.count, by: perGroup) {
      let group = planes[start..<min(planes.count, start + perGroup)]
      let slabs = group.map { SlabReader.slab(around: $0, thickness, shape.z) }
      try load(slabs)
      results += pool.map(slabs.count) { transform(start + $0, mean(slabs[$0])) }
    }
    return results
  }

  /// The planes of a slab that exist.
  static func slab(around plane: Int, _ thickness: Int, _ planes: Int) -> Range<Int> {
    max(0, plane - thickness / 2)..<min(planes, plane + thickness / 2 + 1)
  }

  private mutating func load(_ slabs: [Range<Int>]) throws {
    blocks.removeAll { block in slabs.first.map { block.planes.upperBound <= $0.lowerBound } ?? true }
    var wanted: [Range<Int>] = []
    for slab in slabs {
      if let last = wanted.last, slab.lowerBound <= last.upperBound {
        wanted[wanted.count - 1] = last.lowerBound..<max(last.upperBound, slab.upperBound)
      } else {
        wanted.append(slab)
      }
    }
    // To the end of a layer of chunks: what is unpacked as one is read as one.
    let layer = max(1, source.preferredBox.z)
    for range in wanted {
      let start = max(range.lowerBound, blocks.last?.planes.upperBound ?? 0)
      guard start < range.upperBound else { continue }
      let box = VolumeBox(shape, .z, start..<min(shape.z, (range.upperBound + layer - 1) / layer * layer))
      let voxels = try source.read(box)
      guard voxels.count == box.shape.count else { throw SegmentationError.wrongBlock(box, element: voxels.element, voxels: voxels.count) }
      blocks.append((box.z, voxels))
    }
  }

  private func mean(_ slab: Range<Int>) -> Plane<Double> {
    var sums = [Double](repeating: 0, count: shape.y * shape.x)
    for block in blocks {
      for plane in block.planes.clamped(to: slab) { block.voxels.add(plane - block.planes.lowerBound, to: &sums) }
    }
    let count = Double(slab.count)
    for index in sums.indices { sums[index] /= count }
    return Plane(width: shape.x, height: shape.y, pixels: sums)
  }
}

extension VoxelBlock {
  /// Adds one plane of as many voxels as there are sums.
  fileprivate func add(_ plane: Int, to sums: inout [Double]) {
    switch self {
    case .int8(let voxels): Self.add(voxels.span, plane, &sums)
    case .uint8(let voxels): Self.add(voxels.span, plane, &sums)
    case .int16(let voxels): Self.add(voxels.span, plane, &sums)
    case .uint16(let voxels): Self.add(voxels.span, plane, &sums)
    case .float16(let voxels): Self.add(voxels.span, plane, &sums)
    case .float32(let voxels): Self.add(voxels.span, plane, &sums)
    }
  }

  private static func add<Element: StoredVoxel>(_ voxels: Span<Element>, _ plane: Int, _ sums: inout [Double]) {
    var sums = sums.mutableSpan
    let first = plane * sums.count
    for index in sums.indices { sums[index] += Double(voxels[first + index].float) }
  }
}
