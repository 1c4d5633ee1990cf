import Kernels

/// The labels of a segmentation job as an image that copick reads.
public struct LabelStore: LabelSink {
  private let writer: ImageWriter

  public init(
    shape: VolumeShape, spacing: VoxelSpacing, version: ZarrVersion = .v2, to store: some StoreWriter, on pool: ThreadPool
  ) throws(OutputError) {
    writer = try ImageWriter(shape: shape.axes, type: .uint8, spacing: spacing, version: version, to: store, on: pool)
  }

  public var chunk: VolumeShape { VolumeShape(writer.chunkShape) ?? VolumeShape(z: 1, y: 1, x: 1) }

  /// Chunks of a store, before there is one.
  public static func chunk(_ version: ZarrVersion) -> VolumeShape {
    VolumeShape(z: ImageFormat.edge(version), y: ImageFormat.edge(version), x: ImageFormat.edge(version))
  }

  /// What `write` holds besides the labels it is given, in bytes.
  public static func scratchBytes(version: ZarrVersion = .v2, threads: Int) -> Int {
    ImageWriter.scratchBytes(.uint8, version: version, threads: threads)
  }

  public func write(_ labels: Span<UInt8>, of box: VolumeBox) throws { try writer.write(labels, of: [box.z, box.y, box.x]) }

  /// Writes what says that the labels are complete.
  public func finish() throws(OutputError) { try writer.finish() }
}

/// The class probabilities of a segmentation job: an image of four axes, channels first, in float16 (steps of 2^-11 below 1, of 2^-24 near 0).
///
/// Its attributes have, in `octopi.labels`, the label that each channel is the probability of. Chunks are small, 64 voxels along each axis and one channel: all channels of a slab of them wait in memory while they are computed, and who
/// wants the probabilities of one particle reads no more than what is around it.
public struct ProbabilityStore: ProbabilitySink {
  private static let edge = 64
  private let writer: ImageWriter
  private let pool: ThreadPool

  /// - firstLabel: that of channel 0; the others follow.
  public init(
    shape: VolumeShape, channels: Int, firstLabel: Int, spacing: VoxelSpacing, version: ZarrVersion = .v2, to store: some StoreWriter,
    on pool: ThreadPool
  ) throws(OutputError) {
    self.pool = pool
    let labels = (firstLabel..<firstLabel + channels).map(PythonValue.int)
    writer = try ImageWriter(
      shape: [channels] + shape.axes, type: .float16, spacing: spacing, attributes: [.init("octopi", ["labels": .array(labels)])], version: version,
      edge: Self.edge, to: store, on: pool)
  }

  public static let chunk = VolumeShape(z: edge, y: edge, x: edge)
  public var chunk: VolumeShape { Self.chunk }

  /// What `write` holds besides the probabilities it is given, in bytes.
  /// - slab: voxels of one channel that it is given at once.
  public static func scratchBytes(slab: Int, version: ZarrVersion = .v2, threads: Int) -> Int {
    2 * slab + ImageWriter.scratchBytes(.float16, version: version, edge: edge, threads: threads)
  }

  public func write(_ probabilities: Span<Float>, of box: VolumeBox, channels: Int) throws {
    let voxels = box.shape.count, halves = SharedBuffer<Half>(count: voxels)
    for channel in 0..<channels {
      let values = probabilities.extracting(channel * voxels..<(channel + 1) * voxels)
      pool.runRows(box.shape.z * box.shape.y, length: box.shape.x) { rows in
        let range = rows.lowerBound * box.shape.x..<rows.upperBound * box.shape.x
        halves.write(range) { halves in for i in halves.indices { halves[i] = Half(rounding: Double(values[range.lowerBound + i])) } }
      }
      try halves.read(0..<voxels) { try writer.write($0, of: [channel..<channel + 1, box.z, box.y, box.x]) }
    }
  }

  /// Writes what says that the probabilities are complete.
  public func finish() throws(OutputError) { try writer.finish() }
}

/// Class probabilities on disk, as `ProbabilityStore` writes them.
public struct ProbabilityImage: Sendable {
  /// The store, as the user gave it.
  public let path: String
  public let channels: Int
  public let shape: VolumeShape
  /// The label of each channel: as the store's attributes say, else 0, 1, ...
  public let labels: [Int]
  /// Edges of a voxel along z, y, x in ångström as the attributes have it; nil when they do not say.
  let spacing: [Double]?
  let array: ZarrArray

  /// - Throws: `ZarrError`; `.unsuitable` when it is not of four axes or no numbers with fractions.
  public init(_ path: String) throws(ZarrError) {
    array = try ZarrArray(path + "/0")
    self.path = path
    guard array.shape.count == 4, array.type.isFloatingPoint, let shape = VolumeShape(Array(array.shape.dropFirst())) else {
      throw .unsuitable(path: path, what: "holds no class probabilities", remedy: "write them with --probabilities")
    }
    channels = array.shape[0]
    self.shape = shape
    let v3 = try MetadataFile("zarr.json", in: path), v2 = try MetadataFile(".zattrs", in: path)
    let attributes = v3?.root["attributes"] ?? v2?.root
    spacing = Multiscales(attributes)?.spacing
    let labels = attributes?["octopi"]?["labels"]?.list?.compactMap(\.integer) ?? []
    self.labels = labels.count == channels ? labels : Array(0..<channels)
  }

  /// The lowest probability that the class of highest probability can have: of a softmax, where the background is one of the channels, one of
  /// as many equal shares, else one half.
  var lowestWinner: Double { labels.contains(0) ? 1 / Double(channels) : 0.5 }

  /// The probabilities of one channel in a box, axes (z, y, x), x fastest.
  ///
  /// - channel: below `channels`; see `Head.channel(ofLabel:)`.
  /// - box: within `shape`.
  public func read(channel: Int, _ box: VolumeBox, on pool: ThreadPool? = nil) throws(ZarrError) -> [Float] {
    try array.read([channel..<channel + 1, box.z, box.y, box.x], on: pool).floats
  }
}
