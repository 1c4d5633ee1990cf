#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import SystemPackage

/// Questions about the folders of a store.
enum StoreFolder {
  /// True when a folder whose name is a number lies in `folder`.
  static func holdsNumberedFolder(_ folder: String) throws(ZarrError) -> Bool {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw .unreadable(file: folder, reason: "\(error)")
    }
    return names.contains { name in name.utf8.allSatisfy { (0x30...0x39).contains($0) } && isFolder(folder + "/" + name) }
  }

  /// Follows links; false for what is not there or cannot be asked.
  static func isFolder(_ path: String) -> Bool {
    (try? Stat(FilePath(path)))?.type == .directory // Whoever needs the reason opens a file in it next.
  }
}
