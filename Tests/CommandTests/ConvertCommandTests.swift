import Foundation
import Graph
import TestSupport
import Testing

@testable import Octopi

/// `octopi convert`, and the commands that take what it writes.
@Suite("octopi convert", .tags(.command))
struct ConvertCommandTests {
  private static let model = "model/blob.onnx", configuration = "model/model_config.yaml"
  private static let convert = ["convert", model, "--model-config", configuration, "-o", "blob.octopi"]

  private func folder() throws -> TemporaryFolder { try Projects.copy(Projects.pipeline, ["config.json", "static", "model"]) }

  /// The same labels and the same log, but for the names of files; no configuration is needed.
  @Test func segmentsLikeTheSource() async throws {
    let folder = try folder()
    let converted = try await Program.run(Self.convert + ["--objects", "config.json", "--json"], in: folder)
    #expect(converted.code == 0, "\(converted.errors)")
    let document = try #require(JSONSerialization.jsonObject(with: Data(converted.output.utf8)) as? [String: Any])
    #expect(document["window"] as? [Int] == [16, 16, 16] && document["classes"] as? Int == 3)
    let digest = try SHA256.digest([UInt8](Data(contentsOf: URL(filePath: folder.path(Self.model)))))
    #expect(document["source_sha256"] as? String == digest)
    try folder.write("", to: "other/.keep")
    let words = ["segment", "-c", "config.json", "--run-ids", "TS_2", "--seg-uri"]
    let first = try await Program.run(words + ["a", "-mw", Self.model, "-mc", Self.configuration], in: folder)
    let second = try await Program.run(words + ["b", "-mw", "blob.octopi"], in: folder)
    #expect(first.code == 0 && second.code == 0, "\(first.errors)\(second.errors)")
    func store(_ name: String) -> String { folder.path("overlay/ExperimentRuns/TS_2/Segmentations/10.000_octopi_1_\(name)-multilabel.zarr") }
    #expect(try LabelFiles.labels(store("a")).voxels == LabelFiles.labels(store("b")).voxels)
    let log = try folder.text("overlay/logs/segment-octopi_1_b.yaml")
    let wanted = try folder.text("overlay/logs/segment-octopi_1_a.yaml")
      .replacing(Self.configuration, with: "blob.octopi").replacing(Self.model, with: "blob.octopi").replacing("seg_name: a", with: "seg_name: b")
    #expect(log == wanted)
  }

  @Test func carriesWhatWasGiven() async throws {
    let folder = try folder()
    #expect(try await Program.run(Self.convert + ["--objects", "config.json"], in: folder).code == 0)
    let file = try NetworkFile(path: folder.path("blob.octopi"))
    #expect(file.converted?.configuration == (try folder.text(Self.configuration)))
    let objects = try CopickConfiguration(file: folder.path("config.json")).objects, carried = try #require(try file.objects)
    #expect(carried.map(\.name) == objects.map(\.name) && carried.map(\.radius) == objects.map(\.radius) && carried.map(\.color) == objects.map(\.color))
    #expect(carried.map(\.label) == objects.map(\.label) && !carried.isEmpty)
    let source = try NetworkFile(path: folder.path(Self.model))
    #expect(file.inputs.map(\.name) == source.inputs.map(\.name) && file.outputs.map(\.name) == source.outputs.map(\.name))
  }

