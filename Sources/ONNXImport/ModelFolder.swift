import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// The only file of this module that touches files.

/// The folder of a model: where its external data must lie.
struct ModelFolder {
  /// As the user gave it; nil for a model that came as bytes alone.
  let path: FilePath?

  /// Reads a whole regular file.
  static func read(_ path: String) throws(ImportError) -> [UInt8] {
    let (descriptor, size) = try open(FilePath(path))
    defer { try? descriptor.close() }  // read only: nothing is lost when closing fails
    return try read(descriptor, path: path, count: size, offset: 0)
  }

  /// `count` numbers from byte `offset` on of the file that a tensor names. Only files inside the folder count as the model's own:
  /// no absolute path, no `..`, no symbolic link that leads out.
  func read<T: BitwiseCopyable>(_ location: String, offset: Int, count: Int, as type: T.Type, place: String) throws(ImportError) -> [T] {
    guard let folder = path else {
      throw .unsupported(file: location, needs: ["\(place): external data of a model that did not come from a file"])
    }
    let relative = FilePath(location)
    guard !location.isEmpty, relative.isRelative, !relative.components.contains(where: { $0.kind == .parentDirectory }) else {
      throw .damaged(file: location, place: place, reason: "external data must lie in the model's folder")
    }
    let file = folder.appending(relative.components)
    let (descriptor, size) = try Self.open(file)
    defer { try? descriptor.close() }  // read only
    guard let inside = Self.resolve(file), let root = Self.resolve(folder), inside.starts(with: root) else {
      throw .damaged(file: file.string, place: place, reason: "external data must lie in the model's folder, but a symbolic link leads out of it")
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.size)
    guard !overflow, offset >= 0, offset <= size, bytes <= size - offset else {
      throw .damaged(file: file.string, place: place, reason: "\(bytes) bytes from byte \(offset) on are needed, the file has \(size)")
    }
    return try Self.read(descriptor, path: file.string, count: count, offset: offset)
  }

  private static func open(_ path: FilePath) throws(ImportError) -> (FileDescriptor, size: Int) {
    do {
      let status = try path.stat()
      guard status.type == .regular else { throw ImportError.unreadable(file: path.string, reason: "not a regular file") }
      return (try FileDescriptor.open(path, .readOnly, options: .closeOnExec), Int(status.size))
    } catch let error as ImportError {
      throw error
    } catch let error as Errno {
      throw error == .noSuchFileOrDirectory || error == .notDirectory
        ? .missing(file: path.string) : .unreadable(file: path.string, reason: "\(error)")
    } catch {
      throw .unreadable(file: path.string, reason: "\(error)")
    }
  }

  private static func read<T: BitwiseCopyable>(_ file: FileDescriptor, path: String, count: Int, offset: Int) throws(ImportError) -> [T] {
    do {
      return try [T](unsafeUninitializedCapacity: count) { buffer, initialised in
        let bytes = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count * MemoryLayout<T>.size)
        var done = 0
        while done < bytes.count {
          let got = try file.read(fromAbsoluteOffset: Int64(offset + done), into: UnsafeMutableRawBufferPointer(rebasing: bytes[done...]))
          guard got > 0 else { throw ImportError.damaged(file: path, place: "byte \(offset + done)", reason: "the file ends here") }
          done += got
        }
        initialised = count
      }
    } catch let error as ImportError {
      throw error
    } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
  }

  /// The path without symbolic links.
  private static func resolve(_ path: FilePath) -> FilePath? {
    guard let resolved = path.string.withCString({ realpath($0, nil) }) else { return nil }
    defer { free(resolved) }
    return FilePath(String(cString: resolved))
  }
}
