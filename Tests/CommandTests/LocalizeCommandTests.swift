import Foundation
import TestSupport
import Testing

/// `octopi localize` writes the picks that octopi 1.7.0 writes: from the same labels the same bytes.
@Suite("octopi localize", .tags(.command))
struct LocalizeCommandTests {
  private let guide = ["localize", "--config", "config.json", "--seg-info", "predict,unet,1", "--pick-session-id", "1", "--pick-user-id", "octopi"]
  private let centreOfMass = ["localize", "-c", "config.json", "-m", "COM", "-suri", "predict:unet/1", "-psid", "2"]

  private func expectOctopisPicks(in folder: TemporaryFolder, session: Int) throws {
    let expected = Projects.demoExpected.appending(path: "overlay")
    let pattern = "/Picks/octopi_\(session)_"
    let wanted = (FileManager.default.subpaths(atPath: expected.path) ?? []).filter { $0.contains(pattern) }.sorted()
    #expect(wanted.count == 12)
    #expect(folder.tree().filter { $0.contains(pattern) } == wanted.map { "overlay/" + $0 })
    for file in wanted + ["logs/localize-octopi_\(session).yaml"] {
      let text = try String(contentsOf: expected.appending(path: file), encoding: .utf8)
      #expect(try folder.text("overlay/" + file) == text, "\(file)")
    }
  }

  @Test(arguments: ["1", "2", "3"])
  func demoGivesOctopisBytes(threads: String) async throws {
    let folder = try Projects.demoWithLabels()
    let watershed = try await Program.run(guide + ["--threads", threads], in: folder)
    #expect(watershed.code == 0)
    #expect(
      watershed.output == """
        run     apo-ferritin  beta-galactosidase  ribosome  virus-like-particle  all
        TS_1_4            34                  20        12                   12   78
        TS_5_4            16                  12         8                    7   43
        TS_6_6            16                  13         8                    7   44

        """)
    try expectOctopisPicks(in: folder, session: 1)
    #expect(try await Program.run(centreOfMass + ["--threads", threads], in: folder).code == 0)
    try expectOctopisPicks(in: folder, session: 2)
    #expect(folder.tree().allSatisfy { !$0.hasSuffix(".lock") && !$0.hasSuffix(".partial") })
  }

  @Test func existingPicksAreRefusedKeptOrReplaced() async throws {
    let folder = try Projects.demoWithLabels()
    #expect(try await Program.run(guide, in: folder).code == 0)
    let path = "overlay/ExperimentRuns/TS_5_4/Picks/octopi_1_ribosome.json"
    try folder.write("mine", to: path)
    try FileManager.default.removeItem(atPath: folder.path(path.replacing("ribosome", with: "apo-ferritin")))

    let refused = try await Program.run(guide, in: folder)
    #expect(refused.code == 73)
    #expect(
      refused.errors == """
        octopi: 'overlay/ExperimentRuns/TS_1_4/Picks/octopi_1_apo-ferritin.json' exists already
                use --overwrite to replace it, or --resume to go on with what is missing

        """)
    #expect(try folder.text(path) == "mine")

    let resumed = try await Program.run(guide + ["--resume", "--quiet"], in: folder)
    #expect(resumed.code == 0)
    #expect(resumed.errors == "")
    #expect(resumed.output.contains("TS_5_4            16                kept      kept                 kept   16\n"))
    #expect(try folder.text(path) == "mine")

    #expect(try await Program.run(guide + ["--overwrite"], in: folder).code == 0)
    try expectOctopisPicks(in: folder, session: 1)
  }

  /// The labels of the log count, not those of the configuration; without a log it is the other way round.
  @Test func withoutALogTheConfigurationCounts() async throws {
    let folder = try Projects.demoWithLabels()
    try FileManager.default.removeItem(atPath: folder.path("overlay/logs/segment-unet_1_predict.yaml"))
    let outcome = try await Program.run(guide, in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("warning: no log 'overlay/logs/segment-unet_1_predict.yaml': the labels of the configuration are used\n"))
    try expectOctopisPicks(in: folder, session: 1)
  }

  @Test func runsAndObjectsCanBeChosen() async throws {
    let folder = try Projects.demoWithLabels()
    let words = guide + ["--runIDs", "TS_6_6", "--pick-objects", "ribosome,ribosom", "--json"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("warning: no particle 'ribosom'\n"))
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let runs = try #require(document["runs"] as? [[String: Any]])
    let objects = try #require(runs.first?["objects"] as? [[String: Any]])
    #expect(runs.count == 1)
    #expect(objects.count == 1)
    #expect(objects.first?["picks"] as? Int == 8)
    #expect(objects.first?["path"] as? String == "overlay/ExperimentRuns/TS_6_6/Picks/octopi_1_ribosome.json")
  }

  @Test func runsWithoutLabelsAreSkippedUnlessNamed() async throws {
    let folder = try Projects.demoWithLabels()
    try FileManager.default.removeItem(atPath: folder.path("overlay/ExperimentRuns/TS_5_4/Segmentations"))
    let named = try await Program.run(guide + ["--run-ids", "TS_6_6,TS_5_4"], in: folder)
    #expect(named.code == 66)
    #expect(named.errors.hasPrefix("octopi: run 'TS_5_4' has no segmentation predict:unet/1 at 10 A\n        "))
    #expect(!folder.tree().contains { $0.contains("Picks/octopi") })
    let all = try await Program.run(guide, in: folder)
    #expect(all.code == 0)
    #expect(all.errors.contains("octopi: skipped: run 'TS_5_4' has no segmentation predict:unet/1 at 10 A\n"))
    #expect(all.output.split(separator: "\n").count == 3)
  }

  /// One damaged store costs its run, not the others.
  @Test func aDamagedRunDoesNotStopTheOthers() async throws {
    let folder = try Projects.demoWithLabels()
    let chunk = "overlay/ExperimentRuns/TS_5_4/Segmentations/10.000_unet_1_predict-multilabel.zarr/0/0/0/0"
    let bytes = try Data(contentsOf: URL(filePath: folder.path(chunk)))
    try bytes.dropLast().write(to: URL(filePath: folder.path(chunk)))
    let outcome = try await Program.run(guide, in: folder)
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("'\(chunk)' is damaged"))
    #expect(
      outcome.errors.hasSuffix("""
        octopi: 2 of 3 runs complete; not: TS_5_4
                to repeat just these: octopi \(guide.joined(separator: " ")) --resume --run-ids TS_5_4

        """))
    #expect(folder.tree().filter { $0.contains("Picks/octopi_1") }.count == 8)
    let alone = try await Program.run(guide + ["--resume", "--run-ids", "TS_5_4"], in: folder)
    #expect(alone.code == 65)
  }

  @Test func dryRunWritesNothing() async throws {
    let folder = try Projects.demoWithLabels()
    let before = folder.tree()
    let outcome = try await Program.run(guide + ["--dry-run"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.output.hasSuffix("nothing was written\n"))
    #expect(folder.tree() == before)
  }

  @Test func progressIsOneObjectALine() async throws {
    let folder = try Projects.demoWithLabels()
    let outcome = try await Program.run(guide + ["--progress", "json", "--quiet"], in: folder)
    #expect(outcome.code == 0)
    let events = try outcome.errors.split(separator: "\n").map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["event"] as? String
    }
    #expect(events.first == "begin")
    #expect(events.count { $0 == "run" } == 3)
    #expect(events.count { $0 == "complete" } == 3)
  }
}