  /// What `info` says of the file, as text and as JSON; `bench` takes the window that it is ready for.
  @Test func tellsWhatItHolds() async throws {
    let folder = try folder()
    #expect(try await Program.run(Self.convert + ["--objects", "config.json"], in: folder).code == 0)
    let bytes = try Data(contentsOf: URL(filePath: folder.path("blob.octopi"))).count
    let digest = try SHA256.digest([UInt8](Data(contentsOf: URL(filePath: folder.path(Self.model)))))
    let text = try await Program.run(["info", "blob.octopi"], in: folder).output
    #expect(text.contains("  .octopi file of format 2, ") && text.contains("  from 'blob.onnx', ") && text.contains("SHA-256 \(digest)\n"), "\(text)")
    #expect(text.contains("  ready for windows of 16 x 16 x 16 with 3 classes\n") && text.contains("  configuration: window 16 x 16 x 16, 3 classes, labels "), "\(text)")
    let outcome = try await Program.run(["info", "blob.octopi", "--json"], in: folder)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let conversion = try #require(document["conversion"] as? [String: Any])
    #expect(conversion["format"] as? Int == 2 && conversion["bytes"] as? Int == bytes && conversion["source_sha256"] as? String == digest)
    let windows = try #require(conversion["windows"] as? [[String: Any]]), objects = try #require(conversion["objects"] as? [[String: Any]])
    #expect(windows.count == 1 && windows[0]["size"] as? [Int] == [16, 16, 16] && windows[0]["classes"] as? Int == 3)
    let names = try CopickConfiguration(file: folder.path("config.json")).objects.map(\.name)
    #expect(objects.compactMap { $0["name"] as? String } == names)
    let source = try await Program.run(["info", Self.model, "--json"], in: folder)
    let other = try #require(JSONSerialization.jsonObject(with: Data(source.output.utf8)) as? [String: Any])
    #expect(other["conversion"] is NSNull && other["parameters"] as? Int == document["parameters"] as? Int)
    let bench = try await Program.run(["bench", "blob.octopi", "--size", "16", "--rounds", "1", "--json"], in: folder)
    let times = try #require(JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any])
    #expect((times["load_seconds"] as? Double ?? 0) > 0 && (times["window"] as? [String: Any])?["shape"] as? [Int] == [1, 1, 16, 16, 16])
  }

  @Test func existingFilesAreKept() async throws {
    let folder = try folder()
    #expect(try await Program.run(Self.convert, in: folder).code == 0)
    let bytes = try Data(contentsOf: URL(filePath: folder.path("blob.octopi")))
    let refused = try await Program.run(Self.convert, in: folder)
    #expect(refused.code == 73)
    #expect(refused.errors.contains("'blob.octopi' exists already"))
    #expect(try await Program.run(Self.convert + ["--overwrite"], in: folder).code == 0)
    #expect(try Data(contentsOf: URL(filePath: folder.path("blob.octopi"))) == bytes)
    #expect(folder.tree().allSatisfy { !$0.contains(".lock") && !$0.contains(".partial") })
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let words: String, code: Int, message: String
    var testDescription: String { words }
  }

  @Test(arguments: [
    Wrong(words: "blob.octopi -o again.octopi", code: 65, message: "'blob.octopi' is converted already"),
    Wrong(words: "model/blob.onnx --objects none.json -o x.octopi", code: 66, message: "no configuration 'none.json'"),
    Wrong(words: "model/blob.onnx --objects broken.json -o x.octopi", code: 65, message: "'broken.json'"),
    Wrong(words: "model/blob.onnx --model-config four.yaml -o x.octopi", code: 65, message: "gives 3 channels, but 'model.num_classes' in 'four.yaml' is 4"),
    Wrong(words: "model/blob.onnx --model-config none.yaml -o x.octopi", code: 66, message: "no model configuration 'none.yaml'"),
    Wrong(words: "model/blob.onnx --model-config model/model_config.yaml --size 32 -o x.octopi", code: 64, message: "contradict each other"),
    Wrong(words: "model/blob.onnx --size 0 -o x.octopi", code: 64, message: "--size 0 is not the edge of a window"),
    Wrong(words: "model/blob.onnx", code: 64, message: "--output is missing"),
    Wrong(words: "model/blob.onnx -o model/blob.onnx --overwrite", code: 64, message: "is the network itself"),
    Wrong(words: "missing.onnx -o x.octopi", code: 66, message: "no model 'missing.onnx'"),
  ])
  func refuses(wrong: Wrong) async throws {
    let folder = try folder()
    #expect(try await Program.run(Self.convert, in: folder).code == 0)
    try folder.write("{", to: "broken.json")
    try folder.write(try folder.text(Self.configuration).replacing("num_classes: 3", with: "num_classes: 4"), to: "four.yaml")
    let before = folder.tree()
    let outcome = try await Program.run(["convert"] + wrong.words.split(separator: " ").map(String.init), in: folder)
    #expect(outcome.code == wrong.code, "\(outcome.errors)")
    #expect(outcome.errors.contains(wrong.message), "\(outcome.errors)")
    #expect(folder.tree() == before)
  }

