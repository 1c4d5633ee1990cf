import Testing
import TestSupport

@testable import Octopi

@Suite("Objects to look for")
struct LocalizedObjectTests {
  let folder: TemporaryFolder
  let target: SegmentationTarget
  init() throws {
    folder = try TemporaryFolder()
    target = try SegmentationTarget("predict")
  }

  /// Particles a, b and c with labels 1, 2 and none, d that is none.
  func project(_ extra: String = "") throws -> Project {
    try folder.write("", to: "o/ExperimentRuns/r/x")
    try folder.write(
      """
      {"config_type": "filesystem", "overlay_root": "o", "pickable_objects": [
        {"name": "a", "is_particle": true, "label": 1, "radius": 50}, {"name": "b", "is_particle": true, "label": 2, "radius": "40"},
        {"name": "d", "is_particle": false, "label": 4, "radius": 10}\(extra)]}
      """, to: "config.json")
    return try Project(file: folder.path("config.json"), currentFolder: folder.path)
  }

  func log(_ labels: String) throws { try folder.write("labels:\n\(labels)", to: "o/logs/segment-octopi_1_predict.yaml") }

  func rows(_ listing: Listing<LocalizedObject>) -> [String] { listing.entries.map { "\($0.name) \($0.label) \($0.radius)" } }

  @Test func labelsOfTheLog() throws {
    try log("  b: 1\n  a: 7\n  d: 2\n")
    let listing = try project().localizedObjects(in: target, label: nil, named: nil)
    #expect(rows(listing) == ["a 7 50.0", "b 1 40.0"])
    #expect(listing.warnings == [])
  }

  @Test func objectsThatTheLogLacks() throws {
    try log("  b: 1\n")
    let listing = try project().localizedObjects(in: target, label: nil, named: nil)
    #expect(rows(listing) == ["b 1 40.0"])
    #expect(listing.warnings.map(\.message) == ["'\(folder.path("o"))/logs/segment-octopi_1_predict.yaml' has no label for 'a': not looked for"])
  }

  @Test func withoutALog() throws {
    let listing = try project().localizedObjects(in: target, label: nil, named: nil)
    #expect(rows(listing) == ["a 1 50.0", "b 2 40.0"])
    #expect(listing.warnings.map(\.message) == ["no log '\(folder.path("o"))/logs/segment-octopi_1_predict.yaml': the labels of the configuration are used"])
  }

  @Test func oneLabelForAll() throws {
    try log("  b: 1\n")
    let listing = try project(#", {"name": "c", "is_particle": true, "label": null, "radius": 3}"#).localizedObjects(in: target, label: 9, named: nil)
    #expect(rows(listing) == ["a 9 50.0", "b 9 40.0", "c 9 3.0"])
    #expect(listing.warnings == [])
  }

  @Test func names() throws {
    let listing = try project().localizedObjects(in: target, label: 1, named: ["b", "x"])
    #expect(rows(listing) == ["b 1 40.0"])
    #expect(listing.warnings.map(\.message) == ["no particle 'x'"])
    let error = #expect(throws: CopickError.self) { try project().localizedObjects(in: target, label: 1, named: ["d", "aa"]) }
    #expect(error?.kind == .missing)
    #expect(error?.message == "no particle 'd', 'aa'")
  }

  /// Only those that take part need a label and a radius.
  @Test(arguments: [(#"{"name": "c", "is_particle": true, "label": null, "radius": 3}"#, "label"), (#"{"name": "c", "is_particle": true}"#, "radius above 0"),
    (#"{"name": "c", "is_particle": true, "radius": -3}"#, "radius above 0")])
  func incomplete(object: String, what: String) throws {
    let project = try project(", " + object)
    let error = #expect(throws: CopickError.self) { try project.localizedObjects(in: target, label: nil, named: nil) }
    #expect(error?.kind == .damaged)
    #expect(error?.message == "'\(folder.path("config.json"))': object 'c' has no \(what)")
    #expect(try project.localizedObjects(in: target, label: nil, named: ["a"]).entries.count == 1)
  }
}
