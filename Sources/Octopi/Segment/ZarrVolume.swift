import Kernels

/// A tomogram in an array of a Zarr store. Integers of more than 16 bits and doubles become float32 as they are read.
public struct ZarrVolume: VolumeSource {
  public let name: String
  public let shape: VolumeShape
  public let element: VoxelElement
  public let preferredBox: VolumeShape
  public let scratchBytes: Int
  private let array: ZarrArray
  private let pool: ThreadPool

  /// Bytes that are read at once where the array's chunks leave the choice: enough for many threads, little beside a tomogram.
  private static let readBytes = 64 << 20

  /// - name: what messages call the tomogram.
  /// - pool: threads that chunks are decoded on; `read` must not be called from one of its tasks.
  /// - Throws: `ZarrError.unsuitable` if the array has not three axes, all of which have voxels.
  public init(_ array: ZarrArray, name: String, pool: ThreadPool) throws(ZarrError) {
    guard let shape = VolumeShape(array.shape), shape.axes.allSatisfy({ $0 > 0 }), let chunk = VolumeShape(array.chunkShape) else {
      throw ZarrVolume.unsuitable(array)
    }
    self.array = array
    self.name = name
    self.pool = pool
    self.shape = shape
    element = array.type.voxelElement
    let reading = ChunkReading(array, shape, chunk: chunk, readBytes: Self.readBytes)
    preferredBox = reading.box
    // What is wider than it is held is there twice for a moment.
    let wideBytes = array.type.bytes > element.bytes ? reading.box.count * array.type.bytes : 0
    scratchBytes = min(pool.threads, reading.chunks) * reading.bytesPerChunk + wideBytes
  }

  private static func unsuitable(_ array: ZarrArray) -> ZarrError {
    let axes = array.shape.map(String.init).joined(separator: ", ")
    let first = Array(repeating: "0", count: max(0, array.shape.count - 3)).joined(separator: ", ")
    return .unsuitable(
      path: array.path, what: "has shape (\(axes)); a tomogram has three axes (z, y, x)",
      remedy: first.isEmpty ? nil : "write the volume again with three axes, in Python: zarr.save('NEW.zarr', zarr.open('\(array.path)')[\(first)])")
  }

  public func read(_ box: VolumeBox) throws(ZarrError) -> VoxelBlock {
    let values = try array.read([box.z, box.y, box.x], on: pool)
    return switch values {
    case .int8(let values): .int8(values)
    case .bool(let values), .uint8(let values): .uint8(values)
    case .int16(let values): .int16(values)
    case .uint16(let values): .uint16(values)
    case .float16(let values): .float16(values)
    case .int32, .uint32, .int64, .uint64, .float32, .float64: .float32(values.floats)
    }
  }
}

extension StoredType {
  /// The type that voxels of this type are held in.
  var voxelElement: VoxelElement {
    switch self {
    case .int8: .int8
    case .bool, .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .int32, .uint32, .int64, .uint64, .float32, .float64: .float32
    }
  }
}

/// In which boxes an array is best read, and what decoding takes.
private struct ChunkReading {
  let box: VolumeShape
  /// Chunks of a box.
  let chunks: Int
  /// Memory of a thread that decodes one.
  let bytesPerChunk: Int

  init(_ array: ZarrArray, _ shape: VolumeShape, chunk: VolumeShape, readBytes: Int) {
    let planeBytes = shape.y * shape.x * array.type.bytes
    let planes = max(1, readBytes / max(1, planeBytes))
    let layers = max(1, planes / max(1, chunk.z))
    if array.decodesParts && chunk.z > planes {
      box = shape.with(.z, min(shape.z, planes))
    } else if chunk.z <= planes || chunk.y >= shape.y && chunk.x >= shape.x {
      box = shape.with(.z, min(shape.z, layers * chunk.z))
    } else {
      box = VolumeShape(z: min(shape.z, chunk.z), y: min(shape.y, chunk.y), x: min(shape.x, chunk.x))
    }
    let box = box
    chunks = VolumeAxis.allCases.reduce(1) { $0 * ((box[$1] - 1) / max(1, chunk[$1]) + 1) }
    // Packed and unpacked, and once more where two codecs follow each other; or a piece of both.
    bytesPerChunk = array.decodesParts ? 2 * ChunkDecoder.pieceBytes : 3 * chunk.count * array.type.bytes
  }
}

extension ZarrArray {
  /// Whether parts of a chunk are decoded without the rest.
  fileprivate var decodesParts: Bool {
    guard case .values = metadata.encoding.layout else { return false }
    return metadata.encoding.packing.isEmpty || metadata.encoding.packing == [.blosc]
  }
}
