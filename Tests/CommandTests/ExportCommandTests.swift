import Foundation
import TestSupport
import Testing

/// `octopi export` against what `copick export picks` writes of the same picks.
@Suite("octopi export", .tags(.command))
struct ExportCommandTests {
  private static let star = TestData.root.appending(path: "star")
  private static let centred = ["rlnCenteredCoordinateXAngst", "rlnCenteredCoordinateYAngst", "rlnCenteredCoordinateZAngst"]
  private static let pixels = ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"]
  private static let angles = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"]
  private static let score = "rlnAutopickFigureOfMerit"

  private func project() throws -> TemporaryFolder {
    try Projects.copy(Self.star.appending(path: "project"), ["config.json", "static", "overlay", "tomograms.star"])
  }

  private func golden(_ name: String) throws -> StarTables {
    StarTables(try String(contentsOf: Self.star.appending(path: name), encoding: .utf8))
  }

  /// All columns of copick's have the same text; angles are the same turns, to a rounding in the last decimal.
  private func expectSame(_ ours: StarTables.Block, _ theirs: StarTables.Block) throws {
    #expect(!theirs.rows.isEmpty)
    for column in theirs.columns {
      guard Self.angles.contains(column) else {
        #expect(ours[column] == theirs[column], "\(column)")
        continue
      }
      #expect(ours[column].count == theirs[column].count)
      for (a, b) in zip(ours[column], theirs[column]) {
        let difference = (try #require(Double(a)) - #require(Double(b))).remainder(dividingBy: 360)
        #expect(abs(difference) < 1.5e-6, "\(column): \(a) \(b)")
      }
    }
  }

  @Test(arguments: [
    ("relion5.star", [], ["rlnTomoName"] + angles + centred + [score]),
    ("relion5-pixels.star", ["--tilt-series-pixel-size", "1.54"], ["rlnTomoName"] + pixels + angles + centred + [score, "rlnOpticsGroup"]),
    ("relion5-tomograms.star", ["--tomograms-star", "tomograms.star"], ["rlnTomoName"] + pixels + angles + centred + [score, "rlnOpticsGroup"]),
  ])
  func numbersAreCopicks(file: String, options: [String], columns: [String]) async throws {
    let folder = try project()
    let outcome = try await Program.run(["export", "-c", "config.json", "-obj", "ribosome", "-o", "out.star"] + options, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let ours = StarTables(try folder.text("out.star")), theirs = try golden(file)
    #expect(ours.names == theirs.names)
    for block in theirs.names { try expectSame(ours[block], theirs[block]) }
    #expect(ours["particles"].columns == columns)
    #expect(ours["particles"][Self.score].first == "1.000000")
    #expect(Set(ours["particles"][Self.score]).count > 5)
  }

  @Test func demoIsCopicks() async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    try Projects.add(Projects.demoExpected, ["overlay"], to: folder)
    let outcome = try await Program.run(["export", "-c", "config.json", "--picks", "octopi/1", "-o", "all.star"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.output == "picks  format  file\n  165  star    all.star\n")
    let ours = StarTables(try folder.text("all.star"))
    try expectSame(ours["particles"], golden("demo.star")["particles"])
    // The objects of a mixed file stay apart.
    #expect(try folder.text("all.star").contains("# rlnClassNumber: 1 apo-ferritin, 2 beta-galactosidase, 3 ribosome, 4 virus-like-particle\n"))
    #expect(ours["particles"]["rlnClassNumber"].count { $0 == "3" } == 28)
  }

  @Test func importHasAnIndexAndAFileForEachRun() async throws {
    let folder = try project()
    let words = ["export", "-c", "config.json", "-obj", "ribosome", "--star-flavour", "import", "-o", "job/particles.star"]
    #expect(try await Program.run(words, in: folder).code == 0)
    let index = StarTables(try folder.text("job/particles.star"))["coordinate_files"]
    #expect(index.columns == ["rlnTomoName", "rlnTomoImportParticleFile"])
    #expect(index["rlnTomoImportParticleFile"] == ["particles/TS_1.star", "particles/TS_2.star"])
    for (run, file) in zip(index["rlnTomoName"], index["rlnTomoImportParticleFile"]) {
      let ours = StarTables(try folder.text("job/" + file))
      #expect(ours.names == ["particles"])
      try expectSame(ours["particles"], golden("import/coordinates/\(run).star")["particles"])
    }
  }

  @Test func relion4AndWarpHaveOneKindOfCoordinates() async throws {
    let folder = try project()
    let words = ["export", "-c", "config.json", "-obj", "ribosome"]
    let relion = try await Program.run(words + ["--star-flavour", "relion4", "--tomograms-star", "tomograms.star", "-o", "r.star"], in: folder)
    #expect(relion.code == 0)
    let ours = StarTables(try folder.text("r.star")), theirs = try golden("relion5-tomograms.star")
    #expect(ours["particles"].columns == ["rlnTomoName"] + Self.pixels + Self.angles + [Self.score, "rlnOpticsGroup"])
    for column in Self.pixels { #expect(ours["particles"][column] == theirs["particles"][column]) }
    try expectSame(ours["optics"], theirs["optics"])

    let warp = try await Program.run(words + ["--star-flavour", "warp", "-o", "w.star"], in: folder)
    #expect(warp.output.hasSuffix("  WarpTools ts_export_particles --input_star w.star --coords_angpix 10 ...\n"))
    let particles = StarTables(try folder.text("w.star"))["particles"]
    #expect(particles.columns == ["rlnMicrographName"] + Self.pixels + Self.angles + [Self.score])
    #expect(particles.rows[0][0...3] == ["TS_1.tomostar", "10.000000", "9.000000", "8.000000"])
  }

  @Test func centresAreThoseOfEachRunsOwnTomogram() async throws {
    let folder = try project()
    #expect(try await Program.run(["export", "-c", "config.json", "-obj", "ribosome", "-o", "out"], in: folder).code == 0)
    let particles = StarTables(try folder.text("out/ribosome.star"))["particles"]
    let firsts = ["TS_1", "TS_2"].map { run in Self.centred.map { particles[$0][particles["rlnTomoName"].firstIndex(of: run) ?? 0] } }
    #expect(firsts == [["-205.000000", "-115.000000", "-75.000000"], ["-60.000000", "-50.000000", "-40.000000"]])
  }

  @Test func tablesForOtherPrograms() async throws {
    let folder = try project()
    let words = ["export", "-c", "config.json", "--run-ids", "TS_2", "--format", "coords", "--format", "csv", "-o", "out/", "--json"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let files = try #require(document["files"] as? [[String: Any]])
    #expect(files.map { $0["path"] as? String } == ["out/picks.csv", "out/TS_2.proteasome.coords", "out/TS_2.ribosome.coords"])
    #expect(files.map { $0["picks"] as? Int } == [11, 1, 10])
    let csv = try folder.text("out/picks.csv").split(separator: "\n")
    #expect(csv.count == 12)
    #expect(csv[0] == "run,object,x,y,z,score")
    #expect(csv[2] == "TS_2,ribosome,100.0,90.0,80.0,1.0")
    let coords = try folder.text("out/TS_2.ribosome.coords").split(separator: "\n")
    #expect(coords.count == 10)
    #expect(coords[0] == "10.000000 9.000000 8.000000")

    #expect(try await Program.run(words + ["--overwrite", "--min-score", "0.75"], in: folder).code == 0)
    let scores = try folder.text("out/picks.csv").split(separator: "\n").dropFirst().map { try #require(Double($0.split(separator: ",")[5])) }
    #expect(!scores.isEmpty && scores.count < 11 && scores.allSatisfy { $0 >= 0.75 })
  }

  /// An index, or one line of a table, means another column to every reader.
  @Test(arguments: ["TS 1", "TS#1", "_TS", "data_1", "it's", "TS\t1"])
  func namesThatStarCannotHaveAreRefused(run: String) async throws {
    let folder = try project()
    for root in ["static", "overlay"] {
      try FileManager.default.moveItem(atPath: folder.path("\(root)/ExperimentRuns/TS_1"), toPath: folder.path("\(root)/ExperimentRuns/\(run)"))
    }
    let outcome = try await Program.run(["export", "-c", "config.json", "-o", "out"], in: folder)
    #expect(outcome.code == 65)
    #expect(outcome.errors.hasPrefix("octopi: run '\(run)' has a name that STAR files cannot have\n        no blanks"))
    #expect(!folder.tree().contains("out/"))
    #expect(try await Program.run(["export", "-c", "config.json", "--format", "csv", "-o", "out"], in: folder).code == 0)
    #expect(try folder.text("out/picks.csv").contains("\(run),ribosome,100.0"))
  }

  @Test func withoutItsTomogramThereIsNoFile() async throws {
    let folder = try project()
    try FileManager.default.removeItem(atPath: folder.path("static/ExperimentRuns/TS_2/VoxelSpacing10.000/wbp.zarr"))
    let outcome = try await Program.run(["export", "-c", "config.json", "-o", "out.star"], in: folder)
    #expect(outcome.code == 66)
    #expect(outcome.errors == "octopi: run 'TS_2' has no tomogram 'wbp' at 10 A\n        it has none\n")
    #expect(!folder.tree().contains("out.star"))
    let pixels = ["--star-flavour", "relion4", "--tilt-series-pixel-size", "1.54", "-o", "out.star"]
    #expect(try await Program.run(["export", "-c", "config.json"] + pixels, in: folder).code == 0)
  }

  /// Of tomograms of several sizes none is taken silently.
  @Test func severalSizesAreAskedFor() async throws {
    let folder = try project(), run = folder.path("static/ExperimentRuns/TS_1")
    try FileManager.default.moveItem(atPath: run + "/VoxelSpacing10.000", toPath: run + "/VoxelSpacing12.000")
    try FileManager.default.copyItem(atPath: run + "/VoxelSpacing12.000", toPath: run + "/VoxelSpacing20.000")
    let words = ["export", "-c", "config.json", "--run-ids", "TS_1", "-obj", "ribosome", "-o", "out.star"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 64)
    #expect(
      outcome.errors == "octopi: run 'TS_1' has tomograms of several sizes\n        say which counts: --tomo-uri wbp@12, or wbp@20\n")
    #expect(try await Program.run(words + ["--tomo-uri", "wbp@20"], in: folder).code == 0)
    #expect(StarTables(try folder.text("out.star"))["particles"].rows[0][4...6] == ["-510.000000", "-320.000000", "-230.000000"])
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let words: String
    let code: Int
    let message: String
    var testDescription: String { words }
    init(_ words: String, _ code: Int, _ message: String) { (self.words, self.code, self.message) = (words, code, message) }
  }

  @Test(arguments: [
    Refusal("-o out.star --picks octopy/1", 66, "no run has picks of 'octopy/1'\n        there are: octopi/1. Try --picks octopi/1\n"),
    Refusal("-o out.star --picks octopi", 64, "--picks 'octopi' is not a user and a session\n        write it like --picks octopi/1\n"),
    Refusal("-o out.star --picks a/1 -psid 2", 64, "'--picks a/1' and '--pick-session-id 2' contradict each other\n        give one of them\n"),
    Refusal("-o out.star -obj ribosom", 66, "no particle 'ribosom'\n        did you mean 'ribosome'? There are: proteasome, ribosome\n"),
    Refusal("-o out.star --run-ids TS_3", 66, "project has no run 'TS_3'\n        did you mean 'TS_1', 'TS_2'? There are: TS_1, TS_2\n"),
    Refusal("-o out.star --star-flavour relion4", 64, "flavour 'relion4' has coordinates in pixels of the tilt series, whose size is not known\n        give --tilt-series-pixel-size A (unbinned, in angstrom) or --tomograms-star tomograms.star\n"),
    Refusal("-o out.star --star-flavour warp --tilt-series-pixel-size 1.5", 64, "flavour 'warp' has no use for --tilt-series-pixel-size\n"),
    Refusal("-o out.star --tilt-series-pixel-size 0", 64, "--tilt-series-pixel-size 0.0 is not a positive number of angstrom\n"),
    Refusal("-o out.star --format csv", 64, "--output 'out.star' is one file of the format star, --format says csv\n        give a folder, or one format\n"),
    Refusal("-o out.coords", 64, "'out.coords': a .coords file holds one object of one run, here are 4\n"),
    Refusal("-o out.star --min-score 0.5 -obj proteasome --run-ids TS_1 --min-score 0.6", 66, "nothing to export: the chosen files of 'octopi/1' hold no picks\n"),
    Refusal("-o tomograms.star", 73, "'tomograms.star' exists already\n        use --overwrite to replace it, or choose another name\n"),
    Refusal("-o out.star --tomograms-star config.json", 65, "'config.json' is no STAR file: line 1: '{' stands before the first 'data_'\n"),
    Refusal("-o out.star --tomograms-star none.star", 66, "no STAR file 'none.star'\n"),
    Refusal("", 64, "--output is missing\n        give a file or a folder, e.g. -o particles\n"),
  ])
  func refusals(refusal: Refusal) async throws {
    let folder = try project(), before = folder.tree()
    let outcome = try await Program.run(["export", "-c", "config.json"] + refusal.words.split(separator: " ").map(String.init), in: folder)
    #expect(outcome.code == refusal.code)
    #expect(outcome.errors.hasPrefix("octopi: " + refusal.message), "\(outcome.errors)")
    #expect(outcome.output == "")
    #expect(folder.tree() == before)
  }

  /// Every defect of a file of tomograms is named with its line.
  @Test(arguments: [
    ("TS_2  300", "TS_3  300", 66, "'tomograms.star' has no tomogram 'TS_2'\n        did you mean 'TS_1', 'TS_3'?"),
    ("397", "0", 65, "'tomograms.star': line 14: _rlnTomoSizeX is '0', not a number above 0\n"),
    ("_rlnTomoSizeX", "_rlnTomoX", 65, "'tomograms.star' lists no tomograms: no block has _rlnTomoName"),
    ("1.350000  237", "237", 65, "'tomograms.star' is no STAR file: line 15: 7 values where the loop has 8 names\n"),
    ("TS_1 ", "'TS_1 ", 65, "'tomograms.star' is no STAR file: line 14: a quote is not closed\n"),
  ])
  func damagedTomogramFiles(text: String, damage: String, code: Int, message: String) async throws {
    let folder = try project()
    try folder.write(folder.text("tomograms.star").replacing(text, with: damage), to: "tomograms.star")
    let outcome = try await Program.run(["export", "-c", "config.json", "--tomograms-star", "tomograms.star", "-o", "out.star"], in: folder)
    #expect(outcome.code == code)
    #expect(outcome.errors.hasPrefix("octopi: " + message), "\(outcome.errors)")
    #expect(!folder.tree().contains("out.star"))
  }

  @Test func picksWithoutScoresHaveNoLeastScore() async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    try Projects.add(Projects.demoExpected, ["overlay"], to: folder)
    let outcome = try await Program.run(["export", "-c", "config.json", "--min-score", "0.5", "-o", "out"], in: folder)
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix("octopi: --min-score: picks of 'octopi/1' have no scores: all are 1\n"))
  }
}
