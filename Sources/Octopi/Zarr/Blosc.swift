import CBlosc

/// Blosc frames through libblosc; always on the calling thread, without libblosc's global state.
enum Blosc {
  /// Of the library that is loaded.
  static var libraryVersion: String { blosc_get_version_string().map { String(cString: $0) } ?? "unknown" }

  /// Unpacks a whole frame.
  static func decode(_ frame: [UInt8], size: DecodedSize) throws(CodecFailure) -> [UInt8] {
    let header = try BloscHeader(frame, frameBytes: frame.count, size: size)
    let expected = header.nbytes
    _ = try BloscBlocks(header, table: header.isStored ? [] : Array(frame[header.tableRange]))
    try requireCodec(header.codec)
    var nbytes = 0
    guard blosc_cbuffer_validate(frame, frame.count, &nbytes) == 0, nbytes == expected else {
      throw .damaged("libblosc does not take it for a frame of \(expected) bytes")
    }
    var result: Int32 = 0
    let values = [UInt8](unsafeUninitializedCapacity: expected) { buffer, count in
      result = blosc_decompress_ctx(frame, buffer.baseAddress, expected, 1)
      count = max(0, min(Int(result), expected))
    }
    guard Int(result) == expected else { throw .damaged("it does not unpack: its blocks are not what libblosc writes") }
    return values
  }

  /// Packs as numcodecs and copick do: lz4, level 5, byte shuffle, block size of libblosc's choice. Byte for byte the same with one
  /// version of libblosc and lz4.
  /// - values: at most 2^31 - 17 bytes.
  /// - typesize: bytes of one value.
  static func encode(_ values: [UInt8], typesize: Int) throws(CodecFailure) -> [UInt8] {
    assert(values.count <= BloscHeader.largestBuffer)
    let capacity = values.count + BloscHeader.size
    var result: Int32 = 0
    let frame = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      result = blosc_compress_ctx(5, BLOSC_SHUFFLE, typesize, values.count, values, buffer.baseAddress, capacity, "lz4", 0, 1)
      count = max(0, min(Int(result), capacity))
    }
    guard result > 0 else { throw .unsupported("libblosc cannot compress with lz4 (\(result))") }
    return frame
  }

  /// Which codecs libblosc has is decided when it is built; snappy, for one, is often left out.
  private static func requireCodec(_ codec: Int) throws(CodecFailure) {
    var name: UnsafePointer<CChar>?
    guard blosc_compcode_to_compname(compressor(of: codec), &name) < 0 else { return }
    throw .unsupported("this libblosc was built without \(name.map { String(cString: $0) } ?? "codec \(codec)")")
  }

  /// The number of a codec in a frame is that of its library, in which lz4 and lz4hc are one (`BLOSC_LZ4_LIB` and so on).
  private static func compressor(of codec: Int) -> Int32 {
    switch codec {
    case 0: BLOSC_BLOSCLZ
    case 1: BLOSC_LZ4
    case 2: BLOSC_SNAPPY
    case 3: BLOSC_ZLIB
    default: BLOSC_ZSTD
    }
  }
}
