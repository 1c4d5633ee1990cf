import ArgumentParser
import Graph
import Octopi
import OctopiEngine

/// `octopi info`: what a file is.
struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a network, tomogram, project or label volume is.",
    usage: "octopi info FILE [--plan] [options]",
    discussion: """
      Examples:

        octopi info model.onnx
        octopi info model.onnx --plan --model-config model_config.yaml
        octopi info config.json
        octopi info tomogram.mrc

      With --plan: the steps in which the network runs on this machine, with kernels, shapes, bytes and operations. A step without a \
      kernel is marked REFERENCE: it runs by plain loops, slowly. Of several outputs, the one that segmentation uses is planned alone.
      """)

  @Argument(help: ArgumentHelp("A network, a project's config.json, or a volume (Zarr, MRC).", valueName: "file"), completion: .file())
  var file: String?

  @Flag(name: .customLong("plan"), help: "How a network will run.")
  var plan = false

  @Flag(name: .customLong("passes"), help: "With --plan: the graph after each pass.")
  var passes = false

  @Flag(name: .customLong("operators"), help: "Instead of a file: all operators that networks may have, as Markdown.")
  var operators = false

  @OptionGroup var window: WindowSizeOption

  @Option(
    name: [.customLong("mc", withSingleDash: true), .customLong("model-config")],
    help: ArgumentHelp("Take the window of a model_config.yaml.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
  var modelConfig: String?

  @OptionGroup(title: "Performance") var exact: ExactOption
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    if operators {
      guard file == nil, networkOption == nil, !output.json else { throw UsageFailure("--operators stands alone", remedy: "octopi info --operators") }
      return console.result(OperatorList.markdown)
    }
    guard let file else { throw UsageFailure.missing("FILE", "a network, a project or a volume, e.g. octopi info model.onnx") }
    let configuration = try configuration(), size = try window.requested() ?? configuration?.roi.axes, threads = try threads.requested()
    let kind = try FileKind(of: file)
    if kind != .network, let option = networkOption { throw UsageFailure("\(option) is for networks, '\(file)' is none", remedy: "leave it out") }
    switch kind {
    case .network: try show(network: NetworkFile(path: file), size: size, classes: configuration?.classes, threads: threads, console)
    case .project: try ProjectText(ProjectInfo(try Project(file: file))).show(console)
    case .volume: VolumeText(path: file, info: try VolumeInfo(path: file, on: .forJob(threads))).show(console)
    }
  }

  /// An option that was given and has a meaning for networks only.
  private var networkOption: String? {
    plan ? "--plan" : passes ? "--passes" : window.size != nil ? "--size" : modelConfig != nil ? "--model-config" : exact.exact ? "--exact" : nil
  }

  private func configuration() throws -> ModelConfiguration? {
    if passes, !plan { throw UsageFailure("--passes needs --plan", remedy: "give both") }
    if !plan, let option = networkOption { throw UsageFailure("\(option) needs --plan", remedy: "give both") }
    if modelConfig != nil, window.size != nil { throw UsageFailure.contradiction("--size", "--model-config") }
    return try modelConfig.map { try ModelConfiguration(contentsOf: $0) }
  }

  private func show(network: NetworkFile, size: [Int]?, classes: Int?, threads: Int?, _ console: Console) throws {
    let info = try NetworkInfo(network)
    guard plan else {
      console.result(NetworkText.text(info))
      return console.document(.object(NetworkText.members(info)))
    }
    let kernels = try JobKernels.forJob(), pool = JobThreads.forJob(threads)
    let shapes = try network.inputShapes(size: size), (graph, output, ignored) = try network.segmenting(shapes, classes: classes)
    if passes { for stage in try Plan.stages(of: graph, inputShapes: shapes) { console.result(NetworkText.stage(stage.name, stage.graph)) } }
    let plan = try Plan(graph, inputShapes: shapes, kernels: kernels, options: exact.plan, pool: pool)
    let note = output.map { "  planned for '\($0)' alone, which segmentation uses, not \(ignored.map { "'\($0)'" }.joined(separator: ", "))\n" } ?? ""
    console.result(NetworkText.text(info) + note + "\n" + PlanText.text(plan, isa: "\(kernels.name)", threads: pool.threads))
    console.document(.object(NetworkText.members(info) + [.init("plan", PlanText.document(plan, isa: "\(kernels.name)", threads: pool.threads))]))
  }
}

/// What `info` says of networks.
enum NetworkText {
  static func text(_ info: NetworkInfo) -> String {
    let origin = info.origin
    var lines = ["\(info.path): a network"] + (info.conversion.map(ConversionText.lines) ?? [])
    if !origin.producer.isEmpty || origin.irVersion > 0 {
      let opsets = origin.opsets.sorted { $0.key < $1.key }.map { "\($0.key.isEmpty ? "opset" : $0.key) \($0.value)" }
      let facts = [origin.producer.isEmpty ? nil : "written by \(origin.producer)", origin.irVersion > 0 ? "IR version \(origin.irVersion)" : nil]
      lines.append("  " + (facts.compactMap(\.self) + opsets).joined(separator: ", "))
    }
    for port in info.inputs { lines.append("  takes '\(port.name)' \(port.type)") }
    for port in info.outputs { lines.append("  gives '\(port.name)' \(port.type)") }
    lines.append("  \(Units.plural(info.parameters, "parameter")), \(binarySize(info.parameterBytes))")
    lines.append("  \(Units.plural(info.nodes, "node")): " + info.operators.map { "\(Units.count($0.count)) \($0.name)" }.joined(separator: ", "))
    for (key, value) in origin.metadata.sorted(by: { $0.key < $1.key }) { lines.append("  \(key): \(value.prefix(200))") }
    return lines.joined(separator: "\n") + "\n"
  }

  static func stage(_ name: String, _ graph: Graph) -> String {
    "after \(name): \(Units.plural(graph.nodes.count, "node"))\n" + GraphText.lines(graph).map { "  \($0)\n" }.joined() + "\n"
  }

  static func members(_ info: NetworkInfo) -> [PythonValue.Member] {
    func ports(_ ports: [NetworkInfo.Port]) -> PythonValue { .array(ports.map { ["name": .string($0.name), "type": .string($0.type)] }) }
    return [
      .init("command", "info"), .init("kind", "network"), .init("path", .string(info.path)), .init("inputs", ports(info.inputs)),
      .init("outputs", ports(info.outputs)), .init("parameters", .int(info.parameters)), .init("parameter_bytes", .int(info.parameterBytes)),
      .init("nodes", .int(info.nodes)), .init("operators", .object(info.operators.map { .init($0.name, .int($0.count)) })),
      .init("producer", .string(info.origin.producer)), .init("ir_version", .int(info.origin.irVersion)),
      .init("opsets", .object(info.origin.opsets.sorted { $0.key < $1.key }.map { .init($0.key, .int($0.value)) })),
      .init("metadata", .object(info.origin.metadata.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
      .init("conversion", info.conversion.map(ConversionText.document) ?? .null),
    ]
  }
}
