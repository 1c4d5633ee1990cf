/// Brings slabs from a model's grid back to the tomogram's, the nearest voxel each, and hands them on in whole chunks.
final class NearestSlabs<Element: BitwiseCopyable & Sendable> {
  private let shape: VolumeShape, axis: VolumeAxis
  /// For each voxel of the tomogram along z, y, x that of the model's grid.
  private let nearest: [[Int]]
  private let channels: Int, planes: Int
  private let buffer: SharedBuffer<Element>
  /// The slab of the tomogram that is being filled, and how many of its planes are.
  private var box: VolumeBox, filled: Int

  /// - planes: of a slab that is handed on.
  init(_ rescaling: Rescaling, axis: VolumeAxis, planes: Int, channels: Int) {
    shape = rescaling.tomogram
    self.axis = axis
    self.channels = channels
    self.planes = min(max(1, planes), shape[axis])
    nearest = VolumeAxis.allCases.map(rescaling.nearest)
    box = VolumeBox(shape, axis, 0..<self.planes)
    filled = 0
    buffer = SharedBuffer(count: box.shape.count * channels)
  }

  /// Takes a slab of the model's grid, `[channel][z][y][x]`; slabs come in order.
  func take(_ values: Span<Element>, of slab: VolumeBox, _ emit: (Span<Element>, VolumeBox) throws -> Void) throws {
    let along = nearest[axis.rawValue]
    while filled < shape[axis], slab[axis].contains(along[filled]) {
      let end = along[filled..<box[axis].upperBound].firstIndex { !slab[axis].contains($0) } ?? box[axis].upperBound
      copy(values, of: slab, to: VolumeBox(shape, axis, filled..<end))
      filled = end
      guard filled == box[axis].upperBound else { return }
      try buffer.read(0..<box.shape.count * channels) { try emit($0, box) }
      box = VolumeBox(shape, axis, filled..<min(filled + planes, shape[axis]))
    }
  }

  private func copy(_ values: Span<Element>, of slab: VolumeBox, to part: VolumeBox) {
    let from = slab.shape, to = box.shape
    for channel in 0..<channels {
      for z in part.z {
        for y in part.y {
          let source = ((channel * from.z + nearest[0][z] - slab.z.lowerBound) * from.y + nearest[1][y] - slab.y.lowerBound) * from.x - slab.x.lowerBound
          let target = ((channel * to.z + z - box.z.lowerBound) * to.y + y - box.y.lowerBound) * to.x + part.x.lowerBound - box.x.lowerBound
          buffer.write(target..<target + part.x.count) { row in
            for i in row.indices { row[i] = values[source + nearest[2][part.x.lowerBound + i]] }
          }
        }
      }
    }
  }
}

/// Labels of a model's grid on their way to a sink of the tomogram's.
struct ResampledLabels<Sink: LabelSink>: LabelSink {
  private let slabs: NearestSlabs<UInt8>
  private var sink: Sink
  /// Voxels of the tomogram with label 0, 1, ..., 255.
  private(set) var voxelsPerLabel = [Int](repeating: 0, count: 256)

  init(_ sink: Sink, _ rescaling: Rescaling, axis: VolumeAxis) {
    self.sink = sink
    slabs = NearestSlabs(rescaling, axis: axis, planes: sink.chunk[axis], channels: 1)
  }

  /// Slabs of the model's grid may be thin: whole chunks are gathered here.
  static var chunk: VolumeShape { VolumeShape(z: 16, y: 16, x: 16) }
  var chunk: VolumeShape { Self.chunk }

  mutating func write(_ labels: Span<UInt8>, of box: VolumeBox) throws {
    try slabs.take(labels, of: box) { slab, box in
      for i in slab.indices { voxelsPerLabel[Int(slab[i])] += 1 }
      try sink.write(slab, of: box)
    }
  }
}

/// Probabilities of a model's grid on their way to a sink of the tomogram's.
struct ResampledProbabilities: ProbabilitySink {
  private let slabs: NearestSlabs<Float>
  private var sink: any ProbabilitySink

  init(_ sink: any ProbabilitySink, _ rescaling: Rescaling, axis: VolumeAxis, channels: Int) {
    self.sink = sink
    slabs = NearestSlabs(rescaling, axis: axis, planes: sink.chunk[axis], channels: channels)
  }

  static var chunk: VolumeShape { VolumeShape(z: 16, y: 16, x: 16) }
  var chunk: VolumeShape { Self.chunk }

  mutating func write(_ probabilities: Span<Float>, of box: VolumeBox, channels: Int) throws {
    try slabs.take(probabilities, of: box) { try sink.write($0, of: $1, channels: channels) }
  }
}
