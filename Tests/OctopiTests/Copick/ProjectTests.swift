import Foundation
import Testing
import TestSupport

@testable import Octopi

/// The listings of copick 1.31.0 are the oracle, but for what the specification marks as ours.
@Suite("Project")
struct ProjectTests {
  let project: Project
  let copick: PythonValue
  init() throws {
    project = try CopickFixtures.project()
    copick = try #require(CopickFixtures.expected["project"]?["copick_1_31_0"])
  }

  func run(_ name: String) throws -> Run { try project.runs(named: [name])[0] }

  @Test func runs() throws {
    #expect(try project.runs().map { Array($0.name.utf8) } == copick["runs"]?.elements.compactMap { $0.text.map { Array($0.utf8) } })
    #expect(project.warnings == [])
  }

  @Test(arguments: ["10", "TS_001.rec", "TS_1", "TS_2", "only-overlay", "run with space", "Ünï-日本"])
  func listings(name: String) throws {
    let run = try run(name)
    let expected = try #require(copick[name])
    #expect(try run.voxelSpacings().entries.map { PythonValue.float($0.angstrom) } == expected["voxel_spacings"]?.elements)
    // copick's own order is random; in the file it is sorted with "overlay" before "static".
    let rows = try run.tomogramRows.map { PythonJSON.text($0) }
    #expect(rows.sorted() == expected["tomograms"]?.elements.map { PythonJSON.text($0) }.sorted())
    let segmentations: [PythonValue] = try run.segmentations().map {
      [.string($0.name), .string($0.user), .string($0.session), .float($0.spacing.angstrom), .string($0.type.rawValue), .string($0.part.rawValue)]
    }
    #expect(segmentations == expected["segmentations"]?.elements)
    if name != "TS_2" {
      let picks: [PythonValue] = try run.picks().entries.map { [.string($0.object), .string($0.user), .string($0.session), .string($0.part.rawValue)] }
      #expect(picks == expected["picks"]?.elements)
    }
  }

  /// Where copick fails: brackets in a run's name, one file of picks without user and session.
  @Test func oursAlone() throws {
    #expect(try run("[x]").tomograms().entries.map(\.uri) == ["wbp@10"])
    let picks = try run("TS_2").picks()
    #expect(picks.entries.map(\.object) == ["apo-ferritin"])
    #expect(picks.warnings.map(\.message) == ["'\(project.staticFolder ?? "")/ExperimentRuns/TS_2/Picks/ribosome.json': expected user_session_object.json, skipped"])
    #expect(picks.warnings.first?.remedy == "rename it to 'curation_0_ribosome.json'")
  }

  @Test func centres() throws {
    let expected = CopickFixtures.expected["project"]?["pick_centres_of_TS_1"]?.members ?? []
    #expect(expected.count == 4)
    for file in try run("TS_1").picks().entries {
      let name = "\(file.object):\(file.user)/\(file.session) (\(file.part.rawValue))"
      let centres: [PythonValue] = try Picks(file: file.path).points.map { [.float($0.centre.x), .float($0.centre.y), .float($0.centre.z)] }
      #expect(expected.first { $0.name == name }?.value.elements == centres)
    }
  }

  static let uriRows: [PythonValue] = (CopickFixtures.expected["uris"]?.elements ?? []).filter { $0["kind"]?.text == "tomogram" }

  /// What octopi's command line can ask for: one `@` and a number. Everything else is refused.
  @Test(arguments: uriRows)
  func tomogramURIs(row: PythonValue) throws {
    let text = try #require(row["uri"]?.text)
    let number = text.split(separator: "@", omittingEmptySubsequences: false)
    let isOurs = number.count == 2 && pythonFloat(number[1].prefix { $0 != "?" }) != nil
    guard isOurs else {
      #expect(throws: CopickError.self) { try TomogramURI(text) }
      return
    }
    let matches = try TomogramURI(text).matches(try run("TS_1").tomograms().entries)
    var expected = row["matches"]?.elements ?? []
    // To three decimals this is the same spacing.
    if text == "wbp@13.4801" { expected = [["wbp", 13.48, "static"]] }
    #expect(matches.map { PythonJSON.text([.string($0.type), .float($0.spacing.angstrom), .string($0.part.rawValue)]) }.sorted() == expected.map { PythonJSON.text($0) }.sorted())
  }

