import SystemPackage

/// The place of an output and the names beside it. Paths keep the form in which the user gave them.
struct OutputPath: Sendable, Hashable {
  /// The path without slashes at its end.
  let text: String
  /// The last part of the path.
  let name: String
  /// What comes before the name, with the slash; empty in the current folder.
  private let prefix: String

  init(_ path: String) {
    var end = path.endIndex
    while end > path.startIndex, path[path.index(before: end)] == "/" { end = path.index(before: end) }
    let trimmed = path[..<end]
    let start = trimmed.lastIndex(of: "/").map { trimmed.index(after: $0) } ?? trimmed.startIndex
    text = String(trimmed)
    name = String(trimmed[start...])
    prefix = String(trimmed[..<start])
  }

  /// The folder that holds the output.
  var folder: String {
    if prefix.isEmpty { return "." }
    return prefix.count > 1 ? String(prefix.dropLast()) : prefix
  }

  func sibling(_ name: String) -> String { prefix + name }

  /// A name inside of the output, where that is a folder.
  func child(_ name: String) -> String { text.isEmpty ? "/" + name : text + "/" + name }

  /// Where this process builds the output before it gets its name.
  var partial: String { sibling(".\(name).\(FileSystem.processID).partial") }

  /// Whether a name beside the output is what was built for it, or for a part of the set that it names, `NAME_...`.
  func isPartial(_ other: String) -> Bool {
    guard other.hasSuffix(".partial") || other.hasSuffix(".partial.old") else { return false }
    return other.hasPrefix(".\(name).") || other.hasPrefix(".\(name)_")
  }

  /// The process that built what has this name: `.NAME.123.partial`; nil for another name.
  func builder(of other: String) -> Int? {
    guard isPartial(other), other.hasPrefix(".\(name)."), other.hasSuffix(".partial") else { return nil }
    return Int(other.dropFirst(name.count + 2).dropLast(".partial".count))
  }

  /// Makes the folders above the output, and adds those that were not there to `made`.
  func makeFolders(_ made: inout Set<String>) throws(Errno) {
    switch try FileSystem.kind(of: folder) {
    case .folder: return
    case .file, .other: throw Errno.notDirectory
    case nil: break
    }
    let parent = OutputPath(folder)
    try parent.makeFolders(&made)
    do throws(Errno) {
      try FileSystem.makeFolder(folder)
      made.insert(folder)
    } catch {
      // Another process has made it in this moment.
      if error != .fileExists { throw error }
    }
  }

  /// Removes those of the `made` folders above the output that hold nothing.
  func removeEmptyFolders(_ made: inout Set<String>) {
    var folder = folder
    while folder != "." && folder != "/" {
      if made.contains(folder) {
        guard (try? FileSystem.removeFolder(folder)) != nil else { return }
        made.remove(folder)
      }
      folder = OutputPath(folder).folder
    }
  }
}
