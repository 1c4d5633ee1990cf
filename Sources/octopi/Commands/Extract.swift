import ArgumentParser
import Octopi

/// `octopi extract`: parts of label volumes.
struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take one object out of a project's label volumes.",
    usage: "octopi extract seg --config FILE --name OBJECT [options]",
    subcommands: [ExtractSegmentation.self])

  func run() throws { throw CleanExit.helpRequest(self) }
}

/// `octopi extract seg`: one object of label volumes -> a binary segmentation.
struct ExtractSegmentation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seg",
    abstract: "Write one object of a project's label volumes as a binary segmentation.",
    usage: "octopi extract seg --config FILE --name OBJECT [--seg-uri NAME:USER/SESSION] [options]",
    discussion: """
      Examples:

        octopi extract seg --config config.json --name membranes
        octopi extract seg -c config.json -n ribosome -uri predict:unet/1 \\
            -uid me -sid 2

      Reads the log that 'octopi segment' wrote for the object's label and the voxel size, and writes a segmentation that is named after \
      the object into the overlay, for each run that has the labels. Results that exist are refused (exit 73) unless --overwrite or \
      --resume is given; octopi 1.7 overwrites them.
      """)

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var source: ExtractedOptions
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Output") var result: ExtractResultOptions
  @OptionGroup(title: "Output") var existing: ExistingOptions
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Output") var dryRun: DryRunOption
  @OptionGroup(title: "Messages") var output: OutputOptions
  @OptionGroup(title: "Messages") var progress: ProgressOptions

  func run() throws {
    let console = try output.console(progress), request = try request(), threads = try threads.requested()
    let report = JobReport(console: console, words: Array(CommandLine.arguments.dropFirst()), participle: "extracted")
    var job = try ExtractProject(request)
    report.show(job.warnings)
    report.show(skipped: job.skipped)
    if dryRun.dryRun {
      try job.prepare(nil)
      return ExtractText.plan(of: job, console)
    }
    let summary = try report.withOutputs { outputs in
      try job.prepare(outputs)
      console.begin(runs: job.runs.count, units: job.runs.count, unit: "run")
      defer { console.end() }
      return try job.run(on: .forJob(threads), outputs, events: report.show)
    }
    ExtractText.results(summary, job, console)
    try report.conclude(summary)
  }

  private func request() throws -> ExtractRequest {
    try existing.check()
    var request = ExtractRequest(configuration: try project.required(), object: try source.requiredName(), source: try source.target())
    (request.user, request.session) = (result.userID, result.sessionID)
    request.runs = try runs.names()
    request.existing = existing.results
    return request
  }
}

/// What is taken out of what.
struct ExtractedOptions: ParsableArguments {
  @Option(name: [.customShort("n", allowingJoined: true), .customLong("name")], help: ArgumentHelp("The object (required).", valueName: "object"))
  var name: String?

  @Option(
    name: [.customLong("uri", withSingleDash: true), .customLong("seg-uri")],
    help: ArgumentHelp("Label volumes as name:user/session.", valueName: "uri"))
  var segURI = "predict:octopi/1"

  func requiredName() throws(UsageFailure) -> String {
    guard let name, !name.isEmpty else { throw .missing("--name", "the object, e.g. --name membranes") }
    return name
  }

  /// User and session default to octopi and 1.
  func target() throws -> SegmentationTarget { try SegmentationTarget(segURI) }
}

/// Whose segmentation is written.
struct ExtractResultOptions: ParsableArguments {
  @Option(
    name: [.customLong("uid", withSingleDash: true), .customLong("user-id")],
    help: ArgumentHelp("User of the segmentation that is written (default: that of the labels).", valueName: "user"))
  var userID: String?

  @Option(
    name: [.customLong("sid", withSingleDash: true), .customLong("session-id")],
    help: ArgumentHelp("Its session.", valueName: "session"))
  var sessionID = "1"
}

/// What `extract seg` prints.
private enum ExtractText {
  static func plan(of job: ExtractProject, _ console: Console) {
    var table = Table([("run", .left), ("labels", .left), ("segmentation", .left)])
    for planned in job.runs { table.add([planned.run, planned.segmentation.path, planned.isKept ? "kept" : planned.store]) }
    console.result(table.text() + "nothing was written\n")
    let runs = job.runs.map { planned -> PythonValue in
      ["run": .string(planned.run), "labels": .string(planned.segmentation.path), "path": .string(planned.store), "kept": .bool(planned.isKept)]
    }
    console.document(.object(head(job, isDryRun: true) + [.init("runs", .array(runs)), skipped(job)]))
  }

  static func results(_ summary: JobSummary<ExtractProject.RunResult>, _ job: ExtractProject, _ console: Console) {
    var table = Table([("run", .left), ("voxels", .right), ("segmentation", .left)])
    for result in summary.finished { table.add([result.run, result.voxels.map(Units.count) ?? "kept", result.path]) }
    if !summary.finished.isEmpty { console.result(table.text()) }
    let runs = summary.finished.map { result -> PythonValue in
      [
        "run": .string(result.run), "path": .string(result.path), "kept": .bool(result.voxels == nil),
        "voxels": result.voxels.map(PythonValue.int) ?? .null,
      ]
    }
    console.document(
      .object(
        head(job, isDryRun: false) + [
          .init("runs", .array(runs)), skipped(job),
          .init("failed", summary.failures(of: "run")), .init("untried", summary.leftOut),
        ]))
  }

  private static func head(_ job: ExtractProject, isDryRun: Bool) -> [PythonValue.Member] {
    [
      .init("command", "extract seg"), .init("dry_run", .bool(isDryRun)), .init("object", .string(job.request.object)),
      .init("label", .int(job.label)), .init("labels", .string("\(job.request.source)")), .init("segmentation", .string("\(job.target)")),
      .init("voxel_spacing", .float(job.spacing.angstrom)),
    ]
  }

  private static func skipped(_ job: ExtractProject) -> PythonValue.Member {
    .init("skipped", .array(job.skipped.map { .string($0.run) }))
  }
}