  /// What is damaged on the way is refused by whoever reads it.
  @Test(arguments: [("truncated", 65, "is damaged"), ("flipped", 65, "checksum is wrong"), ("newer", 69, "version 3"), ("foreign", 65, "is not a .octopi file")])
  func damagedFilesAreRefused(kind: String, code: Int, message: String) async throws {
    let folder = try folder(), url = URL(filePath: folder.path("blob.octopi"))
    #expect(try await Program.run(Self.convert, in: folder).code == 0)
    var bytes = [UInt8](try Data(contentsOf: url))
    switch kind {
    case "truncated": bytes.removeLast(5000)
    case "flipped": bytes[bytes.count - 5000] ^= 4
    case "newer": bytes[8] = 3
    default: bytes = Array("not a network at all".utf8)
    }
    try Data(bytes).write(to: url)
    let outcome = try await Program.run(["segment", "-c", "config.json", "-mw", "blob.octopi"], in: folder)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("overlay/ExperimentRuns/TS_2")))
  }

  /// A file that an earlier program wrote is read, and gives the same numbers.
  @Test func theFirstVersionIsRead() throws {
    let file = try NetworkFile(path: TestData.root.appending(path: "model-file/version-1.octopi").path(percentEncoded: false))
    let source = try NetworkFile(path: Projects.pipeline.appending(path: "model/blob.onnx").path(percentEncoded: false))
    #expect(file.converted?.summary.program == "octopi 0.1.0" && file.converted?.preparedWindows.map(\.size) == [[16, 16, 16]])
    #expect(file.converted?.summary.sha256 == (try SHA256.digest(ofFile: source.path)))
    let pool = JobThreads.forJob(1), kernels = try JobKernels.forJob()
    let input = Tensor(TensorType(.float32, [1, 1, 16, 16, 16]), rounding: (0..<4096).map { Double($0 * 37 % 101) / 50 - 1 })
    let made = try ModelRunner(file.graph, kernels: kernels, pool: pool).run([input])
    let wanted = try ModelRunner(source.graph, kernels: kernels, pool: pool).run([input])
    #expect(made == wanted)
    #expect(made[0].doubles.contains { $0 != 0 })
    #expect(try file.window(size: [16, 16, 16], classes: 3).classes == 3)
  }

  /// Nothing is known of a network alone: the answer is a configuration to begin with.
  @Test func aNetworkAloneGetsATemplate() async throws {
    let folder = try folder()
    let outcome = try await Program.run(["segment", "-c", "config.json", "-mw", Self.model], in: folder)
    #expect(outcome.code == 66)
    #expect(outcome.errors.hasPrefix("octopi: there is no configuration for 'model/blob.onnx'"))
    let yaml = outcome.errors.split(separator: "\n").drop { !$0.contains("model:") }.map { $0.trimmingPrefix("        ") }.joined(separator: "\n")
    let configuration = try ModelConfiguration(yaml: yaml, file: "t")
    #expect(configuration.classes == 3 && configuration.labels.map(\.value) == [1, 2])
  }

  /// A hand-written configuration; options take the place of its keys.
  @Test func optionsStandForKeys() async throws {
    let folder = try folder()
    try folder.write("model: {num_classes: 3, roi: [16, 16, 16], head: sigmoid, normalize: window}\nlabels: {a: 3}\n", to: "mine.yaml")
    let words = ["segment", "-c", "config.json", "-mw", Self.model, "-mc", "mine.yaml", "--dry-run"]
    #expect(try await Program.run(words, in: folder).code == 0)
    let softmax = try await Program.run(words + ["--head", "softmax"], in: folder)
    #expect(softmax.code == 65 && softmax.errors.contains("'labels.a' is '3'"), "with a softmax there are classes 1 and 2: \(softmax.errors)")
    let window = try await Program.run(words + ["--roi", "16,8,24"], in: folder)
    #expect(window.code == 65 && window.errors.contains("[1, 1, 16, 8, 24] was given"), "\(window.errors)")
    for (option, value) in [("--roi", "1,2"), ("--roi", "16,16,x"), ("--head", "argmax"), ("--normalize", "perhaps")] {
      let outcome = try await Program.run(words + [option, value], in: folder)
      #expect(outcome.code == 64 && outcome.errors.contains("\(option) '\(value)'"), "\(outcome.errors)")
    }
  }
}
