import Foundation
import Octopi
import TestSupport
import Testing

@Suite("Model configuration")
struct SegmentConfigurationTests {
  static let octopis = """
    model:
      architecture: Unet
      channels: [16, 32, 48, 48]
      dropout: 0.0
      dim_in: 64
      num_classes: 4
    labels:
      virus-like-particle: 3
      apo-ferritin: 1
      ribosome: 2
    optimizer:
      lr: 0.003
    """

  @Test func readsOctopis() throws {
    let configuration = try ModelConfiguration(yaml: Self.octopis, file: "c.yaml")
    #expect(configuration.architecture == "Unet")
    #expect(configuration.classes == 4)
    #expect(configuration.roi == cube(64))
    #expect(configuration.head == .softmax)
    #expect(configuration.normalization == .volume)
    #expect(configuration.labels.map(\.name) == ["virus-like-particle", "apo-ferritin", "ribosome"])
    #expect(configuration.labels.map(\.value) == [3, 1, 2])
  }

  @Test func readsOurKeys() throws {
    let configuration = try ModelConfiguration(
      yaml: "{model: {num_classes: 1, dim_in: 96, roi: [32, 48, 64], head: sigmoid, normalize: none}, labels: {membrane: 1}}", file: "c")
    #expect(configuration.roi == VolumeShape(z: 32, y: 48, x: 64))
    #expect(configuration.head == .sigmoid)
    #expect(configuration.normalization == .none)
    #expect(configuration.labels == [ModelConfiguration.Label(name: "membrane", value: 1)])
    #expect(configuration.architecture == nil)
  }

  @Test func optionsReplaceKeys() throws {
    let overrides = ModelConfiguration.Overrides(roi: VolumeShape(z: 8, y: 16, x: 24), head: .sigmoid, normalization: .window)
    let configuration = try ModelConfiguration(yaml: "{model: {num_classes: 2, head: softmax}, labels: {a: 1, b: 2}}", file: "c", overrides: overrides)
    #expect(configuration.roi == VolumeShape(z: 8, y: 16, x: 24))
    #expect(configuration.head == .sigmoid && configuration.normalization == .window)
    #expect(configuration.labels.map(\.value) == [1, 2])
  }

  /// The configuration that octopi wrote for the demo model.
  @Test func readsTheDemoFile() throws {
    let folder = TestData.root.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/demo/model")
    let path = folder.appending(path: "best_model_config.yaml").path(percentEncoded: false)
    let configuration = try ModelConfiguration(contentsOf: path)
    #expect(configuration.file == path)
    #expect(configuration.classes == 6 && configuration.roi == cube(64))
    #expect(configuration.labels.map(\.name) == ["apo-ferritin", "beta-galactosidase", "ribosome", "virus-like-particle", "membrane"])
    let missing = #expect(throws: InputError.self) { try ModelConfiguration(contentsOf: path + "x") }
    #expect(missing?.message == "no model configuration '\(path)x'")
    let onnx = folder.appending(path: "model.onnx").path(percentEncoded: false)
    let binary = #expect(throws: ModelConfigurationError.self) { try ModelConfiguration(contentsOf: onnx) }
    #expect(binary?.message == "'\(onnx)' is not a model configuration: it is not text in UTF-8")
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let yaml: String, message: String, remedy: String
    var testDescription: String { yaml }
  }

