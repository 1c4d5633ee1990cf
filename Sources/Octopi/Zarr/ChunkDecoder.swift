/// Turns the bytes of a chunk into values at their places in a region.
struct ChunkDecoder {
  let type: StoredType
  /// One value, little endian, as are the machines that this runs on.
  let fill: [UInt8]
  let region: RegionBuffer

  /// Bytes that are unpacked at a time where a chunk allows it.
  static let pieceBytes = 4 << 20
  /// Blocks of a Blosc frame that are unpacked at a time, however small they are.
  static let pieceBlocks = 4096

  /// Decodes what is wanted of a chunk.
  /// - part: in the chunk's own axes.
  func decode(_ source: ByteSource, _ encoding: ChunkEncoding, _ part: ChunkPart) throws(ZarrError) {
    let part = part.transposed(encoding.axes)
    switch encoding.layout {
    case .values(let isBigEndian): try decodeValues(source, encoding.packing, part, isBigEndian: isBigEndian)
    case .sharded(let sharding):
      if encoding.packing.isEmpty {
        try decodeShard(source, sharding, part)
      } else {
        let shard = try unpack(source, encoding.packing, .atMost(BloscHeader.largestBuffer))
        try decodeShard(source.unpacked(shard), sharding, part)
      }
    }
  }

  /// What is wanted of a chunk that is not there.
  func decodeMissing(_ part: ChunkPart) { region.fill(fill, part) }

  // MARK: Values

  private func decodeValues(_ source: ByteSource, _ packing: [BytesCodec], _ part: ChunkPart, isBigEndian: Bool) throws(ZarrError) {
    let bytes = part.shape.reduce(type.bytes, *)
    switch packing {
    case []:
      guard source.count == bytes else { throw source.damaged("it has \(source.count) bytes, a chunk has \(bytes)") }
      let step = Self.pieceBytes / type.bytes
      for first in stride(from: part.range.lowerBound, to: part.range.upperBound, by: step) {
        let end = min(first + step, part.range.upperBound)
        put(try source.read(first * type.bytes..<end * type.bytes), first: first, part, isBigEndian: isBigEndian)
      }
    case [.blosc]:
      try decodeBlosc(source, bytes: bytes, part, isBigEndian: isBigEndian)
    default:
      put(try unpack(source, packing, .exactly(bytes)), first: 0, part, isBigEndian: isBigEndian)
    }
  }

  /// Unpacks only the blocks that hold something wanted, a few at a time.
  private func decodeBlosc(_ source: ByteSource, bytes: Int, _ part: ChunkPart, isBigEndian: Bool) throws(ZarrError) {
    let start = try source.read(0..<min(source.count, BloscHeader.size))
    let header = try checked(source) { () throws(CodecFailure) in
      try BloscHeader(start, frameBytes: source.count, size: .exactly(bytes))
    }
    let table = header.isStored ? [] : try source.read(header.tableRange)
    let blocks = try checked(source) { () throws(CodecFailure) in try BloscBlocks(header, table: table) }

    // Blocks that cut values in two are unpacked all together; libblosc makes none.
    let isAligned = header.blocksize % type.bytes == 0
    let bytesWanted = part.range.lowerBound * type.bytes..<part.range.upperBound * type.bytes
    let wanted = isAligned ? blocks.blocks(holding: bytesWanted) : 0..<header.blocks
    let step = isAligned ? min(Self.pieceBlocks, max(1, Self.pieceBytes / header.blocksize)) : header.blocks
    for block in stride(from: wanted.lowerBound, to: wanted.upperBound, by: step) {
      let piece = block..<min(block + step, wanted.upperBound)
      let values = try blocks.decode(piece, read: source.read, failure: source.error)
      put(values, first: blocks.bytes(of: piece).lowerBound / type.bytes, part, isBigEndian: isBigEndian)
    }
  }

  /// Copies decoded values into the region.
  /// - first: index in the chunk of the first value that `bytes` holds.
  private func put(_ bytes: [UInt8], first: Int, _ part: ChunkPart, isBigEndian: Bool) {
    var bytes = bytes
    if type == .bool { for i in bytes.indices where bytes[i] > 1 { bytes[i] = 1 } }
    if isBigEndian && type.bytes > 1 {
      for start in stride(from: 0, to: bytes.count, by: type.bytes) {
        for i in 0..<type.bytes / 2 { bytes.swapAt(start + i, start + type.bytes - 1 - i) }
      }
    }
    region.copy(bytes, first: first, to: part)
  }

  // MARK: Bytes

  /// Undoes the codecs from last to first.
  private func unpack(_ source: ByteSource, _ packing: [BytesCodec], _ size: DecodedSize) throws(ZarrError) -> [UInt8] {
    var sizes = [size]
    for codec in packing { sizes.append(codec.encodedSize(sizes[sizes.count - 1])) }
    let fileSize = sizes.removeLast()
    try checked(source) { () throws(CodecFailure) in
      guard source.count <= fileSize.limit else { throw .damaged("it has \(source.count) bytes, more than its values can need") }
    }
    var bytes = try source.readAll()
    for (codec, size) in zip(packing, sizes).reversed() {
      let encoded = bytes
      bytes = try checked(source) { () throws(CodecFailure) in try codec.decode(encoded, size) }
    }
    return bytes
  }

  private func checked<Result>(_ source: ByteSource, _ body: () throws(CodecFailure) -> Result) throws(ZarrError) -> Result {
    do { return try body() } catch { throw source.error(error) }
  }

  // MARK: Shards

  private func decodeShard(_ source: ByteSource, _ sharding: Sharding, _ part: ChunkPart) throws(ZarrError) {
    let grid = zip(part.shape, sharding.chunkShape).map { $0 / $1 }
    let index = try ShardIndex(source, sharding, chunks: grid.reduce(1, *))
    let wanted = ChunkGrid(chunkShape: sharding.chunkShape, box: part.box)
    for number in 0..<wanted.count {
      let chunk = wanted.index(number)
      let inner = wanted.part(chunk, of: part)
      guard let range = try index.range(of: zip(chunk, grid).reduce(0) { $0 * $1.1 + $1.0 }, in: source) else {
        decodeMissing(inner)
        continue
      }
      let name = "inner chunk (\(chunk.map(String.init).joined(separator: ", "))): "
      try decode(try source.slice(range, named: name), sharding.encoding, inner)
    }
  }
}

extension BytesCodec {
  func decode(_ bytes: [UInt8], _ size: DecodedSize) throws(CodecFailure) -> [UInt8] {
    switch self {
    case .blosc: return try Blosc.decode(bytes, size: size)
    case .zlib: return try Deflate.decode(bytes, .zlib, size: size)
    case .gzip: return try Deflate.decode(bytes, .gzip, size: size)
    case .zstd: return try Zstandard.decode(bytes, size: size)
    case .crc32c:
      let body = try CRC32C.decode(bytes)
      try size.check(body.count)
      return body
    case .shuffle(let elementBytes):
      try size.check(bytes.count)
      return Shuffle.decode(bytes, elementBytes: elementBytes)
    }
  }

  /// What the codec makes of so many bytes. Packing that makes data much longer is not believed.
  func encodedSize(_ size: DecodedSize) -> DecodedSize {
    switch (self, size) {
    case (.shuffle, _): size
    case (.crc32c, .exactly(let count)): .exactly(count + 4)
    case (.crc32c, .atMost(let count)): .atMost(count + 4)
    default: .atMost(min(2 * size.limit, 2 * BloscHeader.largestBuffer) + 1 << 20)
    }
  }
}
