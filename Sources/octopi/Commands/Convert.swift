import ArgumentParser
import Octopi

/// `octopi convert`: ONNX to one `.octopi` file.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a network, its configuration and its objects into one file that loads in milliseconds.",
    usage: "octopi convert MODEL.onnx [--model-config FILE.yaml] [--objects config.json] -o MODEL.octopi [options]",
    discussion: """
      Examples:

        octopi convert best_model.onnx --model-config best_model_config.yaml \\
            -o best_model.octopi
        octopi convert network.onnx --size 64 -o network.octopi

      The file serves every processor, and every command that takes the ONNX file. With a configuration in it, --model-config is \
      not needed any more. The network is prepared for the window of the configuration, or of --size; other windows work as well, \
      but take as long to load as the ONNX file.
      """)

  @Argument(help: ArgumentHelp("The network.", valueName: "model"), completion: .file(extensions: ["onnx"]))
  var model: String?

  @Option(
    name: [.customLong("mc", withSingleDash: true), .customLong("model-config")],
    help: ArgumentHelp("Its model_config.yaml.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
  var modelConfig: String?

  @Option(
    help: ArgumentHelp("A project's configuration: names, labels, radii and colours of its objects go along.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var objects: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Edge of the window, where no configuration says it.", valueName: "n"))
  var size: Int?

  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The file to write (required).", valueName: "file"),
    completion: .file(extensions: ["octopi"]))
  var file: String?

  @OptionGroup(title: "Output") var overwrite: OverwriteOption
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    guard let model else { throw UsageFailure.missing("MODEL", "a network, e.g. octopi convert model.onnx -o model.octopi") }
    guard let file else { throw UsageFailure.missing("--output", "the file to write, e.g. -o model.octopi") }
    if let size, !(1...4096).contains(size) { throw UsageFailure("--size \(size) is not the edge of a window", remedy: "give 1 to 4096, such as 96") }
    var request = ModelConversion.Request(model: model)
    request.configuration = modelConfig
    request.objects = objects
    request.size = size
    try ModelLocation.check(model, configuration: modelConfig)
    guard !ModelLocation.isSame(model, file) else { throw UsageFailure("'\(file)' is the network itself", remedy: "write to another file, such as -o model.octopi") }
    MemoryBudget.returnsLargeBlocks()
    let words = Array(CommandLine.arguments.dropFirst())
    try JobReport(console: console, words: words, participle: "converted").withOutputs { outputs in
      try outputs.lock(file)
      try overwrite.check([file])
      let conversion = try ModelConversion(request)
      for warning in conversion.warnings { console.warning(warning) }
      let bytes = try conversion.write(to: file, outputs, existing: overwrite.existing)
      Self.show(conversion, model: model, file: file, bytes: bytes, console)
    }
  }

  private static func show(_ conversion: ModelConversion, model: String, file: String, bytes: Int, _ console: Console) {
    let summary = conversion.contents.summary, window = conversion.window
    let ready = window.map { ", ready for windows of \($0.size.map(String.init).joined(separator: " x ")) with \($0.classes) classes" }
    console.result("\(model) -> \(file): \(binarySize(bytes))\(ready ?? "")\n")
    console.document([
      "command": "convert", "model": .string(model), "path": .string(file), "bytes": .int(bytes), "source_sha256": .string(summary.sha256),
      "window": window.map { .array($0.size.map(PythonValue.int)) } ?? .null, "classes": window.map { .int($0.classes) } ?? .null,
      "configuration": .bool(conversion.contents.configuration != nil), "objects": .bool(conversion.contents.objects != nil),
    ])
  }
}
