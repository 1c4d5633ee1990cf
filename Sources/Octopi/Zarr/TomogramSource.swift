import Kernels

/// A tomogram in a Zarr store as a segmentation job reads it.
public struct TomogramSource: VolumeSource, Sendable {
  public let name: String
  private let image: ImageGroup
  private let pool: ThreadPool?

  /// - pool: threads that chunks are decoded on; not those of a task that calls `read`.
  public init(_ image: ImageGroup, pool: ThreadPool? = nil) {
    self.image = image
    name = image.path
    self.pool = pool
  }

  public var shape: VolumeShape { image.shape }

  /// Types that float32 holds exactly, and that the job knows, stay; others become float32.
  public var element: VoxelElement {
    switch image.array.type {
    case .int8: .int8
    case .bool, .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .int32, .uint32, .int64, .uint64, .float32, .float64: .float32
    }
  }

  /// A chunk, or as many of its planes as are unpacked at a time.
  public var preferredBox: VolumeShape {
    let chunk = image.array.chunkShape
    let (z, y, x) = (min(chunk[0], shape.z), min(chunk[1], shape.y), min(chunk[2], shape.x))
    guard image.array.readsParts else { return VolumeShape(z: z, y: y, x: x) }
    return VolumeShape(z: min(z, max(1, ChunkDecoder.pieceBytes / max(1, chunk[1] * chunk[2] * image.array.type.bytes))), y: y, x: x)
  }

  public var scratchBytes: Int {
    let chunkBytes = image.array.chunkShape.reduce(image.array.type.bytes, *)
    // Packed and unpacked, and swapped or copied once more, on every thread.
    let decoding = 3 * (pool?.threads ?? 1) * (image.array.readsParts ? min(chunkBytes, ChunkDecoder.pieceBytes) : chunkBytes)
    // Types that become float32 are read as they are and rounded then.
    let isConverted = switch image.array.type {
    case .int32, .uint32, .int64, .uint64, .float64: true
    default: false
    }
    let conversion = isConverted ? preferredBox.count * image.array.type.bytes : 0
    return decoding + conversion
  }

  public func read(_ box: VolumeBox) throws(ZarrError) -> VoxelBlock {
    let values = try image.array.read([box.z, box.y, box.x], on: pool)
    switch values {
    case .int8(let voxels): return .int8(voxels)
    case .bool(let voxels), .uint8(let voxels): return .uint8(voxels)
    case .int16(let voxels): return .int16(voxels)
    case .uint16(let voxels): return .uint16(voxels)
    case .float16(let voxels): return .float16(voxels)
    case .float32(let voxels): return .float32(voxels)
    case .int32, .uint32, .int64, .uint64, .float64: return .float32(values.floats)
    }
  }
}
