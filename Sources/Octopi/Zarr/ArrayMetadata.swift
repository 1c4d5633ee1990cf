/// What the metadata of an array say, checked: every number in it can be calculated with.
struct ArrayMetadata: Sendable, Hashable {
  /// Zarr's format, 2 or 3.
  let format: Int
  let shape: [Int]
  let type: StoredType
  /// Shape of the pieces that lie in one file each: chunks, or shards of them.
  let chunkShape: [Int]
  let keys: ChunkKeys
  /// One value, little endian: what a missing chunk consists of.
  let fill: [UInt8]
  let encoding: ChunkEncoding

  /// Chunks along each axis.
  var grid: [Int] { zip(shape, chunkShape).map { ($0 + $1 - 1) / $1 } }

  /// Shape of the pieces that are encoded each by itself: chunks, or those inside of shards.
  var innermostShape: [Int] { encoding.innermostShape(of: chunkShape) }
}

/// How the index of a chunk becomes the name of its file.
struct ChunkKeys: Sendable, Hashable {
  /// `c` in Zarr v3's default encoding.
  let prefix: String?
  /// `.` or `/`.
  let separator: String

  func path(of index: [Int]) -> String {
    ((prefix.map { [$0] } ?? []) + index.map(String.init)).joined(separator: separator)
  }
}

/// How the values of a chunk become the bytes of its file: transposed, put in a row, packed.
struct ChunkEncoding: Sendable, Hashable {
  /// Stored axis i is axis `axes[i]` of the chunk; the last one is the fastest.
  let axes: [Int]
  let layout: ChunkLayout
  /// In the order of encoding; the last one made the file.
  let packing: [BytesCodec]

  func innermostShape(of chunk: [Int]) -> [Int] {
    guard case .sharded(let sharding) = layout else { return chunk }
    let inner = sharding.encoding.innermostShape(of: sharding.chunkShape)
    return axes.indices.map { axis in axes.firstIndex(of: axis).map { inner[$0] } ?? inner[axis] }
  }
}

/// How values of more than one axis become bytes.
indirect enum ChunkLayout: Sendable, Hashable {
  /// One after the other.
  case values(isBigEndian: Bool)
  /// As chunks of their own, with an index of where they are.
  case sharded(Sharding)
}

/// Zarr v3's codec `sharding_indexed`.
struct Sharding: Sendable, Hashable {
  /// In stored axes; divides the shard's shape.
  let chunkShape: [Int]
  let encoding: ChunkEncoding
  let isIndexBigEndian: Bool
  /// How often the index has a CRC-32C behind it: mostly once.
  let indexChecksums: Int
  let isIndexFirst: Bool

  /// Bytes of the index of `chunks` inner chunks.
  func indexBytes(_ chunks: Int) -> Int { 16 * chunks + 4 * indexChecksums }
}

/// Bytes to bytes.
enum BytesCodec: Sendable, Hashable {
  case blosc, zlib, gzip, zstd, crc32c
  /// All first bytes of each `elementBytes`, then all second bytes, and so on; a rest stays as it is.
  case shuffle(elementBytes: Int)
}

/// Axes and sizes that are safe to calculate with.
enum ArrayLimits {
  static let rank = 32
  /// Metadata files are small; attributes may hold a table.
  static let metadataBytes = 64 << 20
  static let codecs = 16

  /// The bytes of an array or a chunk; nil when they are 2^63 or more.
  static func bytes(_ shape: [Int], _ type: StoredType) -> Int? {
    shape.reduce(type.bytes as Int?) { total, axis in
      guard let (product, overflow) = total?.multipliedReportingOverflow(by: axis), !overflow else { return nil }
      return product
    }
  }
}