  @Test(arguments: [
    Bad(yaml: "", message: "'c.yaml' is not a model configuration: it is empty", remedy: "octopi wrote"),
    Bad(yaml: "- 1", message: "'c.yaml' line 1 is not a model configuration: it is not a mapping of keys", remedy: "octopi wrote"),
    Bad(yaml: "model: [1", message: "'c.yaml' line 2 is not a model configuration: did not find expected ',' or ']'", remedy: "octopi wrote"),
    Bad(yaml: "a: 1\na: 2", message: "'c.yaml' line 1 is not a model configuration: key 'a' stands there twice", remedy: "octopi wrote"),
    Bad(yaml: "labels: {a: 1}", message: "model configuration 'c.yaml' has no 'model'", remedy: "model: {"),
    Bad(yaml: "model: Unet", message: "'c.yaml' line 1: 'model' is not a mapping of keys", remedy: "num_classes"),
    Bad(
      yaml: "model: {dim_in: 96}\nlabels: {a: 1}", message: "model configuration 'c.yaml' has no 'model.num_classes'",
      remedy: "add it, for instance: num_classes: 3"),
    Bad(
      yaml: "model: {num_classes: 1, dim_in: 96}\nlabels: {a: 1}", message: "'c.yaml' line 1: 'model.num_classes' is '1'",
      remedy: "allowed: a whole number of at least 2, the background included"),
    Bad(yaml: "model: {num_classes: two, dim_in: 96}", message: "'c.yaml' line 1: 'model.num_classes' is 'two'", remedy: "whole number"),
    Bad(yaml: "model: {num_classes: 2}\nlabels: {a: 1}", message: "model configuration 'c.yaml' has no 'model.dim_in'", remedy: "dim_in: 96"),
    Bad(yaml: "model: {num_classes: 2, dim_in: 0}", message: "'c.yaml' line 1: 'model.dim_in' is '0'", remedy: "from 1 to 4096"),
    Bad(yaml: "model: {num_classes: 2, dim_in: [64, 64, 64]}", message: "'c.yaml' line 1: 'model.dim_in' is [64, 64, 64]", remedy: "'model.roi'"),
    Bad(yaml: "model:\n  num_classes: 2\n  roi: [64, 96]", message: "'c.yaml' line 3: 'model.roi' is [64, 96]", remedy: "three whole numbers"),
    Bad(yaml: "model: {num_classes: 2, roi: [64, 96, x]}", message: "'c.yaml' line 1: 'model.roi' is [64, 96, x]", remedy: "three whole numbers"),
    Bad(yaml: "model: {num_classes: 2, roi: 96}", message: "'c.yaml' line 1: 'model.roi' is '96'", remedy: "three whole numbers"),
    Bad(
      yaml: "model: {num_classes: 2, dim_in: 96, head: argmax}", message: "'c.yaml' line 1: 'model.head' is 'argmax'",
      remedy: "allowed: softmax, sigmoid"),
    Bad(
      yaml: "model: {num_classes: 2, dim_in: 96, normalize: true}", message: "'c.yaml' line 1: 'model.normalize' is 'true'",
      remedy: "allowed: volume, window, none"),
    Bad(
      yaml: "model: {num_classes: 2, dim_in: 96}", message: "model configuration 'c.yaml' has no 'labels'",
      remedy: "add it, for instance: labels: {ribosome: 1, membrane: 2}"),
    Bad(yaml: "model: {num_classes: 2, dim_in: 96}\nlabels: {}", message: "'c.yaml' line 2: 'labels' names no object", remedy: "ribosome: 1"),
    Bad(yaml: "model: {num_classes: 2, dim_in: 96}\nlabels: [a, b]", message: "'c.yaml' line 2: 'labels' names no object", remedy: "ribosome: 1"),
    Bad(
      yaml: "model: {num_classes: 3, dim_in: 96}\nlabels:\n  a: 1\n  b: 3", message: "'c.yaml' line 4: 'labels.b' is '3'",
      remedy: "whole numbers from 1 to 2, by 'model.num_classes'"),
    Bad(
      yaml: "model: {num_classes: 3, dim_in: 96}\nlabels: {background: 0, a: 1}", message: "'c.yaml' line 2: 'labels.background' is '0'",
      remedy: "0 is the background and has no name"),
    Bad(
      yaml: "model: {num_classes: 3, dim_in: 96}\nlabels: {a: 1, b: 1}", message: "'c.yaml' line 2: 'labels.b' is 1, and so is 'a'",
      remedy: "one number for each object"),
    Bad(yaml: "model: {num_classes: 3, dim_in: 96}\nlabels: {a: x}", message: "'c.yaml' line 2: 'labels.a' is 'x'", remedy: "from 1 to 2"),
  ])
  func refuses(_ bad: Bad) throws {
    let error = #expect(throws: ModelConfigurationError.self) { try ModelConfiguration(yaml: bad.yaml, file: "c.yaml") }
    #expect(error?.message == bad.message)
    #expect(error?.remedy?.contains(bad.remedy) == true, "\(error?.remedy ?? "")")
    #expect(error?.kind == .damaged)
  }

