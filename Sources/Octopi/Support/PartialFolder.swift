import Synchronization
import SystemPackage

/// A folder that is being built and has no name yet; without `commit` it goes away with this object.
public final class PartialFolder: Sendable {
  struct Place: Sendable, Hashable {
    let output: OutputPath
    let partial: String
    let isLockedBefore: Bool
    let existing: Outputs.Existing

    init(_ output: OutputPath, isLockedBefore: Bool, existing: Outputs.Existing) {
      self.output = output
      self.partial = output.partial
      self.isLockedBefore = isLockedBefore
      self.existing = existing
    }
  }

  private let place: Place
  private let outputs: Outputs
  /// Folders made so far, the outermost first.
  private let folders: Mutex<[String]>

  init(_ place: Place, of outputs: Outputs) {
    self.place = place
    self.outputs = outputs
    self.folders = Mutex([place.partial])
  }

  deinit { outputs.discard(place) }

  /// Writes a new file and the folders above it. `path` is relative, `0/0/1/2`, and has no `..`.
  public func write(_ bytes: [UInt8], to path: String) throws(OutputError) {
    let parts = path.split(separator: "/")
    assert(!parts.isEmpty && !parts.contains(".."), "a path inside the folder")
    try outputs.build(place) { () throws(OutputError) in
      do throws(Errno) {
        try makeFolders(parts.dropLast())
        try Outputs.create(place.partial + "/" + parts.joined(separator: "/"), bytes)
      } catch {
        throw OutputError(error, path: place.output.text + "/" + path, neededBytes: bytes.count)
      }
    }
  }

  /// Brings all to the disk and gives the folder its name.
  public func commit() throws(OutputError) {
    try outputs.commit(place, folders: folders.withLock { $0.reversed() })
  }

  private func makeFolders(_ parts: ArraySlice<Substring>) throws(Errno) {
    try folders.withLock { (made) throws(Errno) in
      var folder = place.partial
      for part in parts {
        folder += "/" + part
        if made.contains(folder) { continue }
        try FileSystem.makeFolder(folder)
        made.append(folder)
      }
    }
  }
}
