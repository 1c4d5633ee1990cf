import SystemPackage

/// Keeps other processes from an output: a hidden file beside it, `.NAME.lock`, that says who writes.
///
/// An output is held while its lock file is locked in the kernel (`flock`), which ends with the process however it ends, or while the
/// process runs that the file names (`LockOwner.isRunning`). The second rule serves file systems without locks and processes with more
/// outputs than open files. What a dead process left, or a process number that now belongs to another program, does not hold. A process
/// on another host cannot be asked: its lock is respected until it ends or somebody deletes the file.
final class LockFile: Sendable {
  private let path: String
  private let file: FileDescriptor?

  static func path(for output: String) -> String {
    let output = OutputPath(output)
    return output.sibling("." + output.name + ".lock")
  }

  /// Locks the output at a path whose folder exists.
  /// - keepsOpen: false where the process should not have so many files open.
  init(for output: String, keepsOpen: Bool) throws(OutputError) {
    path = LockFile.path(for: output)
    let taken: FileDescriptor
    do throws(Errno) {
      taken = try LockFile.take(path)
    } catch {
      if error == .wouldBlock { throw .held(path: output, by: LockFile.owner(path), lock: path) }
      throw OutputError(error, path: output)
    }
    do throws(Errno) {
      try FileSystem.truncate(taken)
      try FileSystem.write(LockOwner.current.bytes, to: taken)
      try FileSystem.synchronise(taken)
    } catch {
      LockFile.remove(path)
      FileSystem.close(taken)
      throw OutputError(error, path: output)
    }
    if !keepsOpen { FileSystem.close(taken) }
    file = keepsOpen ? taken : nil
  }

  deinit {
    guard let file else { return LockFile.remove(path) }
    if FileSystem.isSame(file, path) { LockFile.remove(path) }
    FileSystem.close(file)
  }

  /// A file that stays behind holds nothing once its process has ended.
  private static func remove(_ path: String) { try? FileSystem.removeFile(path) }

  /// The open lock file, locked where the file system can; `Errno.wouldBlock` if another process holds it.
  private static func take(_ path: String) throws(Errno) -> FileDescriptor {
    while true {
      let (file, isOurs) = try open(path)
      do throws(Errno) {
        if try FileSystem.lock(file) == .busy { throw Errno.wouldBlock }
        if let owner = LockOwner(try FileSystem.bytes(of: file, limit: 1 << 16)), owner.isElsewhere || owner.isRunning {
          throw Errno.wouldBlock
        }
        if FileSystem.isSame(file, path) {
          if isOurs { return file }
          try FileSystem.removeFile(path)
        }
      } catch {
        FileSystem.close(file)
        throw error
      }
      // It was another user's, or its holder has just ended and taken its name away.
      FileSystem.close(file)
    }
  }

  /// Opens a lock file, or makes it. One that another user has left can only be read.
  private static func open(_ path: String) throws(Errno) -> (file: FileDescriptor, isOurs: Bool) {
    do throws(Errno) {
      return (try FileSystem.open(path, .readWrite, options: .create), true)
    } catch {
      guard error == .permissionDenied, try FileSystem.hasEntry(path) else { throw error }
      return (try FileSystem.open(path, .readOnly), false)
    }
  }

  /// Who holds a lock. A holder needs a moment between locking the file and writing its name.
  private static func owner(_ path: String) -> LockOwner? {
    for _ in 0..<20 {
      // A lock that has been given up in this moment has no owner any more.
      if let bytes = try? FileSystem.bytes(of: path, limit: 1 << 16), let owner = LockOwner(bytes) { return owner }
      FileSystem.pause(milliseconds: 10)
    }
    return nil
  }
}
