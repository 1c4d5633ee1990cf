/// Where labels go, slab by slab along the job's axis, in order.
public protocol LabelSink {
  /// Edges of the sink's chunks. A slab has whole chunks across the job's axis, but for the last.
  var chunk: VolumeShape { get }
  /// Takes the labels of `box`, axes (z, y, x), x fastest; valid during the call.
  mutating func write(_ labels: Span<UInt8>, of box: VolumeBox) throws
}

/// Where class probabilities go, slab by slab as labels do.
public protocol ProbabilitySink {
  /// Edges of the sink's chunks, without the axis of channels.
  var chunk: VolumeShape { get }
  /// Takes the probabilities of `box`, axes (channel, z, y, x), x fastest; valid during the call.
  mutating func write(_ probabilities: Span<Float>, of box: VolumeBox, channels: Int) throws
}

/// Labels in memory.
public struct LabelVolume: LabelSink, Sendable {
  public private(set) var volume: Volume<UInt8>

  public init(shape: VolumeShape) { volume = Volume(shape: shape, voxels: Array(repeating: 0, count: shape.count)) }

  /// Slabs of one plane would be rows of one voxel where a job goes along x.
  public var chunk: VolumeShape { VolumeShape(z: 16, y: 16, x: 16) }

  public mutating func write(_ labels: Span<UInt8>, of box: VolumeBox) {
    var index = 0
    for z in box.z {
      for y in box.y {
        for x in box.x {
          volume[z, y, x] = labels[index]
          index += 1
        }
      }
    }
  }
}

/// Planes that wait until a whole slab of them is there.
final class SlabBuffer<Element: BitwiseCopyable & Sendable> {
  private let shape: VolumeShape, axis: VolumeAxis, planes: Int
  private let buffer: SharedBuffer<Element>
  private let channels: Int
  /// The slab that is being filled.
  private(set) var box: VolumeBox

  /// - planes: of a slab; the last may have fewer.
  init(_ shape: VolumeShape, axis: VolumeAxis, planes: Int, channels: Int) throws(SegmentationError) {
    self.shape = shape
    self.axis = axis
    self.planes = min(max(1, planes), shape[axis])
    self.channels = channels
    box = VolumeBox(shape, axis, 0..<self.planes)
    buffer = try SharedBuffer(mapping: shape.with(axis, self.planes).count * channels)
  }

  /// Memory of a buffer as `init` makes it.
  static func bytes(_ shape: VolumeShape, axis: VolumeAxis, planes: Int, channels: Int) -> Int {
    shape.with(axis, min(max(1, planes), shape[axis])).count * channels * MemoryLayout<Element>.stride
  }

  /// End of the slab along the axis.
  var end: Int { box[axis].upperBound }

  /// Writes a row of one channel; several threads may write disjoint rows at once.
  func write(_ row: AveragedRow, channel: Int, _ body: (inout MutableSpan<Element>) -> Void) {
    let size = box.shape
    let plane = (channel * size.z + row.z - box.z.lowerBound) * size.y + row.y - box.y.lowerBound
    let first = plane * size.x + row.x.lowerBound - box.x.lowerBound
    buffer.write(first..<first + row.x.count, body)
  }

  /// Hands the slab over and begins the next.
  func flush(_ body: (Span<Element>, VolumeBox) throws -> Void) rethrows {
    try buffer.read(0..<box.shape.count * channels) { try body($0, box) }
    box = VolumeBox(shape, axis, min(end, shape[axis])..<min(end + planes, shape[axis]))
  }
}
