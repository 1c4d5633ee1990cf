import Foundation
import TestSupport
import Testing

@testable import Octopi

/// `octopi segment` against what octopi 1.7.0 wrote with PyTorch.
@Suite("octopi segment", .tags(.command))
struct SegmentCommandTests {
  private static let pipeline = ["segment", "-c", "config.json", "-mc", "model/model_config.yaml", "-mw", "model/blob.onnx"]

  private func pipelineFolder() throws -> TemporaryFolder { try Projects.copy(Projects.pipeline, ["config.json", "static", "model"]) }

  /// Everything that octopi wrote for the whole small project, but for the weights line of the log: labels voxel by voxel (their margin is
  /// 2e-4 or more), metadata, picks, logs and scores byte by byte.
  @Test(arguments: ["1", "2", "3"])
  func pipelineGivesOctopisFiles(threads: String) async throws {
    let folder = try pipelineFolder(), expected = Projects.pipeline.appending(path: "expected")
    let commands = [
      Self.pipeline, ["localize", "-c", "config.json"], ["localize", "-c", "config.json", "-m", "com", "-psid", "2", "--runIDs", "TS_1"],
      ["evaluate", "-c", "config.json", "-gtuid", "data-portal", "-gtsid", "0", "-o", "scores"],
    ]
    var outcomes: [Outcome] = []
    for command in commands {
      outcomes.append(try await Program.run(command + ["--threads", threads], in: folder))
      #expect(outcomes.last?.code == 0, "\(command)")
    }
    for run in ["TS_1", "TS_2"] {
      let labels = try LabelFiles.labels(folder.path("overlay/ExperimentRuns/\(run)/Segmentations/10.000_octopi_1_predict-multilabel.zarr"))
      #expect(try labels.voxels == LabelFiles.npy(expected.appending(path: "\(run)_labels.npy.gz")))
    }
    for file in FileManager.default.subpaths(atPath: expected.path) ?? [] where file.contains("/") && !file.hasPrefix("stdout") {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: expected.appending(path: file).path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      let wanted = try String(contentsOf: expected.appending(path: file), encoding: .utf8).replacing("blob.pth", with: "blob.onnx")
      #expect(try folder.text(file) == wanted, "\(file)")
    }
    #expect(try outcomes[3].output == String(contentsOf: expected.appending(path: "stdout/evaluate.txt"), encoding: .utf8))
    #expect(outcomes[0].errors.hasPrefix("octopi: skipped: run 'TS_3' has no tomogram 'wbp' at 10 A\noctopi: skipped: run 'TS_4' has no tomogram"))
    #expect(folder.tree().allSatisfy { !$0.contains(".lock") && !$0.contains(".partial") })
  }

  /// Nothing of a first result changes unless asked for.
  @Test func existingLabelsAreRefusedKeptOrReplaced() async throws {
    let folder = try pipelineFolder()
    #expect(try await Program.run(Self.pipeline + ["--run-ids", "TS_2"], in: folder).code == 0)
    let store = "overlay/ExperimentRuns/TS_2/Segmentations/10.000_octopi_1_predict-multilabel.zarr"
    try folder.write("mine", to: store + "/note")

    let before = folder.tree()
    let refused = try await Program.run(Self.pipeline, in: folder)
    #expect(refused.code == 73)
    #expect(refused.errors.hasSuffix("octopi: '\(store)' exists already\n        use --overwrite to replace it, or --resume to go on with what is missing\n"))
    #expect(folder.tree() == before)

    let resumed = try await Program.run(Self.pipeline + ["--resume", "--json"], in: folder)
    #expect(resumed.code == 0)
    let document = try #require(JSONSerialization.jsonObject(with: Data(resumed.output.utf8)) as? [String: Any])
    let runs = try #require(document["runs"] as? [[String: Any]])
    #expect(runs.map { $0["run"] as? String } == ["TS_1", "TS_2"])
    #expect(runs.map { $0["kept"] as? Bool } == [false, true])
    #expect(runs[0]["voxels_per_label"] as? [Int] == [39044, 1996, 1200])
    #expect(FileManager.default.fileExists(atPath: folder.path(store + "/note")))

    #expect(try await Program.run(Self.pipeline + ["--overwrite"], in: folder).code == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.path(store + "/note")))
  }

  /// One name, one model.
  @Test func aLogOfOtherWeightsIsRefused() async throws {
    let folder = try pipelineFolder()
    #expect(try await Program.run(Self.pipeline + ["--run-ids", "TS_2"], in: folder).code == 0)
    try FileManager.default.copyItem(atPath: folder.path("model/blob.onnx"), toPath: folder.path("model/other.onnx"))
    let words = Self.pipeline.map { $0 == "model/blob.onnx" ? "model/other.onnx" : $0 }
    let refused = try await Program.run(words + ["--run-ids", "TS_1"], in: folder)
    #expect(refused.code == 73)
    #expect(refused.errors.contains("overlay/logs/segment-octopi_1_predict.yaml"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("overlay/ExperimentRuns/TS_1")))
  }

