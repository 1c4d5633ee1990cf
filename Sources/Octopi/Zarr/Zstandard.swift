import CZstd

/// Zstandard streams (RFC 8878) through libzstd.
enum Zstandard {
  /// Of the library that is loaded.
  static var libraryVersion: String { ZSTD_versionString().map { String(cString: $0) } ?? "unknown" }

  /// Unpacks all frames of `bytes`.
  static func decode(_ bytes: [UInt8], size: DecodedSize) throws(CodecFailure) -> [UInt8] {
    // A block of 3 bytes or more unpacks to 128 KiB at most: no memory is asked for that the input cannot fill.
    let limit = min(size.limit, (bytes.count / 3 + 1) << 17)
    var result = 0
    // One byte more than allowed tells too much from just enough. The memory is not touched before it is written.
    let values = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
      result = ZSTD_decompress(buffer.baseAddress, limit + 1, bytes, bytes.count)
      count = ZSTD_isError(result) == 0 ? min(result, limit + 1) : 0
    }
    guard ZSTD_isError(result) == 0 else {
      throw .damaged("it does not unpack to \(size.limit) bytes (zstd: \(String(cString: ZSTD_getErrorName(result))))")
    }
    try size.check(values.count)
    return values
  }

  /// Packs into one frame with its content size and without a checksum, as numcodecs does.
  static func encode(_ values: [UInt8], level: Int32) throws(CodecFailure) -> [UInt8] {
    let capacity = ZSTD_compressBound(values.count)
    var result = 0
    let frame = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      result = ZSTD_compress(buffer.baseAddress, capacity, values, values.count, level)
      count = ZSTD_isError(result) == 0 ? min(result, capacity) : 0
    }
    guard ZSTD_isError(result) == 0 else {
      throw .unsupported("zstd cannot compress \(values.count) bytes: \(String(cString: ZSTD_getErrorName(result)))")
    }
    return frame
  }
}
