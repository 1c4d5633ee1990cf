import ArgumentParser
import Foundation
import Octopi
import Graph

/// `octopi run`: one forward pass.
struct RunNetwork: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a network once: arrays in, arrays out.",
    usage: "octopi run MODEL --input NAME=FILE ... --output FOLDER [options]",
    discussion: """
      Examples:

        octopi run model.onnx --input x=window.npy --output result
        octopi run model.onnx --input x=input_0.pb --output result --overwrite

      Inputs are .npy files of any number type and order, or ONNX tensors (.pb). Each output becomes FOLDER/NAME.npy.
      """)

  @Argument(help: ArgumentHelp("The network.", valueName: "model"), completion: .file(extensions: ["onnx", "octopi"]))
  var model: String?

  @Option(
    name: [.customShort("i"), .customLong("input")],
    help: ArgumentHelp("An input; once for each input of the network.", valueName: "name=file"), completion: .file(extensions: ["npy", "pb"]))
  var inputs: [String] = []

  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("Where the outputs go (required).", valueName: "folder"),
    completion: .directory)
  var folder: String?

  @OptionGroup(title: "Output") var overwrite: OverwriteOption
  @OptionGroup(title: "Performance") var exact: ExactOption
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    guard let model else { throw UsageFailure.missing("MODEL", "a network, e.g. octopi run model.onnx --input x=x.npy --output result") }
    guard let folder else { throw UsageFailure.missing("--output", "a folder for the outputs, e.g. --output result") }
    let threads = try threads.requested(), kernels = try JobKernels.forJob()
    let job = try ModelRun(NetworkFile(path: model), files: inputs)
    for warning in job.warnings { console.warning(warning) }
    let paths = job.outputPaths(in: folder)
    try overwrite.check(paths)
    let pool = JobThreads.forJob(threads), runner = ModelRunner(try job.network.graph, kernels: kernels, pool: pool, options: exact.plan)
    let start = ContinuousClock.now
    let results = try runner.run(job.inputs)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    RunText.notes(of: runner, console)
    let words = Array(CommandLine.arguments.dropFirst())
    try JobReport(console: console, words: words, participle: "run").withOutputs { outputs in
      for (path, tensor) in zip(paths, results) { try overwrite.write(NumPyFile.bytes(of: tensor), to: path, outputs) }
    }
    RunText.show(job, results, paths, seconds, kernels: kernels, threads: pool.threads, console)
  }
}

/// What `run` prints.
enum RunText {
  /// How the network was run, where that is not as it should be.
  static func notes(of runner: ModelRunner, _ console: Console) {
    let names = runner.inputsInPlan
    if !names.isEmpty {
      console.note("shapes of the network follow from values of \(names.map { "'\($0)'" }.joined(separator: ", ")): what depends on them alone is computed slowly")
    }
    let slow = runner.plan?.steps.filter(\.isReference) ?? []
    if !slow.isEmpty { console.note("\(Units.plural(slow.count, "step")) without a kernel: 'octopi info --plan' shows them") }
  }

  static func show(
    _ job: ModelRun, _ results: [Tensor], _ paths: [String], _ seconds: Double, kernels: JobKernels, threads: Int, _ console: Console
  ) {
    let named = zip(job.network.outputs.map(\.name), zip(results, paths))
    for (name, (tensor, path)) in named { console.result("\(name): \(tensor.element.onnxName) \(tensor.shape) -> \(path)\n") }
    console.document([
      "command": "run", "model": .string(job.network.path), "isa": .string("\(kernels.name)"), "threads": .int(threads), "seconds": .float(seconds),
      "outputs": .array(
        named.map { name, result in
          [
            "name": .string(name), "path": .string(result.1), "type": .string(result.0.element.onnxName),
            "shape": .array(result.0.shape.map(PythonValue.int)),
          ]
        }),
    ])
  }
}
