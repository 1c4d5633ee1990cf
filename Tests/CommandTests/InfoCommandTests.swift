import Foundation
import TestSupport
import Testing

@Suite("octopi info", .tags(.command))
struct InfoCommandTests {
  private static let labels = Projects.demoExpected.appending(
    path: "overlay/ExperimentRuns/TS_6_6/Segmentations/10.000_unet_1_predict-multilabel.zarr"
  ).path

  private static func network(_ words: [String], extra: [ONNXNode] = [], isa: String = "portable") async throws -> Outcome {
    let folder = try TemporaryFolder()
    try Networks.write(Networks.twoConvolutions(extra: extra), to: folder)
    return try await Program.run(["info", "model.onnx"] + words, in: folder, environment: ["OCTOPI_ISA": isa])
  }

  @Test func saysWhatANetworkIs() async throws {
    let outcome = try await Self.network([])
    #expect(outcome.code == 0)
    #expect(
      outcome.output == """
        model.onnx: a network
          written by octopi tests, IR version 8, opset 17
          takes 'x' float [batch, ?, z, y, ?]
          gives 'logits' float [batch, 3, z, y, ?]
          124 parameters, 496 bytes
          3 nodes: 2 Conv, 1 Relu

        """)
  }

  struct Plan: Decodable {
    struct Step: Decodable {
      let name, kernel, shape: String
      let gflop: Double
      let reference: Bool
    }
    let isa: String
    let input_shapes: [[Int]]
    let gflop: Double
    let reference_steps, arena_bytes, parameter_bytes: Int
    let steps: [Step]
  }
  struct Document: Decodable {
    let kind: String
    let plan: Plan
  }

  /// 3x3x3 from 1 to 4 channels, 1x1x1 from 4 to 3, on 6 x 8 x 10 voxels.
  @Test func plansInSteps() async throws {
    let outcome = try await Self.network(["--plan", "--size", "6,8,10", "--json"])
    let plan = try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8)).plan
    #expect(plan.isa == "portable")
    #expect(plan.input_shapes == [[1, 1, 6, 8, 10]])
    #expect(abs(plan.gflop - 2e-9 * 480 * (27 * 4 + 4 * 3)) < 1e-15)
    #expect(plan.reference_steps == 0)
    #expect(plan.steps.filter { $0.name == "encoder" }.contains { $0.kernel.hasPrefix("convolution 3x3x3") && $0.shape == "1 -> 1x4x6x8x10" })
    #expect(plan.steps.contains { $0.name == "head" && $0.kernel.hasPrefix("convolution 1x1x1") })
    #expect(plan.arena_bytes >= 4 * 480 * (1 + 4 + 3) && plan.parameter_bytes >= 4 * 120)
  }

  @Test func aStepWithoutAKernelStandsOut() async throws {
    let outcome = try await Self.network(["--plan", "--size", "4"], extra: [ONNXNode("Sinh", ["r"], ["s"], name: "slow")])
    #expect(outcome.code == 0)
    let words = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(words.contains { $0.count > 4 && $0[1] == "slow" && $0[2] == "REFERENCE" && $0[3] == "Sinh" }, "\(outcome.output)")
    #expect(outcome.output.hasSuffix("\n1 step without a kernel, marked REFERENCE: by plain loops, slowly\n"))
  }

  @Test func showsTheGraphAfterEachPass() async throws {
    let outcome = try await Self.network(["--plan", "--passes", "--size", "4"])
    #expect(outcome.output.hasPrefix("after reading: 3 nodes\n  h = Conv(x, <w [4, 1, 3, 3, 3]>, <b [4]>)   encoder\n"))
    #expect(outcome.output.contains("after fixing all shapes: 3 nodes\n  h float [1, 4, 4, 4, 4] = Conv(x, "))
    #expect(outcome.output.contains("\nafter dead code: "))
  }

  @Test func takesTheWindowOfAConfiguration() async throws {
    let folder = try TemporaryFolder()
    try Networks.write(Networks.twoConvolutions(), to: folder)
    try folder.write("model:\n  num_classes: 3\n  roi: [4, 6, 8]\nlabels:\n  a: 1\n  b: 2\n", to: "model.yaml")
    let outcome = try await Program.run(["info", "model.onnx", "--plan", "--model-config", "model.yaml"], in: folder)
    #expect(outcome.output.contains("1 -> 1x4x4x6x8"))
  }

  @Test func saysWhatAProjectHas() async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    let outcome = try await Program.run(["info", "config.json"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.output.hasPrefix("config.json: a copick project 'octopi demo', 3 runs\n  read from 'static'\n  written to 'overlay'\n"))
    #expect(outcome.output.contains("\nmembrane             segmented      5\n"))
    #expect(outcome.output.contains("\ntomogram  runs\nwbp@10       3\n"))
    #expect(outcome.output.contains("\ndata-portal/0 ribosome                3\n"))
  }

  @Test func countsLabels() async throws {
    let outcome = try await Program.run(["info", Self.labels], in: TemporaryFolder()), volume = try LabelFiles.labels(Self.labels)
    #expect(outcome.output.hasPrefix("\(Self.labels): a label volume, OME-Zarr (Zarr v2)\n  72 x 150 x 132 voxels (z, y, x) of uint8, voxels of 10 A\n"))
    let rows = outcome.output.split(separator: "\n").suffix(6).map { $0.split(separator: " ").map { $0.filter(\.isNumber) } }
    #expect(rows == (0...5).map { label in ["\(label)", "\(volume.voxels.count { $0 == label })"] })
  }

  @Test func saysWhatATomogramIs() async throws {
    let path = Projects.demo.appending(path: "static/ExperimentRuns/TS_6_6/VoxelSpacing10.000/wbp.zarr").path
    let outcome = try await Program.run(["info", path, "--json"], in: TemporaryFolder())
    #expect(outcome.output.contains("\"kind\": \"tomogram\"") && outcome.output.contains("\"type\": \"int8\""))
  }

  /// `octopi info --operators > Docs/Operators.md` makes them equal again.
  @Test func theCommittedListOfOperatorsIsPrintedFromTheDeclarations() async throws {
    let outcome = try await Program.run(["info", "--operators"], in: TemporaryFolder())
    #expect(outcome.code == 0)
    #expect(outcome.output == (try String(contentsOf: Projects.repository.appending(path: "Docs/Operators.md"), encoding: .utf8)))
  }

  @Test(arguments: [
    (["info", "-q"], 64, "octopi: FILE is missing\n"),
    (["info", "nothing"], 66, "octopi: no file 'nothing'\n        give a network, a project's config.json, or a tomogram (Zarr, MRC)\n"),
    (["info", labels, "--plan"], 64, "octopi: --plan is for networks, '\(labels)' is none\n"),
    (["info", labels, "--size", "8"], 64, "octopi: --size needs --plan\n"),
    (["info", labels, "--passes"], 64, "octopi: --passes needs --plan\n"),
  ])
  func saysWhatIsWrong(words: [String], code: Int, message: String) async throws {
    let outcome = try await Program.run(words, in: TemporaryFolder())
    #expect(outcome.code == code)
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
    #expect(outcome.output == "")
  }
}
