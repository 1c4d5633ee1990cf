import Foundation
import Octopi
import TestSupport

/// `copick-fixtures`: files of other programs, and what those programs make of them.
enum CopickFixtures {
  static let root = TestData.root.appending(path: "copick-fixtures").path
  static let expected = PythonYAMLTests.json("copick-fixtures/expected.json")

  static func path(_ name: String) -> String { root + "/" + name }

  static func project() throws -> Project { try Project(file: path("project/config.json"), currentFolder: path("project")) }

  /// A copy that tests may write to.
  static func copy(_ name: String) throws -> (folder: TemporaryFolder, project: Project) {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: path(name), toPath: folder.path("p"))
    return (folder, try Project(file: folder.path("p/config.json"), currentFolder: folder.path("p")))
  }
}

extension PythonValue {
  var members: [PythonValue.Member] { if case .object(let members) = self { members } else { [] } }
  var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}

extension Run {
  /// What copick's listing has: type, spacing, part.
  var tomogramRows: [PythonValue] {
    get throws { try tomograms().entries.map { [.string($0.type), .float($0.spacing.angstrom), .string($0.part.rawValue)] } }
  }
}
