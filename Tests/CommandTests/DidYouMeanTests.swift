import TestSupport
import Testing

@testable import OctopiCommand

/// A name with a slip in it: what there is, and what was most likely meant.
@Suite("did you mean", .tags(.command))
struct DidYouMeanTests {
  struct Slip: Sendable, CustomTestStringConvertible {
    let words: [String]
    let code: Int
    let message: String
    let remedy: String
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String, _ message: String, _ remedy: String, code: Int = 66) {
      self.words = words.split(separator: " ").map(String.init)
      (self.code, self.message, self.remedy) = (code, message, remedy)
    }
  }

  static let network = "-mc model/best_model_config.yaml -mw model/model.onnx"
  static let runs = "TS_1_4, TS_5_4, TS_6_6"
  static let particles = "apo-ferritin, beta-galactosidase, ribosome, virus-like-particle"
  static let noRun = "project has no run 'TS_1_5'"
  static let run = "did you mean 'TS_1_4', 'TS_5_4', 'TS_6_6'? There are: \(runs)"
  static let object = "did you mean 'ribosome'? There are: \(particles)"
  static let noLabels = "no run has a segmentation predct:unet/1 at 10 A"
  static let labels = "there are: membrane:data-portal/0@10, predict:unet/1@10. Try --seg-uri predict:unet/1"
  static let slips = [
    Slip("segment -c config.jsn \(network)", "no configuration 'config.jsn'", "did you mean 'config.json'?"),
    Slip(
      "segment -c config.json \(network) --tomo-uri wpb@10",
      "no run has a tomogram 'wpb' at 10 A", "it has: wbp@10. Try --tomo-uri wbp@10"),
    Slip(
      "segment -c config.json \(network) --tomo-alg wbp --voxel-size 13.48",
      "no run has a tomogram 'wbp' at 13.48 A", "it has: wbp@10. Try --tomo-uri wbp@10"),
    Slip("segment -c config.json \(network) --run-ids TS_1_5", noRun, run),
    Slip(
      "segment -c config.json -mc model/best_model_config.yaml -mw model/modl.onnx",
      "no model 'model/modl.onnx'", "there is 'model/model.onnx': try --model-weights model/model.onnx"),
    Slip(
      "segment -c config.json \(network) --head softmx",
      "--head 'softmx' is unknown", "did you mean 'softmax'? give softmax, sigmoid", code: 64),
    Slip(
      "pick -c config.json \(network) --tomo-uri wpb@10",
      "no run has a tomogram 'wpb' at 10 A", "it has: wbp@10. Try --tomo-uri wbp@10"),
    Slip("pick -c config.json \(network) --run-ids TS_1_5", noRun, run),
    Slip("pick -c config.json \(network) --pick-objects ribosom", "no particle 'ribosom'", object),
    Slip("localize -c config.json --seg-uri predct:unet/1", noLabels, labels),
    Slip(
      "localize -c config.json --seg-info predict,unet,1 -vs 13",
      "no run has a segmentation predict:unet/1 at 13 A", "there are: membrane:data-portal/0@10, predict:unet/1@10. Try --voxel-size 10"),
    Slip("localize -c config.json --seg-uri predict:unet/1 --run-ids TS_1_5", noRun, run),
    Slip("localize -c config.json --seg-uri predict:unet/1 --pick-objects ribosom", "no particle 'ribosom'", object),
    Slip(
      "evaluate -c config.json -gtuid data-portal --object-names ribosom",
      "no particle of the project is called 'ribosom'", "did you mean 'ribosome'? its particles are 'apo-ferritin',"),
    Slip("evaluate -c config.json -gtuid data-portal --run-ids TS_1_5", noRun, run),
    Slip(
      "evaluate -c config.json -gtuid data-porta -gtsid 0",
      "warning: no run has picks of 'data-porta' with session '0'", "there are: data-portal/0. Did you mean data-portal/0?", code: 0),
    Slip(
      "export -c config.json --picks data-porta/0 -o x",
      "no run has picks of 'data-porta/0'", "there are: data-portal/0. Try --picks data-portal/0"),
    Slip("export -c config.json --picks data-portal/0 --pick-objects ribosom -o x", "no particle 'ribosom'", object),
    Slip("export -c config.json --picks data-portal/0 --run-ids TS_1_5 -o x", noRun, run),
    Slip("export -c config.json --seg-uri predct:unet/1 -o x", noLabels, labels),
    Slip("preview -c config.json --tomo-uri wpb@10 -o x", "no run has a tomogram 'wpb' at 10 A", "it has: wbp@10. Try --tomo-uri wbp@10"),
    Slip("preview -c config.json --run-ids TS_1_5 -o x", noRun, run),
    Slip(
      "extract seg -c config.json -n ribosom -uri predict:unet/1",
      "segmentation 'predict:unet/1' has no label for an object 'ribosom'", "did you mean 'ribosome'? there are: \(particles)"),
  ]

  @Test(arguments: slips)
  func saysWhatWasMeant(slip: Slip) async throws {
    let folder = try Projects.demoWithLabels()
    try Projects.add(Projects.demo, ["model"], to: folder)
    let before = folder.tree()
    let outcome = try await Program.run(slip.words, in: folder)
    #expect(outcome.code == slip.code)
    #expect(outcome.errors.contains("octopi: \(slip.message)\n        \(slip.remedy)"), "\(outcome.errors)")
    #expect(slip.code == 0 || folder.tree() == before, "nothing is computed")
  }
}
