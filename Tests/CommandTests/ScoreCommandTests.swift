import Foundation
import TestSupport
import Testing

@testable import Octopi

/// Scores of picks as a user meets them, on a network whose probabilities are known: `1 / (1 + exp(2 - x))` of the normalised voxel x.
@Suite("scores of picks", .tags(.command))
struct ScoreCommandTests {
  private static let shape = [24, 28, 64], centres = [16, 48], picks = "overlay/ExperimentRuns/TS_1/Picks/octopi_1_ribosome.json"
  private static let probabilities = "overlay/ExperimentRuns/TS_1/VoxelSpacing10.000/wbp_predict-octopi-1-probabilities_features.zarr"

  /// Two balls of 257 voxels, the second one fainter, each in a shell that is too faint for a label.
  private static let values: [Float] = (0..<24 * 28 * 64).map { index in
    let z = index / (28 * 64), y = index / 64 % 28, x = index % 64
    for (centre, height) in zip(centres, [Float(150), 60]) {
      let squared = (z - 12) * (z - 12) + (y - 14) * (y - 14) + (x - centre) * (x - centre)
      if squared <= 16 { return height + Float((x + y + z) % 3) * 5 }
      if squared <= 25 { return 25 }
    }
    return 0
  }

  /// The scores of the two picks, from the values alone.
  private static let wanted: [Double] = {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let deviation = (values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)).squareRoot()
    return centres.map { centre in
      var sum = 0.0, count = 0.0
      for (index, value) in values.enumerated() where value >= 60 && abs(index % 64 - centre) <= 4 {
        sum += 1 / (1 + exp(2 - (Double(value) - mean) / deviation))
        count += 1
      }
      #expect(count == 257)
      return sum / count
    }
  }()

  private func project() throws -> TinyProject {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(Self.values), shape: Self.shape)
    return project
  }

  private func points(_ folder: TemporaryFolder, _ path: String = Self.picks) throws -> [Picks.Point] { try Picks(file: folder.path(path)).points }

  /// Halves are good to 2^-12 below 1.
  private func expectScores(_ found: [Double], _ wanted: [Double] = Self.wanted) {
    #expect(found.count == wanted.count)
    for (found, wanted) in zip(found, wanted) { #expect(abs(found - wanted) <= 0x1p-12 + 1e-6, "\(found), not \(wanted)") }
  }

  private func document(_ outcome: Outcome) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any], "\(outcome.errors)")
  }

  @Test func picksAreScoredWhereProbabilitiesAre() async throws {
    #expect(Self.wanted[0] > 0.99 && Self.wanted[1] < 0.95 && Self.wanted[1] > 0.5)
    let project = try project(), folder = project.folder
    #expect(try await Program.run(TinyProject.segment, in: folder).code == 0)
    #expect(try await Program.run(TinyProject.localize, in: folder).code == 0)
    let plain = try folder.text(Self.picks), log = try folder.text("overlay/logs/localize-octopi_1.yaml")
    #expect(plain.components(separatedBy: "\"score\": 1.0").count == 3)

    #expect(try await Program.run(TinyProject.segment + ["--overwrite", "--probabilities"], in: folder).code == 0)
    let scored = try await Program.run(TinyProject.localize + ["--overwrite", "--json"], in: folder)
    #expect(scored.code == 0, "\(scored.errors)")
    let found = try points(folder)
    expectScores(found.compactMap(\.score))
    #expect(found.map(\.centre) == [160, 480].map { ParticleCentre(x: $0, y: 140, z: 120) })
    // Nothing else is different from what octopi writes.
    #expect(try folder.text(Self.picks).replacing(#/"score": [0-9.]+/#, with: "\"score\": 1.0") == plain)
    #expect(try folder.text("overlay/logs/localize-octopi_1.yaml") == log)
    let object = try #require(((document(scored)["runs"] as? [[String: Any]])?.first?["objects"] as? [[String: Any]])?.first)
    expectScores([try #require(object["mean_score"] as? Double)], [(Self.wanted[0] + Self.wanted[1]) / 2])

    // What follows has them: tables for other programs, and the page.
    #expect(try await Program.run(["export", "-c", "config.json", "--format", "star", "--format", "csv", "-o", "out"], in: folder).code == 0)
    expectScores(StarTables(try folder.text("out/ribosome.star"))["particles"]["rlnAutopickFigureOfMerit"].compactMap(Double.init))
    expectScores(try folder.text("out/picks.csv").split(separator: "\n").dropFirst().compactMap { Double($0.split(separator: ",")[5]) })
    let preview = try await Program.run(["preview", "-c", "config.json", "--picks", "octopi/1", "-o", "page", "--json"], in: folder)
    let shown = try #require((document(preview)["runs"] as? [[String: Any]])?.first?["objects"] as? [[String: Any]])
    let scores = try #require(shown.first?["scores"] as? [String: Any], "\(preview.output)")
    expectScores([scores["high"] as? Double, scores["low"] as? Double].compactMap(\.self))
    #expect((scores["histogram"] as? [Int])?.reduce(0, +) == 2)
  }

  @Test func lowScoresAreDropped() async throws {
    let project = try project(), folder = project.folder
    #expect(try await Program.run(TinyProject.segment + ["--probabilities"], in: folder).code == 0)
    let outcome = try await Program.run(TinyProject.localize + ["--min-score", "0.95", "--json"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("octopi: 1 pick scored below 0.95 and was left out\n"), "\(outcome.errors)")
    #expect(try points(folder).map(\.x) == [160])
    let object = try #require(((document(outcome)["runs"] as? [[String: Any]])?.first?["objects"] as? [[String: Any]])?.first)
    #expect(object["picks"] as? Int == 1 && object["below_min_score"] as? Int == 1)
    #expect(try folder.text("overlay/logs/localize-octopi_1.yaml").hasSuffix("  filter_size: 10\n  min_score: 0.95\n"))

    let dry = try await Program.run(TinyProject.localize + ["--dry-run", "--overwrite"], in: folder)
    #expect(dry.code == 0 && dry.output.contains(".zarr  probabilities  ribosome"), "\(dry.output)")
    let all = try await Program.run(TinyProject.localize + ["--min-score", "2", "-psid", "2"], in: folder)
    #expect(all.code == 0)
    #expect(!folder.tree().contains("overlay/ExperimentRuns/TS_1/Picks/octopi_2_ribosome.json"))
  }

  @Test func withoutProbabilitiesThereIsNoLeastScore() async throws {
    let project = try project(), folder = project.folder
    #expect(try await Program.run(TinyProject.segment, in: folder).code == 0)
    let before = folder.tree()
    let outcome = try await Program.run(TinyProject.localize + ["--min-score", "0.5"], in: folder)
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix("octopi: --min-score: there are no probabilities beside the labels 'overlay/ExperimentRuns/TS_1/Seg"))
    #expect(outcome.errors.hasSuffix("        segment with --probabilities, or leave out --min-score\n"))
    #expect(folder.tree() == before)
    let pick = try await Program.run(["pick", "t.mrc", "--model", "model.onnx", "-o", "out", "--min-score", "0.5"], in: folder)
    #expect(pick.code == 64)
    #expect(pick.errors == "octopi: --min-score 0.5: without probabilities all picks score 1\n        add --probabilities: scores are made from them\n")
    #expect(folder.tree() == before)
  }

  /// Labels that another network wrote over those that the probabilities belong to.
  @Test func probabilitiesOfOtherLabelsAreNotUsed() async throws {
    let project = try project(), folder = project.folder
    #expect(try await Program.run(TinyProject.segment + ["--probabilities"], in: folder).code == 0)
    try project.write(TinyProject.pointwise([0, 1], [0, -1]), to: "model.onnx")
    let segmented = try await Program.run(TinyProject.segment + ["--overwrite"], in: folder)
    #expect(segmented.code == 0)
    #expect(segmented.errors.contains("octopi: warning: '\(Self.probabilities)' has probabilities of labels that are replaced\n        --probabilities replaces them too"))
    let outcome = try await Program.run(TinyProject.localize, in: folder)
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("octopi: '\(Self.probabilities)' gives voxel (") && outcome.errors.contains("another label than 1"), "\(outcome.errors)")
    #expect(!folder.tree().contains(Self.picks))
    try FileManager.default.removeItem(atPath: folder.path(Self.probabilities))
    #expect(try await Program.run(TinyProject.localize, in: folder).code == 0)
    #expect(try points(folder).map(\.score) == [1, 1])
  }

  /// Channels of a sigmoid start at label 1.
  @Test(arguments: ["2", "3"])
  func sigmoidsAreScoredByTheirOwnChannel(format: String) async throws {
    let project = try project(), folder = project.folder
    try project.write(TinyProject.pointwise([1], [-2]), to: "model.onnx")
    try folder.write("model:\n  num_classes: 1\n  dim_in: 16\n  head: sigmoid\nlabels:\n  ribosome: 1\n", to: "model.yaml")
    let segmented = try await Program.run(TinyProject.segment + ["--probabilities", "--zarr-format", format], in: folder)
    #expect(segmented.code == 0, "\(segmented.errors)")
    #expect(try await Program.run(TinyProject.localize, in: folder).code == 0)
    expectScores(try points(folder).compactMap(\.score))

    let info = try await Program.run(["info", Self.probabilities], in: folder)
    #expect(info.output.hasPrefix("\(Self.probabilities): class probabilities, OME-Zarr (Zarr v\(format))\n"), "\(info.errors)")
    #expect(info.output.contains("  24 x 28 x 64 voxels (z, y, x) of float16, voxels of 10 A\n  of labels 1\n"))
    let verified = try await Program.run(["verify", "--project", "config.json"], in: folder)
    #expect(verified.code == 0 && verified.output.contains("ok     '\(Self.probabilities)': 1 x 24 x 28 x 64 float16\n"))
    try FileManager.default.removeItem(atPath: folder.path(Self.probabilities + "/0"))
    #expect(try await Program.run(["verify", "--project", "config.json"], in: folder).code != 0)
  }

  @Test func pickScoresWhatItSegments() async throws {
    let project = try project(), folder = project.folder, network = ["--model", "model.onnx", "--model-config", "model.yaml"]
    var header = MRCBytes(size: Self.shape, mode: 2)
    header.spaceGroup = 1
    try folder.write(header.file(littleEndianBytes(Self.values)), to: "t.mrc")
    let words = ["pick", "t.mrc", "--objects", "config.json", "-o", "out", "--probabilities"] + network
    let outcome = try await Program.run(words + ["--json"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let object = try #require(((document(outcome)["files"] as? [[String: Any]])?.first?["objects"] as? [[String: Any]])?.first)
    expectScores([try #require(object["mean_score"] as? Double)], [(Self.wanted[0] + Self.wanted[1]) / 2])
    expectScores(try points(folder, "out/t.ribosome.json").compactMap(\.score))
    let star = try folder.text("out/t.star")
    #expect(star.contains("# score: mean probability over the particle\n"))
    expectScores(StarTables(star)["particles"]["rlnAutopickFigureOfMerit"].compactMap(Double.init))
    expectScores(try folder.text("out/t.csv").split(separator: "\n").dropFirst().compactMap { Double($0.split(separator: ",")[5]) })
    #expect(try folder.text("out/preview.html").contains("scores, lowest to highest"))

    let fewer = try await Program.run(words + ["--overwrite", "--min-score", "0.95"], in: folder)
    #expect(fewer.code == 0, "\(fewer.errors)")
    #expect(try points(folder, "out/t.ribosome.json").count == 1)
    #expect(try folder.text("out/t.star").contains("# score: mean probability over the particle, at least 0.95\n"))

    let steps = try await Program.run(["pick", "-c", "config.json", "--probabilities", "--min-score", "0.95"] + network, in: folder)
    #expect(steps.code == 0, "\(steps.errors)")
    expectScores(try points(folder).compactMap(\.score), [Self.wanted[0]])
    // Without the option what is left from before counts for nothing.
    let plain = try await Program.run(["pick", "-c", "config.json", "--overwrite"] + network, in: folder)
    #expect(plain.code == 0, "\(plain.errors)")
    #expect(try points(folder).map(\.score) == [1, 1])
  }
}