  /// Stores of the third format with probabilities beside them: the same labels, and the highest probability belongs to the label.
  @Test(arguments: ["2", "3"])
  func probabilitiesAndFormats(format: String) async throws {
    let folder = try pipelineFolder(), expected = Projects.pipeline.appending(path: "expected")
    let words = Self.pipeline + ["--probabilities", "--zarr-format", format, "--run-ids", "TS_1"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let run = "overlay/ExperimentRuns/TS_1", store = run + "/Segmentations/10.000_octopi_1_predict-multilabel.zarr"
    #expect(FileManager.default.fileExists(atPath: folder.path(store + (format == "2" ? "/.zattrs" : "/zarr.json"))))
    let labels = try LabelFiles.labels(folder.path(store))
    #expect(try labels.voxels == LabelFiles.npy(expected.appending(path: "TS_1_labels.npy.gz")))
    let image = try ProbabilityImage(folder.path(run + "/VoxelSpacing10.000/wbp_predict-octopi-1-probabilities_features.zarr"))
    #expect(image.channels == 3 && image.shape == labels.shape)
    let channels = try (0..<3).map { try image.read(channel: $0, VolumeBox(image.shape)) }
    let isWrong = labels.voxels.indices.filter { voxel in
      let values = channels.map { $0[voxel] }
      return abs(values.reduce(0, +) - 1) > 1e-3 || values[Int(labels.voxels[voxel])] < (values.max() ?? 0) - 1e-3
    }
    #expect(isWrong.isEmpty)
    // What is written with the labels is refused with them.
    try FileManager.default.removeItem(atPath: folder.path(store))
    let again = try await Program.run(words, in: folder)
    #expect(again.code == 73 && again.errors.contains("_features.zarr' exists already"))
  }

  @Test func rescaleNeedsTheModelsVoxelSize() async throws {
    let folder = try pipelineFolder()
    let outcome = try await Program.run(Self.pipeline + ["--rescale"], in: folder)
    #expect(outcome.code == 65)
    #expect(
      outcome.errors == """
        octopi: --rescale: model configuration 'model/model_config.yaml' does not say the voxel size that the model was trained on
                add it in angstrom: model: {voxel_size: 10}

        """)
    let configuration = try folder.text("model/model_config.yaml")
    try folder.write(configuration.replacing("model:\n", with: "model:\n  voxel_size: 20\n"), to: "model/model_config.yaml")
    let warned = try await Program.run(Self.pipeline + ["--dry-run"], in: folder)
    #expect(warned.code == 0 && warned.errors.contains("has voxels of 10 A, the model was trained on 20 A"))
    let rescaled = try await Program.run(Self.pipeline + ["--rescale", "--run-ids", "TS_1"], in: folder)
    #expect(rescaled.code == 0 && !rescaled.errors.contains("trained on"))
    let labels = try LabelFiles.labels(folder.path("overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_1_predict-multilabel.zarr"))
    #expect(labels.shape == VolumeShape(z: 24, y: 40, x: 44))
  }

  @Test func dryRunSaysWhatAndWritesNothing() async throws {
    let folder = try pipelineFolder(), before = folder.tree()
    let outcome = try await Program.run(Self.pipeline + ["--dry-run", "--json"], in: folder)
    #expect(outcome.code == 0)
    #expect(folder.tree() == before)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let runs = try #require(document["runs"] as? [[String: Any]])
    #expect(runs.map { $0["windows"] as? Int } == [160, 144])
    #expect(runs.allSatisfy { ($0["seconds"] as? Double ?? 0) > 0 && ($0["memory_bytes"] as? Int ?? 0) > 0 })
  }

  /// The inference guide's three commands, as printed there, on a copy of the demo.
  @Test(.tags(.slow), .onlyOptimised)
  func theGuidesCommandsRunAsPrinted() async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    try Projects.add(Projects.demo.appending(path: "model"), ["best_model_config.yaml"], to: folder)
    try FileManager.default.copyItem(at: Projects.demo.appending(path: "model/model.onnx"), to: URL(filePath: folder.path("best_model.onnx")))
    let readme = try String(contentsOf: Projects.repository.appending(path: "README.md"), encoding: .utf8)
    let commands = CommandLines.printed(in: readme).filter { $0.contains("--seg-info") || $0.contains("--save-path") }
    #expect(commands.count == 3)
    for command in commands {
      let outcome = try await Program.run(Array(command.dropFirst()), in: folder)
      #expect(outcome.code == 0, "\(command): \(outcome.errors)")
    }
    let scores = try folder.text("evaluate_results/average_metrics.yaml")
    let line = try #require(scores.split(separator: "\n").first { $0.hasPrefix("final_fbeta_score: ") })
    #expect(try #require(Double(line.dropFirst("final_fbeta_score: ".count))) >= 0.99)
  }
}

/// Command lines as documents print them.
enum CommandLines {
  /// The words of each `octopi COMMAND ...`, continued lines joined; not what stands inside of a sentence or a table.
  static func printed(in text: String) -> [[String]] {
    text.replacing("\\\n", with: " ").split(separator: "\n").compactMap { line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      guard words.count > 1, words[0] == "octopi", words[1].allSatisfy(\.isLowercase) else { return nil }
      return words
    }
  }
}
