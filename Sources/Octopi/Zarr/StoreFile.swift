import SystemPackage

/// A file of a store, open for reading any part of it.
struct StoreFile: Sendable {
  /// As the user gave it, for messages.
  let path: String
  private let file: PositionedFile

  /// Size when it was opened, in bytes.
  var count: Int { file.count }

  /// - Returns: nil when there is nothing of that name. A link that leads nowhere is an error: whoever copies a store of links without what
  ///   they point to does not mean an empty one.
  static func open(_ path: String) throws(ZarrError) -> StoreFile? {
    do throws(Errno) {
      return StoreFile(path: path, file: try PositionedFile(path))
    } catch {
      switch error {
      case .noSuchFileOrDirectory where (try? FileSystem.hasEntry(path)) == true:
        throw .unreadable(file: path, reason: "it is a link to a file that is not there")
      case .noSuchFileOrDirectory: return nil
      case .notDirectory: throw .damaged(file: path, detail: "a file stands where a folder should be")
      case .isDirectory: throw .damaged(file: path, detail: "it is a folder, not a file")
      case .notSupported: throw .damaged(file: path, detail: "it is not a file")
      default: throw .unreadable(file: path, reason: error.description)
      }
    }
  }

  /// A file that may be missing, with folders of its own: `0/0/1`. They must not be links that lead nowhere, either.
  static func open(_ key: String, in root: String) throws(ZarrError) -> StoreFile? {
    if let file = try open(root + "/" + key) { return file }
    var folder = root
    for name in key.split(separator: "/").dropLast() {
      folder += "/" + name
      do throws(Errno) {
        if try FileSystem.kind(of: folder) != nil { continue }
        if try !FileSystem.hasEntry(folder) { return nil }
      } catch {
        throw .unreadable(file: folder, reason: error.description)
      }
      throw .unreadable(file: folder, reason: "it is a link to a folder that is not there")
    }
    return nil
  }

  /// The whole file at once.
  /// - limit: bytes that it may have.
  static func contents(of path: String, limit: Int) throws(ZarrError) -> [UInt8]? {
    guard let file = try open(path) else { return nil }
    guard file.count <= limit else { throw .damaged(file: path, detail: "it has \(file.count) bytes, more than \(limit)") }
    return try file.read(0..<file.count)
  }

  /// - range: within `0..<count`.
  func read(_ range: Range<Int>) throws(ZarrError) -> [UInt8] {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try file.read(at: range.lowerBound, count: range.count)
    } catch {
      throw .unreadable(file: path, reason: error.description)
    }
    guard bytes.count == range.count else { throw .unreadable(file: path, reason: "it became shorter while it was read") }
    return bytes
  }
}
