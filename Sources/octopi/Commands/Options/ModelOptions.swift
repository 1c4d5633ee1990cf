import ArgumentParser
import Octopi

/// The network, or several whose logits are averaged.
struct ModelOptions: ParsableArguments {
  @Option(
    name: [.customLong("mw", withSingleDash: true), .customLong("model-weights"), .customLong("model")],
    help: ArgumentHelp("The network as an ONNX or .octopi file, or several with commas: an ensemble (required).", valueName: "files"),
    completion: .file(extensions: ["onnx", "octopi"]))
  var modelWeights: String?

  @Option(
    name: [.customLong("mc", withSingleDash: true), .customLong("model-config")],
    help: ArgumentHelp("Its model_config.yaml: one for all networks, or one for each; not needed where the file carries it.", valueName: "files"),
    completion: .file(extensions: ["yaml", "yml"]))
  var modelConfig: String?

  /// The networks with their configurations, in the order of the ensemble; the files are looked at, not read.
  func pairs() throws -> [(model: String, configuration: String?)] {
    guard let modelWeights else {
      throw UsageFailure.missing("--model-weights", "the network as an ONNX file, e.g. --model-weights best_model.onnx")
    }
    let models = try files(modelWeights, "--model-weights"), configurations = try modelConfig.map { try files($0, "--model-config") }
    for (index, model) in models.enumerated() {
      let configuration = configurations.flatMap { $0.indices.contains(index) ? $0[index] : $0.first }
      try ModelLocation.check(model, configuration: configuration)
    }
    return try ModelConfiguration.pairs(models: models, configurations: configurations ?? [])
  }

  private func files(_ text: String, _ option: String) throws(UsageFailure) -> [String] {
    let files = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !files.contains("") else { throw UsageFailure("\(option) '\(text)' has an empty name in it", remedy: "write the files with commas between them") }
    return files
  }
}

/// What a network that is not octopi's needs: what the configuration says, or instead of it.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Size of a window (default: dim_in, or roi, of the configuration).", valueName: "z,y,x"))
  var roi: String?

  @Option(help: ArgumentHelp("What the network's channels mean: softmax or sigmoid (default: of the configuration, or softmax).", valueName: "head"))
  var head: String?

  @Option(help: ArgumentHelp("What is normalised: volume, window or none (default: of the configuration, or volume).", valueName: "what"))
  var normalize: String?

  func overrides() throws(UsageFailure) -> ModelConfiguration.Overrides {
    var overrides = ModelConfiguration.Overrides()
    if let roi {
      let sizes = roi.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }.filter((1...4096).contains)
      guard sizes.count == roi.split(separator: ",", omittingEmptySubsequences: false).count, let shape = VolumeShape(sizes) else {
        throw UsageFailure("--roi '\(roi)' is no size of a window", remedy: "give three whole numbers from 1 to 4096, z first: --roi 64,96,96")
      }
      overrides.roi = shape
    }
    overrides.head = try choice(head, "--head")
    overrides.normalization = try choice(normalize, "--normalize")
    return overrides
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(_ text: String?, _ option: String) throws(UsageFailure) -> Choice?
  where Choice.RawValue == String {
    guard let text else { return nil }
    guard let choice = Choice(rawValue: text.lowercased()) else {
      let values = Choice.allCases.map(\.rawValue), meant = Suggestion.nearest(to: text, among: values).map { "did you mean '\($0)'? " } ?? ""
      throw UsageFailure("\(option) '\(text)' is unknown", remedy: "\(meant)give \(values.joined(separator: ", "))")
    }
    return choice
  }
}

/// How windows are laid over a tomogram and averaged.
struct WindowOptions: ParsableArguments {
  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("overlap")], parsing: .unconditional,
    help: ArgumentHelp("Overlap of neighbouring windows, 0 to below 1.", valueName: "fraction"))
  var overlap = 0.5

  @Option(
    name: [.customLong("ntta", withSingleDash: true), .customLong("ntta")], parsing: .unconditional,
    help: ArgumentHelp("Orientations that are averaged, 1 to 8.", valueName: "n"))
  var ntta = 4

  @Option(
    name: [.customLong("swbs", withSingleDash: true), .customLong("sliding-window-batch-size")], parsing: .unconditional,
    help: ArgumentHelp("Windows per call of the network; results do not depend on it.", valueName: "n"))
  var batchSize = 4

  @Option(
    name: [.customLong("ntomos", withSingleDash: true), .customLong("tomo-batch-size")],
    help: ArgumentHelp("No effect: tomograms are taken one by one.", valueName: "n"))
  var tomoBatchSize: Int?

  /// Checks the ranges; says what is accepted but different from what was typed. Returns the orientations used.
  func checked(_ console: Console) throws(UsageFailure) -> Int {
    guard overlap >= 0, overlap < 1 else {
      throw UsageFailure("--overlap \(overlap) is not at least 0 and below 1", remedy: "0.5 is the default; 0.25 takes half the time")
    }
    guard ntta >= 1 else { throw UsageFailure("--ntta \(ntta) is not a number of orientations", remedy: "give 1 to 8") }
    guard batchSize >= 1 else {
      throw UsageFailure("--sliding-window-batch-size \(batchSize) is not a number of windows", remedy: "give 1 or more")
    }
    if ntta > 8 { console.warning(Warning("there are 8 orientations: --ntta \(ntta) is taken as 8")) }
    if tomoBatchSize != nil { console.note("--tomo-batch-size has no effect here: tomograms are taken one by one") }
    return min(ntta, 8)
  }
}
