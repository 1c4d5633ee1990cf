import Foundation
import TestSupport
import Testing

/// A network with a step that has no kernel, in a job.
@Suite("slow steps", .tags(.command))
struct SlowStepsTests {
  /// The demo with a network of one convolution and `Sinh`, for windows of 32.
  private static func project(_ operation: String) throws -> TemporaryFolder {
    let folder = try Projects.copy(Projects.pipeline, ["config.json", "static"])
    let model = ONNXModel(
      ONNXGraph(
        [
          ONNXNode("Conv", ["x", "w"], ["h"], ["pads": .ints([1, 1, 1, 1, 1, 1])], name: "conv"),
          ONNXNode(operation, ["h"], ["logits"], name: "last"),
        ],
        inputs: [ONNXValue("x", ["n", 1, "z", "y", "x"])], outputs: [ONNXValue("logits", ["n", 2, "z", "y", "x"])],
        initialisers: [.floats("w", [2, 1, 3, 3, 3], (0..<54).map { Float($0 % 5) / 8 - 0.25 })]))
    try Networks.write(model, to: folder)
    try folder.write("model:\n  num_classes: 2\n  dim_in: 16\nlabels:\n  a: 1\n", to: "model.yaml")
    return folder
  }

  private static func segment(_ folder: TemporaryFolder, _ extra: [String] = []) async throws -> Outcome {
    try await Program.run(
      ["segment", "-c", "config.json", "-mw", "model.onnx", "-mc", "model.yaml", "-ntta", "1", "--seg-uri", "slow:test/1"] + extra, in: folder)
  }

  @Test func aJobSaysWhatTheyCost() async throws {
    let outcome = try await Self.segment(try Self.project("Sinh"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    let line = outcome.errors.split(separator: "\n").first { $0.contains("without a kernel") }
    #expect(line?.hasPrefix("octopi: 'model.onnx': 1 step without a kernel ('last') took ") == true, "\(outcome.errors)")
    #expect(line?.hasSuffix(" % of its time; 'octopi info model.onnx --plan' shows them") == true)
  }

  @Test func aJobWithKernelsSaysNothing() async throws {
    let outcome = try await Self.segment(try Self.project("Sin"))
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("kernel"))
  }
}
