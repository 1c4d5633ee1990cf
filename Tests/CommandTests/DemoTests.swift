import Foundation
import TestSupport
import Testing

@testable import Octopi

/// The trained network on the demo project: labels against PyTorch's, then the same number of picks in the same places.
@Suite("demo", .tags(.command, .slow), .serialized, .onlyOptimised)
struct DemoTests {
  private static let runs = ["TS_1_4", "TS_5_4", "TS_6_6"]
  private static let objects = ["apo-ferritin", "beta-galactosidase", "ribosome", "virus-like-particle"]

  /// At least 99.995 % of the voxels of every run: octopi's averaged logits have margins below 1e-4 in 2 voxels of a run.
  private func expectLabels(_ store: String, in folder: TemporaryFolder, equal expected: String) throws {
    let ours = try LabelFiles.labels(folder.path("overlay/ExperimentRuns/\(store)"))
    let theirs = try LabelFiles.labels(Projects.demoExpected.appending(path: "\(expected)/ExperimentRuns/\(store)").path)
    let differences = try #require(LabelFiles.differences(ours, theirs))
    #expect(Double(differences) <= 0.00005 * Double(ours.voxels.count), "\(store): \(differences) voxels differ")
  }

  private func segment(_ folder: TemporaryFolder, _ options: [String], environment: [String: String] = [:]) async throws {
    let words = ["segment", "-c", "config.json", "-mc", "model/best_model_config.yaml", "--tomo-uri", "wbp@10.0"]
    let outcome = try await Program.run(words + options, in: folder, environment: environment)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  private func demo() throws -> TemporaryFolder {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static", "model"])
    try Projects.add(Projects.demoExpected, ["model.ts.onnx"], to: folder)
    return folder
  }

  /// Both exporters of PyTorch, and every instruction set of this machine.
  @Test(arguments: ["model/model.onnx", "model.ts.onnx"])
  func labelsAndPicksAreOctopis(model: String) async throws {
    let folder = try demo()
    try await segment(folder, ["-mw", model, "--seg-uri", "predict:unet/1"])
    for run in Self.runs { try expectLabels("\(run)/Segmentations/10.000_unet_1_predict-multilabel.zarr", in: folder, equal: "overlay") }

    for (method, session) in [("watershed", "1"), ("com", "2")] {
      let words = ["localize", "-c", "config.json", "--seg-uri", "predict:unet/1", "-m", method, "-psid", session]
      #expect(try await Program.run(words, in: folder).code == 0)
      for run in Self.runs {
        for object in Self.objects {
          let file = "ExperimentRuns/\(run)/Picks/octopi_\(session)_\(object).json"
          let ours = try Picks(file: folder.path("overlay/" + file)), theirs = try Picks(file: Projects.demoExpected.appending(path: "overlay/" + file).path)
          #expect(abs(ours.points.count - theirs.points.count) <= 1, "\(file)")
          let far = ours.points.count { point in !theirs.points.contains { distance($0.centre, point.centre) <= 5 } }
          #expect(far <= 1, "\(file): \(far) picks are elsewhere")
        }
      }
    }
  }

  private func distance(_ a: ParticleCentre, _ b: ParticleCentre) -> Double {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z)).squareRoot()
  }

  @Test func otherNumbersOfOrientationsAreOctopis() async throws {
    let folder = try demo()
    try await segment(folder, ["-mw", "model/model.onnx", "--run-ids", "TS_6_6", "--ntta", "1", "--seg-uri", "predict:unet/ntta1"])
    try await segment(
      folder, ["-mw", "model/model.onnx", "--run-ids", "TS_6_6", "--ntta", "8", "--overlap", "0.25", "-swbs", "1", "--seg-uri", "predict:unet/ntta8"])
    for session in ["ntta1", "ntta8"] {
      try expectLabels("TS_6_6/Segmentations/10.000_unet_\(session)_predict-multilabel.zarr", in: folder, equal: "variants")
      let log = "logs/segment-unet_\(session)_predict.yaml"
      let wanted = try String(contentsOf: Projects.demoExpected.appending(path: "variants/" + log), encoding: .utf8)
      #expect(try folder.text("overlay/" + log) == wanted.replacing("model/best_model.pth", with: "model/model.onnx"))
    }
  }

  /// The weaker instruction sets give the labels of the strongest within the same bound.
  @Test(arguments: ["portable", "avx2", "avx512", "neon"])
  func everyInstructionSetGivesTheSame(isa: String) async throws {
    let folder = try demo()
    let probe = try await Program.run(["--version"], in: folder, environment: ["OCTOPI_ISA": isa])
    #expect(probe.code == 0)
    let words = ["segment", "-c", "config.json", "-mc", "model/best_model_config.yaml", "-mw", "model/model.onnx", "--seg-uri", "predict:unet/1"]
    let outcome = try await Program.run(words + ["--run-ids", "TS_6_6"], in: folder, environment: ["OCTOPI_ISA": isa])
    if outcome.code == 69 {
      #expect(outcome.errors.hasPrefix("octopi: OCTOPI_ISA is '\(isa)', which this machine does not have\n        it has: portable"))
    } else {
      #expect(outcome.code == 0, "\(outcome.errors)")
      try expectLabels("TS_6_6/Segmentations/10.000_unet_1_predict-multilabel.zarr", in: folder, equal: "overlay")
    }
  }

  @Test func theCommandRunsTheWholeWay() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(["demo", "here"], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("final score ") })
    #expect(try #require(Double(line.dropFirst("final score ".count))) >= 0.99)
    for name in ["overlay/logs/segment-unet_1_predict.yaml", "scores/metrics.json", "model/model.onnx", "static/ExperimentRuns/TS_1_4/.meta", "preview.png", "preview.html"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("here/" + name)), "\(name)")
    }
    #expect(outcome.output.hasSuffix("\nlook at it: here/preview.html\n"))
    let again = try await Program.run(["demo", "here"], in: folder)
    #expect(again.code == 73)
    #expect(again.errors.hasPrefix("octopi: 'here' exists already\n"))
  }

  @Test func theCommandReplacesNobodysFiles() async throws {
    let folder = try TemporaryFolder()
    try folder.write("{}", to: "mine/config.json")
    let outcome = try await Program.run(["demo", "mine", "--overwrite"], in: folder)
    #expect(outcome.code == 73)
    #expect(outcome.errors == "octopi: 'mine' is no demo: it is not replaced\n        choose another folder: octopi demo FOLDER\n")
    #expect(folder.tree() == ["mine/", "mine/config.json"])
  }
}

extension Trait where Self == ConditionTrait {
  /// Whole tomograms take minutes without optimisation.
  static var onlyOptimised: Self {
    #if DEBUG
      .disabled("takes minutes without optimisation: swift test -c release -Xswiftc -enable-testing")
    #else
      .enabled(if: true)
    #endif
  }
}
