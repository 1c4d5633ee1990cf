import Foundation
import Testing

/// The files of `Tests/Data/copick-fixtures`.
enum ZarrFixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Data/copick-fixtures")

  static func path(_ name: String) -> String { root.appending(path: name).path() }
  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appending(path: name))) }
}

extension Tag {
  @Tag static var format: Self
}
