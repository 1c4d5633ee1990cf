import Foundation
import Testing

@testable import Octopi

/// The files of `Tests/Data/copick-fixtures`.
enum ZarrFixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Data/copick-fixtures")

  static func path(_ name: String) -> String { root.appending(path: name).path(percentEncoded: false) }
  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appending(path: name))) }

  /// A member of `expected.json`, in its order.
  static func expected(_ name: String) -> [(String, PythonValue)] {
    guard let bytes = try? bytes("expected.json"), case .object(let members)? = (try? PythonJSON.value(bytes))?[name] else { return [] }
    return members.map { ($0.name, $0.value) }
  }
}

extension Tag {
  @Tag static var format: Self
}
