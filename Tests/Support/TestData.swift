public import Foundation

/// Files that tests read: `Tests/Data` of this repository.
public enum TestData {
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Data")

  public static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appending(path: path))) }
}
