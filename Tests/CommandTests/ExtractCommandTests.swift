import Foundation
import TestSupport
import Testing

@testable import Octopi

/// `octopi extract seg` and `octopi export --seg-uri` on labels that octopi 1.7.0 wrote.
@Suite("octopi extract, labels exported", .tags(.command))
struct ExtractCommandTests {
  private static let runs = ["TS_1_4", "TS_5_4", "TS_6_6"]
  private static let extract = ["extract", "seg", "-c", "config.json", "-uri", "predict:unet/1"]
  private static let export = ["export", "-c", "config.json", "--seg-uri", "predict:unet/1"]

  private func stores(_ run: String) -> String { "overlay/ExperimentRuns/\(run)/Segmentations/" }

  private func document(_ outcome: Outcome) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  /// The counts are those that octopi 1.7.0 prints; the metadata are those that it wrote for the source.
  @Test func anObjectBecomesASegmentation() async throws {
    let folder = try Projects.demoWithLabels()
    let outcome = try await Program.run(Self.extract + ["--name", "ribosome", "--json"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let document = try document(outcome), found = try #require(document["runs"] as? [[String: Any]])
    #expect(document["segmentation"] as? String == "ribosome:unet/1")
    #expect(document["label"] as? Int == 3)
    #expect(found.map { $0["voxels"] as? Int } == [60_540, 36_545, 44_946])
    for run in Self.runs {
      let source = stores(run) + "10.000_unet_1_predict-multilabel.zarr", store = stores(run) + "10.000_unet_1_ribosome.zarr"
      let labels = try LabelFiles.labels(folder.path(source)), mask = try LabelFiles.labels(folder.path(store))
      #expect(mask.shape == labels.shape)
      #expect(mask.voxels == labels.voxels.map { $0 == 3 ? 1 : 0 })
      for file in [".zattrs", ".zgroup", "0/.zarray"] { #expect(try folder.text("\(store)/\(file)") == folder.text("\(source)/\(file)")) }
    }
  }

  @Test func ownersRunsAndResultsThatExist() async throws {
    let folder = try Projects.demoWithLabels(), words = Self.extract + ["-n", "apo-ferritin", "-uid", "me", "-sid", "5"]
    let dry = try await Program.run(words + ["--dry-run"], in: folder)
    #expect(dry.code == 0 && dry.output.hasSuffix("nothing was written\n"))
    let before = folder.tree()
    #expect(try await Program.run(words + ["-runs", "TS_5_4"], in: folder).code == 0)
    let store = stores("TS_5_4") + "10.000_me_5_apo-ferritin.zarr"
    #expect(Set(folder.tree()).subtracting(before).allSatisfy { $0.hasPrefix(store) })
    let refused = try await Program.run(words, in: folder)
    #expect(refused.code == 73)
    #expect(refused.errors.hasPrefix("octopi: '\(store)' exists already\n"))
    let resumed = try await Program.run(words + ["--resume"], in: folder)
    #expect(resumed.code == 0)
    #expect(resumed.output.split(separator: "\n").map { $0.split(separator: " ")[1] } == ["voxels", "11,037", "kept", "5,576"])
    #expect(try await Program.run(words + ["--overwrite"], in: folder).code == 0)
  }

  @Test(arguments: [
    ("-n ribosom", 66, "segmentation 'predict:unet/1' has no label for an object 'ribosom'\n        did you mean 'ribosome'? there are: "),
    ("-n ribosome -uri predict", 66, "no log 'overlay/logs/segment-octopi_1_predict.yaml' says which label the object has\n"),
    ("-n ribosome -runs TS_9", 66, "project has no run 'TS_9'\n"),
    ("-n ribosome -c none.json", 66, "no "),
    ("-n microtubule", 65, "'microtubule' is no object of the project 'config.json'\n        add {\"name\": \"microtubule\", ...}"),
    ("-n ribosome -uri lost:unet/1", 65, "'overlay/logs/segment-unet_1_lost.yaml': inputs.voxel_size is missing\n"),
  ])
  func refusals(words: String, code: Int, message: String) async throws {
    let folder = try Projects.demoWithLabels(), log = "overlay/logs/segment-unet_1_predict.yaml", text = try folder.text(log)
    try folder.write(text.replacingOccurrences(of: "labels:\n", with: "labels:\n  microtubule: 6\n"), to: log)
    try folder.write("labels: {ribosome: 3}\n", to: "overlay/logs/segment-unet_1_lost.yaml")
    let before = folder.tree()
    let outcome = try await Program.run(Self.extract + words.split(separator: " ").map(String.init), in: folder)
    #expect(outcome.code == code)
    #expect(outcome.errors.hasPrefix("octopi: " + message), "\(outcome.errors)")
    #expect(folder.tree() == before)
  }

  @Test func labelsBecomeMRCFiles() async throws {
    let folder = try Projects.demoWithLabels()
    let outcome = try await Program.run(Self.export + ["--format", "mrc", "-o", "masks", "--json"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let files = try #require(document(outcome)["files"] as? [[String: Any]])
    #expect(files.map { $0["path"] as? String } == Self.runs.map { "masks/\($0).labels.mrc" })
    for (run, file) in zip(Self.runs, files) {
      let labels = try LabelFiles.labels(folder.path(stores(run) + "10.000_unet_1_predict-multilabel.zarr"))
      let mrc = try MRCFile(folder.path("masks/\(run).labels.mrc"))
      #expect(mrc.shape == labels.shape)
      #expect(mrc.element == .int8)
      #expect(mrc.spacing == [10, 10, 10])
      let block = try mrc.read(VolumeBox(mrc.shape))
      #expect(labels.voxels.indices.allSatisfy { block.value($0) == Float(labels.voxels[$0]) })
      #expect(file["voxels_per_label"] as? [Int] == (0...5).map { label in labels.voxels.count { $0 == label } })
      let header = String(decoding: try folder.bytes("masks/\(run).labels.mrc")[224..<1024], as: UTF8.self)
      let lines = ["octopi-swift \(ProgramVersion.text)", "labels predict:unet/1@10 of run \(run)", "1 apo-ferritin, 2 beta-galactosidase, 3 ribosome"]
      #expect(lines.allSatisfy(header.contains), "\(header)")
      #expect(header.contains("network best_model.pth"))
    }
    let again = try await Program.run(Self.export + ["-o", "masks"], in: folder)
    #expect(again.code == 73)
    #expect(again.errors.hasPrefix("octopi: 'masks/TS_1_4.labels.mrc' exists already\n"))
    #expect(try await Program.run(Self.export + ["-o", "masks", "--overwrite", "--run-ids", "TS_5_4"], in: folder).code == 0)

    let several = try await Program.run(Self.export + ["-o", "one.mrc"], in: folder)
    #expect(several.code == 64)
    #expect(several.errors.hasPrefix("octopi: 'one.mrc': an MRC file holds the labels of one run, here are 3\n        give a folder"))
    #expect(try await Program.run(Self.export + ["-o", "one.mrc", "--run-ids", "TS_5_4", "--dry-run"], in: folder).code == 0)
    #expect(!folder.tree().contains("one.mrc"))
    #expect(try await Program.run(Self.export + ["-o", "one.mrc", "--run-ids", "TS_5_4"], in: folder).code == 0)
    #expect(try folder.bytes("one.mrc") == folder.bytes("masks/TS_5_4.labels.mrc"))

    let absent = try await Program.run(Self.export + ["-o", "other", "-vs", "5"], in: folder)
    #expect(absent.code == 66)
    #expect(absent.errors.hasPrefix("octopi: no run has a segmentation"), "\(absent.errors)")
  }
}
