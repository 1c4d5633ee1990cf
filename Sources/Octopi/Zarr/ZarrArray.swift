import Kernels
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An array of a Zarr store, version 2 or 3, in a local folder.
///
///     let array = try ZarrArray("wbp.zarr/0")
///     let plane = try array.read([5..<6, 0..<array.shape[1], 0..<array.shape[2]])
///
/// Opening reads the metadata only. Reading decodes just the chunks, and of raw and Blosc chunks just the parts, that hold something
/// wanted: a tomogram is often a single chunk. A missing chunk is the fill value; what is there and cannot be read is an error.
public struct ZarrArray: Sendable {
  /// The array's folder, as the user gave it.
  public let path: String
  let metadata: ArrayMetadata

  /// Opens `zarr.json` (v3), else `.zarray` (v2) in the folder `path`.
  public init(_ path: String) throws(ZarrError) {
    self.path = path
    let v3 = try MetadataFile("zarr.json", in: path)
    if let v3, v3.root["node_type"] == .string("array") {
      metadata = try ArrayMetadata(v3: v3)
    } else if let v2 = try MetadataFile(".zarray", in: path) {
      metadata = try ArrayMetadata(v2: v2)
    } else if let v3 {
      metadata = try ArrayMetadata(v3: v3) // Says what it is instead of an array.
    } else {
      throw .noArray(path: path, because: nil)
    }
  }

  /// Whether the metadata of an array, of whatever quality, are in a folder.
  static func isArray(_ path: String) throws(ZarrError) -> Bool {
    if let v3 = try MetadataFile("zarr.json", in: path), v3.root["node_type"] == .string("array") { return true }
    return try StoreFile.open(path + "/.zarray") != nil
  }

  /// Zarr's format, 2 or 3.
  public var format: Int { metadata.format }
  public var shape: [Int] { metadata.shape }
  public var type: StoredType { metadata.type }
  /// Shape of what is packed as one: reads that follow its borders decode nothing twice.
  public var chunkShape: [Int] { metadata.innermostShape }

  /// Whether part of a chunk can be unpacked without the rest: raw values and Blosc frames, some planes at a time.
  var readsParts: Bool {
    var encoding = metadata.encoding
    let inOrder = Array(shape.indices)
    while encoding.axes == inOrder, encoding.packing.isEmpty, case .sharded(let sharding) = encoding.layout { encoding = sharding.encoding }
    guard encoding.axes == inOrder, case .values = encoding.layout else { return false }
    return encoding.packing.isEmpty || encoding.packing == [.blosc]
  }

  /// Reads a box of values, or all.
  /// - box: a range for each axis, within `shape`.
  /// - pool: threads that chunks are decoded on; nil, or when called from a task of that pool: on the calling thread.
  /// - memoryLimit: bytes that the values may have.
  /// - Returns: the box in C order.
  public func read(_ box: [Range<Int>]? = nil, on pool: ThreadPool? = nil, memoryLimit: Int = Self.physicalMemory) throws(ZarrError) -> ArrayValues {
    let box = box ?? shape.map { 0..<$0 }
    precondition(box.count == shape.count && zip(box, shape).allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= $1 })
    // A box is no larger than the array, whose size in bytes is a number.
    let count = box.reduce(1) { $0 * $1.count }
    guard count * type.bytes <= memoryLimit else {
      throw .tooLarge(path: path, bytes: count * type.bytes, available: memoryLimit)
    }
    return try RegionBuffer.values(of: type, count: count) { region throws(ZarrError) in
      if count > 0 { try fill(region, box, pool) }
    }
  }

  /// Memory of this machine, in bytes.
  public static var physicalMemory: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  private func fill(_ region: RegionBuffer, _ box: [Range<Int>], _ pool: ThreadPool?) throws(ZarrError) {
    let grid = ChunkGrid(chunkShape: metadata.chunkShape, box: box)
    let decoder = ChunkDecoder(type: type, fill: metadata.fill, region: region)
    var strides = [Int](repeating: 1, count: box.count)
    for axis in strides.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * box[axis + 1].count }

    func decode(_ number: Int) throws(ZarrError) {
      let index = grid.index(number)
      let part = grid.part(index, offset: 0, strides: strides)
      if let file = try StoreFile.open(metadata.keys.path(of: index), in: path) {
        try decoder.decode(ByteSource(file), metadata.encoding, part)
      } else {
        decoder.decodeMissing(part)
      }
    }
    guard let pool else {
      for number in 0..<grid.count { try decode(number) }
      return
    }
    let failures = FirstFailure<ZarrError>()
    pool.run(grid.count) { number, _ in
      failures.attempt(number) { () throws(ZarrError) in try decode(number) }
    }
    if let failure = failures.first { throw failure }
  }
}

/// The error of the lowest task: which one is reported does not depend on the threads.
final class FirstFailure<Failure: Error>: Sendable {
  private let failure = Mutex<(task: Int, error: Failure)?>(nil)

  var first: Failure? { failure.withLock { $0?.error } }

  /// Runs a task, unless one before it has failed.
  func attempt(_ task: Int, _ body: () throws(Failure) -> Void) {
    if let failed = failure.withLock({ $0?.task }), failed < task { return }
    do { try body() } catch { failure.withLock { if $0.map({ task < $0.task }) ?? true { $0 = (task, error) } } }
  }
}