  @Test func ensembleTakesWindowsFromTheLastAndLabelsFromTheFirst() throws {
    let first = try ModelConfiguration(yaml: "{model: {num_classes: 3, dim_in: 64}, labels: {a: 1, b: 2}}", file: "1.yaml")
    let last = try ModelConfiguration(yaml: "{model: {num_classes: 3, dim_in: 96}, labels: {c: 2}}", file: "2.yaml")
    let ensemble = try #require(try ModelConfiguration.ensemble([first, last]))
    #expect(ensemble.roi == cube(96))
    #expect(ensemble.labels == first.labels)
    #expect(try ModelConfiguration.ensemble([]) == nil)
  }

  @Test(arguments: [
    ("num_classes: 4, dim_in: 64", "models of an ensemble differ: 'model.num_classes' is 4 in '1.yaml' and 3 in '2.yaml'"),
    ("num_classes: 3, dim_in: 64, head: sigmoid", "models of an ensemble differ: 'model.head' is sigmoid in '1.yaml' and softmax in '2.yaml'"),
    ("num_classes: 3, dim_in: 64, normalize: none", "models of an ensemble differ: 'model.normalize' is none in '1.yaml' and volume in '2.yaml'"),
  ])
  func refusesEnsemble(model: String, message: String) throws {
    let first = try ModelConfiguration(yaml: "{model: {\(model)}, labels: {a: 1}}", file: "1.yaml")
    let last = try ModelConfiguration(yaml: "{model: {num_classes: 3, dim_in: 64}, labels: {a: 1}}", file: "2.yaml")
    let error = #expect(throws: ModelConfigurationError.self) { try ModelConfiguration.ensemble([first, last]) }
    #expect(error?.message == message)
  }

  @Test func listsOfModelsAndConfigurations() throws {
    let pairs = try ModelConfiguration.pairs(models: ["a", "b"], configurations: ["c"])
    #expect(pairs.map(\.model) == ["a", "b"])
    #expect(pairs.map(\.configuration) == ["c", "c"])
    #expect(try ModelConfiguration.pairs(models: ["a", "b"], configurations: ["c", "d"]).map(\.configuration) == ["c", "d"])
    let many = #expect(throws: ModelConfigurationError.self) { try ModelConfiguration.pairs(models: ["a", "b", "x"], configurations: ["c", "d"]) }
    #expect(many?.message == "Number of model weights and model configs must match for ensemble prediction: 3 and 2")
    let one = #expect(throws: ModelConfigurationError.self) { try ModelConfiguration.pairs(models: ["a"], configurations: ["c", "d"]) }
    #expect(one?.message == "Number of model configs must match number of model weights: 2 and 1")
    #expect(one?.kind == .usage)
  }

  @Test func refusesAnotherModel() throws {
    let configuration = try ModelConfiguration(yaml: Self.octopis, file: "c.yaml")
    #expect(throws: Never.self) { try configuration.check(model: "m.onnx", channels: 4) }
    let error = #expect(throws: ModelConfigurationError.self) { try configuration.check(model: "m.onnx", channels: 3) }
    #expect(error?.message == "model 'm.onnx' gives 3 channels, but 'model.num_classes' in 'c.yaml' is 4")
  }

  @Test func templateIsAConfiguration() throws {
    let open = try ModelConfiguration(yaml: ModelConfiguration.template(channels: nil, roi: nil), file: "t")
    #expect(open.classes == 2 && open.roi == cube(96) && open.labels.map(\.value) == [1])
    let known = try ModelConfiguration(yaml: ModelConfiguration.template(channels: 4, roi: VolumeShape(z: 32, y: 64, x: 48)), file: "t")
    #expect(known.classes == 4 && known.roi == VolumeShape(z: 32, y: 64, x: 48) && known.labels.map(\.value) == [1, 2, 3])
  }
}
