/// Where the inner chunks of a shard lie in its file (Zarr v3, codec `sharding_indexed`).
struct ShardIndex {
  private let bytes: [UInt8]
  private let isBigEndian: Bool

  init(_ source: ByteSource, _ sharding: Sharding, chunks: Int) throws(ZarrError) {
    isBigEndian = sharding.isIndexBigEndian
    // More chunks than bytes: the index cannot be there, and its size need not be a number.
    guard chunks <= source.count, sharding.indexBytes(chunks) <= source.count else {
      throw source.damaged("its \(source.count) bytes are fewer than the index of \(chunks) chunks has")
    }
    let start = sharding.isIndexFirst ? 0 : source.count - sharding.indexBytes(chunks)
    var index = try source.read(start..<start + sharding.indexBytes(chunks))
    do throws(CodecFailure) {
      for _ in 0..<sharding.indexChecksums { index = try CRC32C.decode(index) }
    } catch {
      throw source.damaged("index: " + error.detail)
    }
    bytes = index
  }

  /// Place of an inner chunk, numbered in C order; nil for one that is not there.
  func range(of chunk: Int, in source: ByteSource) throws(ZarrError) -> Range<Int>? {
    let offset = number(at: 16 * chunk), length = number(at: 16 * chunk + 8)
    if offset == .max && length == .max { return nil }
    let (end, overflow) = offset.addingReportingOverflow(length)
    guard !overflow, end <= UInt64(source.count) else {
      throw source.damaged("inner chunk \(chunk) lies at byte \(offset) and has \(length), the file has \(source.count)")
    }
    return Int(offset)..<Int(end)
  }

  private func number(at place: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[place + (isBigEndian ? $1 : 7 - $1)]) }
  }
}
