import Kernels

/// Writes an image of one level, box by box, in whichever order its boxes become ready.
///
///     let writer = try ImageWriter(labels: shape, spacing: spacing, to: outputs.folder(at: store, existing: .refuse), on: pool)
///     for layer in layers { try writer.write(layer.values.span, of: layer.box) }     // whole chunks
///     try writer.finish()                                                            // then commit the folder
///
/// A box is packed chunk by chunk on the threads of the pool, one chunk of memory and its frame on each.
public final class ImageWriter {
  private let format: ImageFormat
  private let store: any StoreWriter
  private let pool: ThreadPool
  /// Chunks that are written.
  private var written: Set<[Int]> = []

  /// - shape: z, y, x, perhaps with channels before.
  /// - attributes: of the group, besides what images have.
  /// - edge: of chunks along z, y, x; nil for copick's.
  public init(
    shape: [Int], type: StoredType, spacing: VoxelSpacing, attributes: [PythonValue.Member] = [], version: ZarrVersion = .v2, edge: Int? = nil,
    to store: some StoreWriter, on pool: ThreadPool
  ) throws(OutputError) {
    precondition((3...4).contains(shape.count) && shape.allSatisfy { $0 > 0 })
    format = ImageFormat(
      version: version, shape: shape, type: type, spacing: spacing, attributes: attributes, edge: edge ?? ImageFormat.edge(version))
    self.store = store
    self.pool = pool
    for file in format.head { try write(file) }
  }

  /// Shape of a chunk: boxes start at multiples of it, and end there or at the border of the image.
  public var chunkShape: [Int] { format.chunkShape }

  /// What `write` holds besides the values it is given, in bytes: on each thread a chunk, its frame, which is not longer, and in version 3
  /// the shuffled values.
  public static func scratchBytes(_ type: StoredType, version: ZarrVersion = .v2, edge: Int? = nil, threads: Int) -> Int {
    let edge = edge ?? ImageFormat.edge(version)
    return (version == .v2 || !type.isFloatingPoint ? 2 : 3) * edge * edge * edge * type.bytes * threads
  }

  /// Writes the chunks of a box.
  /// - values: in C order, of the image's type.
  /// - box: a range for each axis of the image, whole chunks.
  /// - Throws: `OutputError`; `ZarrError.unsupported` when a library cannot compress.
  public func write<Value: BitwiseCopyable>(_ values: Span<Value>, of box: [Range<Int>]) throws {
    precondition(MemoryLayout<Value>.stride == format.type.bytes && values.count == box.reduce(1) { $0 * $1.count })
    precondition(zip(box, zip(format.shape, chunkShape)).allSatisfy { range, sizes in
      range.lowerBound % sizes.1 == 0 && (range.upperBound % sizes.1 == 0 || range.upperBound == sizes.0) && range.upperBound <= sizes.0
    })
    let grid = ChunkGrid(chunkShape: chunkShape, box: box)
    var strides = [Int](repeating: 1, count: box.count)
    for axis in strides.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * box[axis + 1].count }
    let failures = FirstFailure<any Error>()
    values.withUnsafeBytes { values in
      pool.run(grid.count) { number, _ in
        failures.attempt(number) {
          let index = grid.index(number)
          let part = grid.part(index, offset: 0, strides: strides)
          try write(RegionBuffer.chunk(of: values, part, valueBytes: format.type.bytes), chunk: index)
        }
      }
    }
    if let failure = failures.first { throw failure }
    for number in 0..<grid.count { written.insert(grid.index(number)) }
  }

  /// Writes what says that the image is complete.
  public func finish() throws(OutputError) {
    precondition(written.count == ChunkGrid(chunkShape: chunkShape, box: format.shape.map { 0..<$0 }).count, "all chunks are written")
    try write(format.tail)
  }

  private func write(_ values: [UInt8], chunk index: [Int]) throws {
    let path = format.chunkPath(index)
    let bytes: [UInt8]
    do throws(CodecFailure) {
      bytes = try format.encode(values)
    } catch {
      throw ZarrError.unsupported(path: path, what: "cannot be packed: \(error.detail)", known: nil)
    }
    try store.write(bytes, to: path)
  }

  private func write(_ file: (path: String, json: PythonValue)) throws(OutputError) {
    try store.write(Array(PythonJSON.text(file.json, indent: 4).utf8), to: file.path)
  }
}
