import Foundation
import TestSupport

/// Copies of the projects that tests work on.
enum Projects {
  static let repository = TestData.root.deletingLastPathComponent().deletingLastPathComponent()
  static let demo = repository.appending(path: "Examples/demo")
  /// What octopi 1.7.0 made of the demo.
  static let demoExpected = TestData.root.appending(path: "demo")
  static let pipeline = TestData.root.appending(path: "vectors/pipeline")
  static let evaluate = TestData.root.appending(path: "vectors/evaluate")

  /// A folder with copies of `names` of `source`.
  static func copy(_ source: URL, _ names: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try add(source, names, to: folder)
    return folder
  }

  static func add(_ source: URL, _ names: [String], to folder: TemporaryFolder) throws {
    for name in names { try FileManager.default.copyItem(atPath: source.appending(path: name).path, toPath: folder.path(name)) }
  }

  /// The demo with octopi's labels and logs, without any picks of ours.
  static func demoWithLabels() throws -> TemporaryFolder {
    let folder = try copy(demo, ["config.json", "static"])
    try add(demoExpected, ["overlay"], to: folder)
    for path in folder.tree() where path.contains("/Picks/octopi_") || path.contains("logs/localize") {
      try FileManager.default.removeItem(atPath: folder.path(path))
    }
    return folder
  }

  /// Files below `path`, hidden ones too, as relative paths.
  static func files(_ folder: TemporaryFolder, under path: String) -> [String] {
    folder.tree().filter { $0.hasPrefix(path) && !$0.hasSuffix("/") }
  }
}
