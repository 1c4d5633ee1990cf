import ArgumentParser
import Foundation
import Octopi

/// `octopi demo`: the whole way on the built-in example.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Segment, localize, evaluate and show the built-in example.",
    usage: "octopi demo [FOLDER] [options]",
    discussion: """
      Copies a trained network and a project of three small simulated tomograms to a folder, runs the three steps there, draws what was \
      found (preview.png, preview.html), and prints the scores, where the results are, and what to run on your own data.
      """)

  @Argument(help: ArgumentHelp("Where the example is copied to.", valueName: "folder"), completion: .directory)
  var folder = "octopi-demo"

  @Flag(name: .customLong("overwrite"), help: "Replace an older demo in that folder.")
  var overwrite = false

  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions
  @OptionGroup(title: "Messages") var progress: ProgressOptions

  func run() throws {
    let console = try output.console(progress)
    let count = try threads.requested()
    let words = ["demo", folder, "--overwrite"], report = JobReport(console: console, words: words, participle: "done")
    let start = ContinuousClock.now
    let source = try DemoExample.source()
    if overwrite, !DemoExample.isCopy(folder, of: source) { throw DemoFailure.noDemo(folder) }
    try report.withOutputs { try $0.copyFolder(source, to: folder, existing: overwrite ? .replace : .refuse) }
    guard FileManager.default.changeCurrentDirectoryPath(folder) else { throw DemoFailure.notEntered(folder) }
    console.note("the example is in '\(folder)'; four commands run there:")

    let steps = output.json ? console.withoutResults() : console
    let common = count.map { ["--threads", "\($0)"] } ?? []
    let segment: Segment = try step(DemoExample.segment + common, console)
    try segment.perform(words, console: steps)
    let localize: Localize = try step(DemoExample.localize + common, console)
    try localize.perform(words, console: steps)
    let evaluate: Evaluate = try step(DemoExample.evaluate + common, console)
    guard let evaluation = try evaluate.perform(words, console: console.withoutResults()) else { return }
    let preview: ShowPreview = try step(DemoExample.preview + common, console)
    try preview.perform(DemoExample.preview, console: console.withoutResults())
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    console.result("\n" + EvaluateText.table(evaluation) + DemoExample.farewell(folder: folder, seconds: seconds))
    console.document([
      "command": "demo", "folder": .string(folder), "final_score": evaluation.finalScore,
      "preview": .array(Preview.paths(in: folder).map(PythonValue.string)), "seconds": .float(seconds),
    ])
  }

  /// Shows and parses one command.
  private func step<Command: ParsableCommand>(_ words: [String], _ console: Console) throws -> Command {
    console.note("$ " + Resume.text(words))
    guard let command = try OctopiCommand.parseAsRoot(words) as? Command else { throw CleanExit.helpRequest() }
    return command
  }
}

/// The built-in example: where it is, and what is done with it.
enum DemoExample {
  static let segment = words("segment -c config.json -mc model/best_model_config.yaml -mw model/model.onnx --seg-uri predict:unet/1")
  static let localize = words("localize -c config.json --seg-uri predict:unet/1 -pui octopi -psid 1")
  static let evaluate = words("evaluate -c config.json -gtuid data-portal -gtsid 0 -puid octopi -psid 1 -o scores")
  static let preview = words("preview -c config.json --picks octopi/1 --truth data-portal/0 --seg-uri predict:unet/1 -o .")

  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  /// `share/octopi/demo` beside an installed program, else `Examples/demo` of the repository that it was built in.
  static func source() throws(DemoFailure) -> String {
    guard var folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else { throw .noExample }
    let installed = folder.deletingLastPathComponent().appending(path: "share/octopi/demo")
    if FileManager.default.fileExists(atPath: installed.appending(path: "config.json").path) { return installed.path }
    while folder.path != "/" {
      let example = folder.appending(path: "Examples/demo")
      if FileManager.default.fileExists(atPath: example.appending(path: "config.json").path) { return example.path }
      folder.deleteLastPathComponent()
    }
    throw .noExample
  }

  /// Whether nothing is there, or an earlier copy, so that nobody's own files are replaced.
  static func isCopy(_ folder: String, of source: String) -> Bool {
    guard FileManager.default.fileExists(atPath: folder) else { return true }
    return FileManager.default.contentsEqual(atPath: folder + "/config.json", andPath: source + "/config.json")
  }

  static func farewell(folder: String, seconds: Double) -> String {
    """

    done in \(Units.duration(seconds)). In '\(folder)':
      overlay/ExperimentRuns/*/Segmentations   label volumes (OME-Zarr)
      overlay/ExperimentRuns/*/Picks           picks (copick JSON)
      scores                                   metrics.json, average_metrics.yaml
      preview.png, preview.html                what was found, to look at: open the page in any browser

    With a network of your own, where Python has torch and monai:
      python Scripts/export_onnx.py --model-config best_model_config.yaml --model-weights best_model.pth -o best_model.onnx
    then, in the folder of your project:
      octopi segment -c config.json -mc best_model_config.yaml -mw best_model.onnx --tomo-uri wbp@10.0 --seg-uri predict:unet/1
      octopi localize -c config.json --seg-uri predict:unet/1
      octopi evaluate -c config.json -gtuid data-portal -o scores
      octopi preview -c config.json --picks octopi/1 --seg-uri predict:unet/1 -o preview

    look at it: \(folder)/preview.html

    """
  }
}

/// Why the demo cannot begin.
enum DemoFailure: Failure {
  case noExample
  case noDemo(String)
  case notEntered(String)

  var kind: FailureKind {
    switch self {
    case .noExample: .missing
    case .noDemo: .cannotCreate
    case .notEntered: .inputOutput
    }
  }

  var message: String {
    switch self {
    case .noExample: "the built-in example is not beside the program"
    case .noDemo(let folder): "'\(folder)' is no demo: it is not replaced"
    case .notEntered(let folder): "cannot work in '\(folder)'"
    }
  }

  var remedy: String? {
    switch self {
    case .noExample: "'make install' puts it into share/octopi/demo; a program that was built but not installed finds Examples/demo"
    case .noDemo: "choose another folder: octopi demo FOLDER"
    case .notEntered: "check the permissions of the folder"
    }
  }
}
