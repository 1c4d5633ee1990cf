import Foundation
import TestSupport
import Testing

@testable import Octopi

/// The files of `Tests/Data/copick-fixtures`.
enum ZarrFixtures {
  static func path(_ name: String) -> String { TestData.root.path(percentEncoded: false) + "/copick-fixtures/" + name }
  static func bytes(_ name: String) throws -> [UInt8] { try TestData.bytes("copick-fixtures/" + name) }

  /// A member of `expected.json`, in its order.
  static func expected(_ name: String) -> [(String, PythonValue)] {
    guard let bytes = try? bytes("expected.json"), case .object(let members)? = (try? PythonJSON.value(bytes))?[name] else { return [] }
    return members.map { ($0.name, $0.value) }
  }
}

extension Tag {
  @Tag static var format: Self
}
