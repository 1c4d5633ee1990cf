import SystemPackage

/// A regular file, open for reading any part of it; closed when it is released.
///
/// Reading by position, not through a mapping: a file that shrinks meanwhile is an error here, and a signal there.
final class PositionedFile: Sendable {
  /// Size when it was opened, in bytes.
  let count: Int
  private let descriptor: FileDescriptor

  /// - Throws: the system's error; `Errno.isDirectory` for a folder, `Errno.notSupported` for what is neither.
  init(_ path: String) throws(Errno) {
    // Not blocking, so that a pipe in place of a file is refused below instead of waited for.
    descriptor = try FileSystem.open(path, .readOnly, options: .nonBlocking)
    let status: Stat
    do { status = try Stat(descriptor) } catch {
      FileSystem.close(descriptor)
      throw error
    }
    count = Int(status.size)
    guard status.type == .regular else {
      FileSystem.close(descriptor)
      throw status.type == .directory ? Errno.isDirectory : Errno.notSupported
    }
  }

  deinit { FileSystem.close(descriptor) }

  /// Reads `count` values from byte `offset` on, as they lie there; fewer if the file has become shorter.
  func read<Value: BitwiseCopyable>(_ type: Value.Type = Value.self, at offset: Int, count: Int) throws(Errno) -> [Value] {
    do {
      return try [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        var read = 0
        while read < bytes.count {
          let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[read...])
          let count = try descriptor.read(fromAbsoluteOffset: Int64(offset + read), into: rest)
          if count == 0 { break }
          read += count
        }
        initialized = read / MemoryLayout<Value>.stride
      }
    } catch {
      throw error as? Errno ?? .ioError
    }
  }
}