  @Test func hasAllURIs() { #expect(Self.uriRows.count == 22) }

  @Test func staticTomogramIsRead() throws {
    let found = try #require(try run("TS_1").tomogram(TomogramURI("wbp@10.0")))
    #expect(found.entry.part == .staticRoot)
    #expect(found.warnings.count == 1)
    #expect(found.warnings[0].message.hasPrefix("'\(project.overlay)/ExperimentRuns/TS_1/VoxelSpacing10.000/wbp.zarr' is never read"))
    #expect(try run("TS_1").tomogram(TomogramURI("nope@10.0")) == nil)
  }

  @Test func severalTomograms() throws {
    let error = #expect(throws: CopickError.self) { try run("TS_1").tomogram(TomogramURI("[dw]*@10")) }
    #expect(error?.kind == .usage)
    #expect(error?.message == "run 'TS_1' has several tomograms '[dw]*' at 10 A")
    #expect(error?.remedy == "they are: denoised@10, dots@10, wbp@10. Name one with --tomo-uri")
    #expect(try run("TS_1").tomogram(TomogramURI("w*@10"))?.entry.type == "wbp")
  }

  /// By name, user and session, as typed: a multilabel segmentation goes before a binary one.
  @Test(arguments: [
    ("predict:octopi/1", 10, SegmentationType.multilabel), ("predict", 10, .multilabel), ("membrane:membrain/0", 10, .binary), ("predict:octopi/2", 10, nil),
    ("predict:octopi/1", 13.48, nil), ("predict,octopi,1", 10.0001, .multilabel),
  ] as [(String, Double, SegmentationType?)])
  func segmentations(text: String, spacing: Double, type: SegmentationType?) throws {
    let found = try run("TS_1").segmentation(SegmentationTarget(text), at: VoxelSpacing(spacing))
    #expect(found?.entry.type == type)
    #expect((found?.warnings.isEmpty ?? true) == (type != .binary))
  }

  @Test func picksOfAnObject() throws {
    let run = try run("TS_1")
    let both = try run.picks(of: "ribosome", user: "curation", session: nil)
    #expect(both.entries.map(\.part) == [.staticRoot, .overlay])
    #expect(both.warnings.count == 1)
    #expect(try run.picks(of: "ribosome", user: "octopi", session: "1").entries.count == 1)
    #expect(try run.picks(of: "ribosome", user: "octopi", session: "2").entries == [])
    #expect(try run.picks(of: "ribosome", user: "octopi_", session: "_1").entries.count == 1)
  }

  @Test func selection() throws {
    let uri = try TomogramURI("wbp@10")
    let all = try project.tomograms(uri, runs: nil)
    #expect(all.found.map(\.entry.run) == ["TS_1", "TS_2", "[x]", "run with space", "Ünï-日本"])
    #expect(all.skipped.map(\.run) == ["10", "TS_001.rec", "only-overlay"])
    #expect(all.skipped.map(\.reason.message).last == "run 'only-overlay' has no tomogram 'wbp' at 10 A")
    #expect(try project.tomograms(uri, runs: ["TS_2", "TS_1"]).found.map(\.entry.run) == ["TS_2", "TS_1"])
    let lacking = #expect(throws: CopickError.self) { try project.tomograms(uri, runs: ["TS_1", "only-overlay"]) }
    #expect(lacking?.kind == .missing)
    #expect(lacking?.message == "run 'only-overlay' has no tomogram 'wbp' at 10 A")
    #expect(lacking?.remedy == "it has: denoised@7.84. Try --tomo-uri denoised@7.84")
    let none = #expect(throws: CopickError.self) { try project.tomograms(TomogramURI("wpb@10"), runs: nil) }
    #expect(none?.message == "no run has a tomogram 'wpb' at 10 A")
    #expect(none?.remedy?.hasSuffix("Try --tomo-uri wbp@10") == true)
    let unknown = #expect(throws: CopickError.self) { try project.tomograms(uri, runs: ["TS_7"]) }
    #expect(unknown?.message == "project has no run 'TS_7'")
    #expect(unknown?.remedy == "did you mean 'TS_1', 'TS_2'? There are: 10, TS_001.rec, TS_1, TS_2, [x], only-overlay, run with space, Ünï-日本")
    #expect(try project.segmentations(SegmentationTarget("predict"), at: VoxelSpacing(10), runs: nil).found.map(\.entry.run) == ["TS_1"])
    let noLabels = #expect(throws: CopickError.self) { try project.segmentations(SegmentationTarget("x"), at: VoxelSpacing(10), runs: nil) }
    #expect(noLabels?.message == "no run has a segmentation x:octopi/1 at 10 A")
    #expect(noLabels?.remedy == "there are: membrane:membrain/0@10, predict:octopi/1@10. Make it with 'octopi segment'")
  }

  /// A project of copick 2 has the same names.
  @Test func copick2() throws {
    let project = try Project(file: CopickFixtures.path("project-copick2/config.json"), currentFolder: CopickFixtures.path("project-copick2"))
    #expect(project.staticFolder == nil)
    let run = try project.runs()[0]
    #expect(try run.tomograms().entries.map(\.uri) == ["touched@10", "wbp@10"])
    #expect(try run.segmentations().map(\.uri) == ["predict:octopi/1@10"])
    #expect(try Picks(file: run.picks().entries[0].path).object == "ribosome")
  }
}
