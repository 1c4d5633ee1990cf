import SystemPackage

/// A file of a store, open for reading any part of it; closed when it is released.
///
/// Reading by position, not through a mapping: a file that shrinks meanwhile is an error here, and a signal there.
final class StoreFile: Sendable {
  /// As the user gave it, for messages.
  let path: String
  /// Size when it was opened, in bytes.
  let count: Int
  private let descriptor: FileDescriptor

  /// - Returns: nil when there is nothing of that name. A link that leads nowhere is an error: whoever copies a store of links without what
  ///   they point to does not mean an empty one.
  static func open(_ path: String) throws(ZarrError) -> StoreFile? {
    let descriptor: FileDescriptor
    do {
      // Not blocking, so that a pipe in place of a file is refused below instead of waited for.
      descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
    } catch let error as Errno {
      if error == .notDirectory { throw .damaged(file: path, detail: "a file stands where a folder should be") }
      guard error == .noSuchFileOrDirectory else { throw .unreadable(file: path, reason: error.description) }
      if (try? Stat(FilePath(path), followTargetSymlink: false)) != nil { // Any error here means that there is no link either.
        throw .unreadable(file: path, reason: "it is a link to a file that is not there")
      }
      return nil
    } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
    do {
      let status = try Stat(descriptor)
      guard status.type == .regular else {
        throw ZarrError.damaged(file: path, detail: status.type == .directory ? "it is a folder, not a file" : "it is not a file")
      }
      return StoreFile(path: path, count: Int(status.size), descriptor: descriptor)
    } catch {
      try? descriptor.close() // Nothing was written; the error below is the one that matters.
      throw error as? ZarrError ?? .unreadable(file: path, reason: "\(error)")
    }
  }

  /// The whole file at once.
  /// - limit: bytes that it may have.
  static func contents(of path: String, limit: Int) throws(ZarrError) -> [UInt8]? {
    guard let file = try open(path) else { return nil }
    guard file.count <= limit else { throw .damaged(file: path, detail: "it has \(file.count) bytes, more than \(limit)") }
    return try file.read(0..<file.count)
  }

  private init(path: String, count: Int, descriptor: FileDescriptor) {
    self.path = path
    self.count = count
    self.descriptor = descriptor
  }

  deinit {
    try? descriptor.close() // Opened for reading only: there is nothing that closing could lose.
  }

  /// - range: within `0..<count`.
  func read(_ range: Range<Int>) throws(ZarrError) -> [UInt8] {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    do {
      let bytes = try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, read in
        while read < range.count {
          let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[read..<range.count])
          let count = try descriptor.read(fromAbsoluteOffset: Int64(range.lowerBound + read), into: rest)
          if count == 0 { break }
          read += count
        }
      }
      guard bytes.count == range.count else { throw ZarrError.unreadable(file: path, reason: "it became shorter while it was read") }
      return bytes
    } catch {
      throw error as? ZarrError ?? .unreadable(file: path, reason: (error as? Errno)?.description ?? "\(error)")
    }
  }
}
