import Foundation
import TestSupport
import Testing

/// Whatever is wrong with what a user gives: the code that is documented, a message that names the file, a remedy, and nothing written.
@Suite("bad input", .tags(.command))
struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Changes a good project; gives the words of the command.
    let spoil: @Sendable (TinyProject) throws -> [String]
    let code: Int
    let errors: String

    init(_ name: String, _ code: Int, _ errors: String, _ spoil: @escaping @Sendable (TinyProject) throws -> [String]) {
      (testDescription, self.spoil, self.code, self.errors) = (name, spoil, code, errors)
    }
  }

  private static func segment(config: String = "config.json", model: String = "model.yaml", weights: String = "model.onnx", _ more: String...) -> [String] {
    ["segment", "-c", config, "-mc", model, "-mw", weights] + more
  }

  static let cases = [
    Case("no configuration", 66, "no configuration 'confg.json'\n        did you mean 'config.json'?") { _ in segment(config: "confg.json") },
    Case(
      "broken configuration", 65,
      "'broken.json' is not JSON: line 2, column 1: a name in double quotes is expected after the comma\n        comments and trailing commas are not allowed"
    ) {
      try $0.folder.write("{\"overlay_root\": \"overlay\",\n}", to: "broken.json")
      return segment(config: "broken.json")
    },
    Case("configuration without objects", 65, "'bare.json': pickable_objects is missing\n        a list of objects is expected") {
      try $0.folder.write("{\"overlay_root\": \"overlay\"}", to: "bare.json")
      return segment(config: "bare.json")
    },
    Case(
      "remote project", 69,
      """
      static_root 's3://bucket/data': only local folders are supported
              copy it here: copick sync tomograms -c remote.json --target-config local.json
              (likewise 'copick sync picks' and 'segmentations'; local.json: a configuration with a local overlay_root and the same objects)
      """
    ) {
      let text = try $0.folder.text("config.json").replacing("\"static_root\": \"static\"", with: "\"static_root\": \"s3://bucket/data\"")
      try $0.folder.write(text, to: "remote.json")
      return segment(config: "remote.json")
    },
    Case("unknown run", 66, "project has no run 'TS_2'\n        did you mean 'TS_1'? There are: TS_1") { _ in segment("--run-ids", "TS_2") },
    Case("wrong tomogram", 66, "no run has a tomogram 'denoised' at 10 A\n        it has: wbp@10. Try --tomo-uri wbp@10") { _ in
      segment("--tomo-alg", "denoised")
    },
    Case("wrong tomogram of a named run", 66, "run 'TS_1' has no tomogram 'wbp' at 13.48 A\n        it has: wbp@10. Try --tomo-uri wbp@10") { _ in
      segment("--tomo-uri", "wbp@13.48", "-runs", "TS_1")
    },
    Case("no network", 66, "no model 'modell.onnx'\n        there is 'model.onnx': try --model-weights model.onnx") { _ in
      segment(weights: "modell.onnx")
    },
    Case(
      "weights of PyTorch", 65,
      """
      'best_model.pth' holds weights of PyTorch, not a network in ONNX
              the same folder holds 'model.onnx': try --model-weights model.onnx
              export it once: python Scripts/export_onnx.py --model-config model.yaml --model-weights best_model.pth
      """
    ) {
      try $0.write([0x50, 0x4B, 3, 4], to: "best_model.pth")
      return segment(weights: "best_model.pth")
    },
    Case(
      "weights of PyTorch alone", 65,
      """
      'weights/best_model.pth' holds weights of PyTorch, not a network in ONNX
              export it once: python Scripts/export_onnx.py --model-config model.yaml --model-weights weights/best_model.pth
      """
    ) {
      try $0.write([0x50, 0x4B, 3, 4], to: "weights/best_model.pth")
      return segment(weights: "weights/best_model.pth")
    },
    Case(
      "weights of PyTorch beside the network of their name", 65,
      """
      'm/best.pth' holds weights of PyTorch, not a network in ONNX
              the same folder holds 'm/best.onnx': try --model-weights m/best.onnx
              export it once: python Scripts/export_onnx.py --model-config model.yaml --model-weights m/best.pth
      """
    ) {
      try $0.write([0x50, 0x4B, 3, 4], to: "m/best.pth")
      for name in ["another", "best"] { try $0.write(TinyProject.threshold(), to: "m/\(name).onnx") }
      return segment(weights: "m/best.pth")
    },
    Case("overlap of all", 64, "--overlap 1.0 is not at least 0 and below 1\n        0.5 is the default; 0.25 takes half the time") { _ in
      segment("--overlap", "1.0")
    },
    Case("contradicting options", 64, "'--voxel-size 10.0' and '--tomo-uri wbp@13.48' contradict each other\n        give one of them") { _ in
      segment("--voxel-size", "10", "--tomo-uri", "wbp@13.48")
    },
    Case(
      "weights of PyTorch under another name", 65,
      """
      'models/best.onnx' holds weights of PyTorch, not a network in ONNX
              the same folder holds 'models/good.onnx': try --model-weights models/good.onnx
              export it once: python Scripts/export_onnx.py --model-config model.yaml --model-weights models/best.onnx
      """
    ) {
      try $0.write([0x50, 0x4B, 3, 4], to: "models/best.onnx")
      try $0.write(TinyProject.threshold(), to: "models/good.onnx")
      return segment(weights: "models/best.onnx")
    },
    Case(
      "a model that octopi downloads", 69,
      """
      'tomogram-boundary' is a model that Python octopi downloads, and no file here
              let Python octopi download it, then: python Scripts/export_onnx.py --model-config tomogram-boundary/config.yaml --model-weights tomogram-boundary/weights.pth
      """
    ) { _ in segment(weights: "tomogram-boundary") },
    Case("no model configuration", 66, "no model configuration 'other.yaml'") { _ in segment(model: "other.yaml") },
    Case(
      "model configuration without labels", 65,
      "model configuration 'model.yaml' has no 'labels'\n        add it, for instance: labels: {ribosome: 1, membrane: 2}"
    ) {
      try $0.folder.write("model:\n  num_classes: 2\n  dim_in: 16\n", to: "model.yaml")
      return segment()
    },
    Case(
      "other number of channels", 65,
      "model 'model.onnx' gives 2 channels, but 'model.num_classes' in 'model.yaml' is 3\n        give the configuration that was written beside this model"
    ) {
      try $0.folder.write("model:\n  num_classes: 3\n  dim_in: 16\nlabels:\n  ribosome: 1\n", to: "model.yaml")
      return segment()
    },
    Case(
      "a window that the network refuses", 65,
      "'model.onnx': input 'input': the model declares shape [batch, 1, 16, 16, 16], [1, 1, 20, 20, 20] was given\n        choose another dim_in (or roi) in 'model.yaml'; 'octopi info model.onnx' shows what the network takes"
    ) {
      try $0.folder.write("model:\n  num_classes: 2\n  dim_in: 20\nlabels:\n  ribosome: 1\n", to: "model.yaml")
      return segment()
    },
    Case("two networks, three configurations", 64, "Number of model weights and model configs must match for ensemble prediction: 2 and 3\n        give one configuration for all models, or one for each in the same order") { _ in
      segment(model: "model.yaml,model.yaml,model.yaml", weights: "model.onnx,model.onnx")
    },
    Case(
      "not a number in the tomogram", 65, """
      tomogram 'static/ExperimentRuns/TS_1/VoxelSpacing10.000/wbp.zarr' holds NaN at voxel (z, y, x) = (3, 0, 17)
              replace such voxels by the mean of the others: one of them would make every label 0
      """
    ) {
      var voxels = TinyProject.ball
      voxels[3 * 28 * 32 + 17] = .nan
      try FileManager.default.removeItem(atPath: $0.folder.path("static"))
      try $0.add("TS_1", littleEndianBytes(voxels))
      return segment()
    },
    Case("labels never made", 66, "no run has a segmentation predict:octopi/1 at 10 A\n        there is none. Make it with 'octopi segment'") { _ in
      TinyProject.localize
    },
    Case("object without radius", 65, "'config.json': object 'ribosome' has no radius above 0\n        give it one, or leave 'ribosome' out with --pick-objects") {
      let text = try $0.folder.text("config.json").replacing(", \"radius\": 50.0", with: "")
      try $0.folder.write(text, to: "config.json")
      return TinyProject.localize
    },
    Case("no such object", 66, "no particle of the project is called 'membrane'\n        its particles are 'ribosome'") { _ in
      ["evaluate", "-c", "config.json", "-gtuid", "me", "-names", "membrane"]
    },
  ]

  @Test(arguments: cases)
  func saysWhatIsWrong(bad: Case) async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    let words = try bad.spoil(project), before = project.folder.tree()
    let outcome = try await Program.run(words, in: project.folder)
    #expect(outcome.code == bad.code)
    #expect(outcome.errors == "octopi: \(bad.errors)\n")
    #expect(outcome.output == "" || words[0] == "evaluate")
    #expect(project.folder.tree() == before)
  }

  // MARK: Longer messages, checked in part

  /// Every prefix of a good file is refused, none is a defect of ours.
  @Test func aTruncatedNetworkIsDamaged() async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    let bytes = try Data(contentsOf: URL(filePath: project.folder.path("model.onnx")))
    for length in [0, 1, 10, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(filePath: project.folder.path("model.onnx")))
      let outcome = try await Program.run(TinyProject.segment, in: project.folder)
      #expect(outcome.code == 65, "\(length) bytes")
      #expect(outcome.errors.hasPrefix("octopi: 'model.onnx' is not a valid ONNX model: "))
      #expect(outcome.errors.split(separator: "\n").count == 2)
      #expect(!FileManager.default.fileExists(atPath: project.folder.path("overlay")))
    }
  }

  @Test func operatorsThatAreMissingAreListed() async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    var model = TinyProject.threshold()
    model.graph.nodes = [
      ONNXNode("Conv", ["input", "w", "b"], ["a"]), ONNXNode("Frobnicate", ["a"], ["c"]), ONNXNode("Transmogrify", ["c"], ["logits"], domain: "com.example"),
    ]
    try project.write(model, to: "model.onnx")
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 69)
    for part in ["'model.onnx' needs what this program does not have", "Frobnicate", "Transmogrify"] { #expect(outcome.errors.contains(part)) }
    #expect(!FileManager.default.fileExists(atPath: project.folder.path("overlay")))
  }

  /// A Blosc frame that is cut short, and one with a wrong byte in its header.
  @Test(arguments: [true, false])
  func aDamagedChunkIsNamed(isCut: Bool) async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static", "model"])
    let chunk = "static/ExperimentRuns/TS_6_6/VoxelSpacing10.000/wbp.zarr/0/0/0/0"
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.path(chunk))))
    if isCut { bytes.removeLast() } else { bytes[12] ^= 0x40 }
    try Data(bytes).write(to: URL(filePath: folder.path(chunk)))
    let words = ["segment", "-c", "config.json", "-mc", "model/best_model_config.yaml", "-mw", "model/model.onnx", "-runs", "TS_6_6"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 65)
    #expect(outcome.errors.hasPrefix("octopi: '\(chunk)' is damaged"))
    #expect(!folder.tree().contains { $0.contains("Segmentations") && $0.hasPrefix("overlay") })
  }
}
