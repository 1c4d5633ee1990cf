import Kernels

/// A tomogram as a model sees it that was trained on voxels of another size: interpolated box by box as it is read. The same bits whatever
/// boxes are asked for.
struct ResampledSource<Base: VolumeSource>: VolumeSource {
  private var base: Base
  private let rescaling: Rescaling
  private let pool: ThreadPool?

  init(_ base: Base, _ rescaling: Rescaling, on pool: ThreadPool?) {
    self.base = base
    self.rescaling = rescaling
    self.pool = pool
  }

  var name: String { base.name }
  var shape: VolumeShape { rescaling.model }
  var element: VoxelElement { .float32 }

  /// As much as the source likes to read at once.
  var preferredBox: VolumeShape {
    let size = { (axis: VolumeAxis) in
      max(1, min(shape[axis], Int((Double(base.preferredBox[axis]) / rescaling.ratio).rounded(.up))))
    }
    return VolumeShape(z: size(.z), y: size(.y), x: size(.x))
  }

  /// The source's block, as it is and as floats, and one more between two axes.
  var scratchBytes: Int {
    let box = VolumeBox(z: 0..<preferredBox.z, y: 0..<preferredBox.y, x: 0..<preferredBox.x)
    let voxels = VolumeAxis.allCases.reduce(1) { $0 * (rescaling.taps($1, box[$1]).source.count + 2) }
    return base.scratchBytes + voxels * (base.element.bytes + 2 * MemoryLayout<Float>.stride)
  }

  mutating func read(_ box: VolumeBox) throws -> VoxelBlock {
    let taps = VolumeAxis.allCases.map { rescaling.taps($0, box[$0]) }
    let from = VolumeBox(z: taps[0].source, y: taps[1].source, x: taps[2].source)
    var values = try floats(of: from), shape = from.shape
    for axis in VolumeAxis.allCases {
      values = resample(values, shape, axis, taps[axis.rawValue])
      shape = shape.with(axis, box[axis].count)
    }
    return .float32(values)
  }

  /// - Throws: `SegmentationError.notFinite` with the first voxel of the tomogram that is NaN or infinite: interpolated, it would be several.
  private mutating func floats(of box: VolumeBox) throws -> [Float] {
    let block = try base.read(box), size = box.shape
    guard block.count == size.count else { throw SegmentationError.wrongBlock(box, element: block.element, voxels: block.count) }
    let values = block.floats
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw SegmentationError.notFinite(
        tomogram: name, value: values[bad], z: box.z.lowerBound + bad / (size.y * size.x), y: box.y.lowerBound + bad / size.x % size.y,
        x: box.x.lowerBound + bad % size.x)
    }
    return values
  }

  /// `out[a][j][b] = sum over t of weights[j][t] * values[a][first[j] + t][b]`, where j runs along `axis`, a before and b behind it.
  private func resample(_ values: [Float], _ shape: VolumeShape, _ axis: VolumeAxis, _ along: ResamplingTaps) -> [Float] {
    let behind = shape.axes[(axis.rawValue + 1)...].reduce(1, *), before = shape.axes[..<axis.rawValue].reduce(1, *)
    let sources = shape[axis], targets = along.taps.count
    let out = SharedBuffer<Float>(count: before * targets * behind)
    let work = { (rows: Range<Int>) in
      for row in rows {
        let (a, j) = (row / targets, row % targets)
        let tap = along.taps[j]
        out.write(row * behind..<(row + 1) * behind) { out in
          for (t, weight) in tap.weights.enumerated() {
            let source = (a * sources + tap.first - along.source.lowerBound + t) * behind
            for b in 0..<behind { out[b] += weight * values[source + b] }
          }
        }
      }
    }
    if let pool { pool.runRows(before * targets, length: behind, work) } else { work(0..<before * targets) }
    return out.read(0..<out.count) { span in span.indices.map { span[$0] } }
  }
}

extension VoxelBlock {
  /// All voxels as float32.
  fileprivate var floats: [Float] {
    switch self {
    case .int8(let voxels): voxels.map(\.float)
    case .uint8(let voxels): voxels.map(\.float)
    case .int16(let voxels): voxels.map(\.float)
    case .uint16(let voxels): voxels.map(\.float)
    case .float16(let voxels): voxels.map(\.float)
    case .float32(let voxels): voxels
    }
  }
}
