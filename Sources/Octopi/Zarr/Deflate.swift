import CZlib

/// zlib (RFC 1950) and gzip (RFC 1952) streams through zlib.
enum Deflate {
  /// Of the library that is loaded.
  static var libraryVersion: String { zlibVersion().map { String(cString: $0) } ?? "unknown" }

  /// How the deflated data is wrapped.
  enum Container: String {
    case zlib, gzip
    /// `windowBits` of `inflateInit2`: the largest window; 16 more asks for gzip.
    fileprivate var windowBits: Int32 { self == .zlib ? 15 : 31 }
  }

  /// Unpacks the stream. gzip may have several members, which are joined, and zeros behind the last.
  static func decode(_ bytes: [UInt8], _ container: Container, size: DecodedSize) throws(CodecFailure) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, container.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .unsupported("this zlib (\(String(cString: zlibVersion()))) is not the one that the program was built with")
    }
    defer { inflateEnd(&stream) }
    var outcome = Outcome.done
    // Two bits unpack to 258 bytes at most: no memory is asked for that the input cannot fill.
    let values = [UInt8](unsafeUninitializedCapacity: min(size.limit, 1032 * bytes.count) + 1) { output, count in
      outcome = bytes.withUnsafeBufferPointer { inflate(&stream, $0, into: output, container, &count) }
    }
    switch outcome {
    case .done, .tooLong: try size.check(values.count)
    case .tooShort: throw .damaged("the \(container) stream ends too early")
    case .trailing(let rest): throw .damaged("\(rest) bytes follow the \(container) stream")
    case .failed(let text): throw .damaged("it does not unpack (\(container): \(text))")
    }
    return values
  }

  private enum Outcome { case done, tooLong, tooShort, trailing(Int), failed(String) }

  /// Runs the stream from one buffer into the other; zlib counts both in 32 bits.
  private static func inflate(
    _ stream: inout z_stream, _ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>,
    _ container: Container, _ written: inout Int
  ) -> Outcome {
    var read = 0
    while true {
      let given = min(input.count - read, Int(UInt32.max)), room = min(output.count - written, Int(UInt32.max))
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + read })
      stream.avail_in = UInt32(given)
      stream.next_out = output.baseAddress.map { $0 + written }
      stream.avail_out = UInt32(room)
      let status = CZlib.inflate(&stream, Z_NO_FLUSH)
      read += given - Int(stream.avail_in)
      written += room - Int(stream.avail_out)
      switch status {
      case Z_OK where written == output.count: return .tooLong
      case Z_OK: continue
      case Z_STREAM_END:
        let rest = input[read...]
        if rest.isEmpty || container == .gzip && rest.allSatisfy({ $0 == 0 }) { return .done }
        guard container == .gzip else { return .trailing(rest.count) }
        inflateReset(&stream)
      case Z_BUF_ERROR: return written == output.count ? .tooLong : .tooShort
      default: return .failed(stream.msg.map { String(cString: $0) } ?? "error \(status)")
      }
    }
  }
}
