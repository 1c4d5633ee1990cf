import Foundation
import TestSupport
import Testing

@testable import Octopi

/// `octopi pick` finds what octopi 1.7.0 finds in two steps, in a project and in files of their own.
@Suite("octopi pick", .tags(.command))
struct PickCommandTests {
  private static let network = ["--model", "model/blob.onnx", "--model-config", "model/model_config.yaml"]
  private static let store = "static/ExperimentRuns/TS_1/VoxelSpacing10.000/wbp.zarr"
  private static let expected = Projects.pipeline.appending(path: "expected/overlay/ExperimentRuns")

  private func pipelineFolder() throws -> TemporaryFolder { try Projects.copy(Projects.pipeline, ["config.json", "static", "model"]) }

  private func points(_ json: String) throws -> [[String: Double]] {
    let document = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    return try #require(document["points"] as? [[String: Any]]).map { try #require($0["location"] as? [String: Double]) }
  }

  @Test func aProjectGetsOctopisPicks() async throws {
    let folder = try pipelineFolder()
    let outcome = try await Program.run(["pick", "-c", "config.json", "-o", "seen"] + Self.network, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    for run in ["TS_1", "TS_2"] {
      for object in ["bright", "dark"] {
        let name = "\(run)/Picks/octopi_1_\(object).json"
        let wanted = try String(contentsOf: Self.expected.appending(path: name), encoding: .utf8)
        #expect(try folder.text("overlay/ExperimentRuns/" + name) == wanted)
      }
    }
    #expect(folder.tree().contains("seen/preview.png"))

    // The preview as asked for, against some truth: half of the picks themselves.
    for object in ["bright", "dark"] {
      let picks = try Picks(file: folder.path("overlay/ExperimentRuns/TS_1/Picks/octopi_1_\(object).json"))
      let truth = Picks(object: object, user: "truth", session: "0", run: "TS_1", points: Array(picks.points.prefix(3)))
      try folder.write(truth.json, to: "static/ExperimentRuns/TS_1/Picks/truth_0_\(object).json")
    }
    let words = ["pick", "-c", "config.json", "-runs", "TS_1", "-o", "seen", "--resume", "--truth", "truth/0", "--invert", "--opacity", "0.25"]
    let compared = try await Program.run(words + Self.network, in: folder)
    #expect(compared.code == 0, "\(compared.errors)")
    let page = try folder.text("seen/preview.html")
    #expect(page.contains(#""opacity": 0.25, "invert": true"#) && page.contains(#""truth": "truth/0""#))

    // Nothing is computed where picks would be refused at the end.
    try FileManager.default.removeItem(atPath: folder.path("overlay/ExperimentRuns/TS_2/Segmentations"))
    let again = try await Program.run(["pick", "-c", "config.json"] + Self.network, in: folder)
    #expect(again.code == 73)
    #expect(again.errors.hasPrefix("octopi: 'overlay/ExperimentRuns/TS_1/Picks/octopi_1_bright.json' exists already\n"))
    #expect(!folder.tree().contains("overlay/ExperimentRuns/TS_2/Segmentations/"))
  }

  @Test func aFileGivesLabelsPicksTablesAndAPicture() async throws {
    let folder = try pipelineFolder()
    let words = ["pick", Self.store, "--objects", "config.json", "-o", "out"] + Self.network
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let files = ["wbp.labels.zarr", "wbp.bright.json", "wbp.dark.json", "wbp.star", "wbp.csv", "preview.png", "preview.html", "summary.json"]
    #expect(outcome.output.hasSuffix("\n" + files.map { "out/\($0)\n" }.joined()))
    let labels = try LabelFiles.labels(folder.path("out/wbp.labels.zarr"))
    #expect(try labels.voxels == LabelFiles.npy(Projects.pipeline.appending(path: "expected/TS_1_labels.npy.gz")))
    for object in ["bright", "dark"] {
      let wanted = try String(contentsOf: Self.expected.appending(path: "TS_1/Picks/octopi_1_\(object).json"), encoding: .utf8)
      #expect(try points(folder.text("out/wbp.\(object).json")) == points(wanted))
    }
    let star = StarTables(try folder.text("out/wbp.star"))["particles"]
    #expect(star.rows.count == 12)
    #expect(star["rlnClassNumber"] == Array(repeating: "1", count: 6) + Array(repeating: "2", count: 6))
    // 44 voxels of 10 A: the centre lies at 220 A.
    let x = try #require(points(folder.text("out/wbp.bright.json")).first?["x"])
    #expect(abs(try #require(Double(star["rlnCenteredCoordinateXAngst"][0])) - (x - 220)) < 1e-6)
    #expect(try folder.text("out/wbp.star").contains("# sha256 "))
    #expect(try folder.text("out/wbp.csv").split(separator: "\n").count == 13)
    let summary = try #require(JSONSerialization.jsonObject(with: Data(folder.text("out/summary.json").utf8)) as? [String: Any])
    #expect((summary["files"] as? [[String: Any]])?.first?["windows"] as? Int == 160)

    let before = folder.tree()
    let refused = try await Program.run(words, in: folder)
    #expect(refused.code == 73)
    #expect(folder.tree() == before)
    let resumed = try await Program.run(words + ["--resume", "--json"], in: folder)
    #expect(resumed.code == 0)
    #expect(resumed.output == (try folder.text("out/summary.json")))
  }

  @Test(arguments: [
    ("-o out \(store)", 66, "nobody says which objects to pick and how large they are: 'model/blob.onnx' carries none\n        give --objects"),
    ("-o out", 64, "FILE is missing\n"),
    ("-o out a.mrc -c config.json", 64, "'a.mrc' and '--config config.json' contradict each other\n"),
    ("-o out a.mrc --objects config.json", 66, "no "),
    ("a.mrc --objects config.json", 64, "--output is missing\n"),
    ("-o out \(store) --tomo-uri wbp@10", 64, "--tomo-uri belongs to a project, here are files\n"),
    ("-o out \(store) --seg-info a,b,c", 64, "--seg-info belongs to a project, here are files\n"),
    ("-c config.json --objects config.json", 64, "--objects belongs to files, here is a project\n"),
    ("-c config.json --star-flavour warp", 64, "--star-flavour belongs to files, here is a project\n"),
    ("-c config.json --tilt-series-pixel-size 1.5", 64, "--tilt-series-pixel-size belongs to files, here is a project\n"),
    ("-c config.json --tomograms-star t.star", 64, "--tomograms-star belongs to files, here is a project\n"),
    ("-o out \(store) \(store) --objects config.json", 64, "'\(store)' and '\(store)' would both be written to 'out/wbp.labels.zarr'\n"),
    ("-o out \(store) --objects config.json --pick-objects brigth", 66, "no particle 'brigth'\n        did you mean 'bright'?"),
  ])
  func refusals(words: String, code: Int, message: String) async throws {
    let folder = try pipelineFolder(), before = folder.tree()
    let outcome = try await Program.run(["pick"] + words.split(separator: " ").map(String.init) + Self.network, in: folder)
    #expect(outcome.code == code)
    #expect(outcome.errors.hasPrefix("octopi: " + message), "\(outcome.errors)")
    #expect(folder.tree() == before)
  }
}
