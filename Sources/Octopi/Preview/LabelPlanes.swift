import Kernels

/// The labels of a run as numbers of classes: 0 is background, class i is i + 1.
struct LabelPlanes {
  private let reader: SlabReader
  private let labels: PreviewLabels
  private let shape: VolumeShape
  private let classOfLabel: [Int: UInt8]
  /// Voxels of the tomogram and their spacing.
  private let target: VolumeShape, targetSpacing: VoxelSpacing

  init(_ labels: PreviewLabels, classOfLabel: [Int: UInt8], of run: PreviewRun) {
    self.labels = labels
    self.classOfLabel = classOfLabel
    shape = labels.volume.shape
    reader = SlabReader(labels.volume)
    target = run.volume.shape
    targetSpacing = run.spacing
  }

  /// How often each label occurs in each plane of the label volume, other than 0.
  static func counts(_ volume: any VolumeSource, on pool: ThreadPool) throws -> [[Int: Int]] {
    var reader = SlabReader(volume)
    return try reader.map(Array(0..<volume.shape.z), thickness: 1, on: pool) { _, plane in
      var counts: [Int: Int] = [:], label = 0.0, length = 0
      func count() { if label != 0, let label = Int(exactly: label) { counts[label, default: 0] += length } }
      for value in plane.pixels {
        if value == label {
          length += 1
        } else {
          count()
          (label, length) = (value, 1)
        }
      }
      count()
      return counts
    }
  }

  /// The results of `transform` for planes of the tomogram.
  mutating func map<Result: Sendable>(
    _ planes: [Int], bin: Int, on pool: ThreadPool, _ transform: (Int, Plane<UInt8>) -> Result
  ) throws -> [Result] {
    let sources = planes.map { LabelPlanes.nearest($0, targetSpacing, labels.spacing) }
    let known = sources.enumerated().filter { $0.element < shape.z }
    var reader = reader
    // Neighbouring planes of the tomogram may have the same plane of labels.
    let distinct = known.reduce(into: [Int]()) { if $0.last != $1.element { $0.append($1.element) } }
    var placed: [Result?] = Array(repeating: nil, count: planes.count)
    let found = try reader.map(distinct, thickness: 1, on: pool) { index, plane in
      let binned = resampled(plane).binned(bin)
      return known.filter { $0.element == distinct[index] }.map { ($0.offset, transform($0.offset, binned)) }
    }
    for (index, result) in found.joined() { placed[index] = result }
    let empty = Plane<UInt8>(width: target.x, height: target.y, pixels: Array(repeating: 0, count: target.x * target.y)).binned(bin)
    return placed.enumerated().map { $0.element ?? transform($0.offset, empty) }
  }

  /// The voxel of a volume of another spacing that is nearest to a voxel; ties up.
  static func nearest(_ voxel: Int, _ spacing: VoxelSpacing, _ other: VoxelSpacing) -> Int {
    if spacing == other { return voxel }
    let place = Double(voxel) * spacing.angstrom / other.angstrom + 0.5
    return place.isFinite && place < 1e9 ? Int(place) : .max
  }

  private func resampled(_ plane: Plane<Double>) -> Plane<UInt8> {
    let columns = (0..<target.x).map { LabelPlanes.nearest($0, targetSpacing, labels.spacing) }
    let rows = (0..<target.y).map { LabelPlanes.nearest($0, targetSpacing, labels.spacing) }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(target.x * target.y)
    var last = (label: 0.0, number: UInt8(0))
    for row in rows {
      for column in columns {
        let label = row < plane.height && column < plane.width ? plane.pixels[row * plane.width + column] : 0
        if label != last.label { last = (label, Int(exactly: label).flatMap { classOfLabel[$0] } ?? 0) }
        pixels.append(last.number)
      }
    }
    return Plane(width: target.x, height: target.y, pixels: pixels)
  }
}

extension Plane where Element == UInt8 {
  /// Boxes of `bin` x `bin` labels: background unless half of them or more are not; then the most frequent label, of several the lowest.
  func binned(_ bin: Int) -> Plane {
    if bin <= 1 { return self }
    let columns = (width + bin - 1) / bin, rows = (height + bin - 1) / bin
    var result = Plane(width: columns, height: rows, pixels: Array(repeating: 0, count: columns * rows))
    var counts = [Int](repeating: 0, count: 256)
    for row in 0..<rows {
      let ys = row * bin..<min(height, (row + 1) * bin)
      for column in 0..<columns {
        let xs = column * bin..<min(width, (column + 1) * bin)
        for y in ys { for x in xs { counts[Int(pixels[y * width + x])] += 1 } }
        let filled = ys.count * xs.count - counts[0]
        if filled > 0 {
          if 2 * filled >= ys.count * xs.count {
            var best = 1
            for label in 2..<256 where counts[label] > counts[best] { best = label }
            result.pixels[row * columns + column] = UInt8(best)
          }
          for index in counts.indices { counts[index] = 0 }
        } else {
          counts[0] = 0
        }
      }
    }
    return result
  }
}
