import ArgumentParser
import Octopi

/// `octopi preview`: pictures of a project's tomograms with labels and picks.
struct ShowPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Show tomograms with labels and picks: a PNG montage and one HTML page.",
    usage: "octopi preview --config FILE --output FOLDER [--picks USER/SESSION] [--truth USER/SESSION] [--seg-uri NAME:USER/SESSION] [options]",
    discussion: """
      Examples:

        octopi preview -c config.json --picks octopi/1 -o preview
        octopi preview -c config.json --seg-uri predict:unet/1 --picks octopi/1 \\
            --truth data-portal/0 --run-ids TS_1 -o TS_1

      Writes preview.png and preview.html. The page is one file that opens in any browser, without a network: planes to browse, \
      classes and errors to switch on and off, and the numbers of 'octopi evaluate'. Existing files are refused (exit 73) unless \
      --overwrite is given.
      """)

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var tomograms: TomogramOptions
  @OptionGroup(title: "Input") var segmentation: SegmentationOptions
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Input") var picks: ShownPicksOptions
  @OptionGroup(title: "Score") var score: ScoreOptions
  @OptionGroup(title: "Look") var look: LookOptions
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions
  @OptionGroup(title: "Messages") var progress: ProgressOptions

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: ArgumentHelp("Folder for preview.png and preview.html (required).", valueName: "folder"), completion: .directory)
  var folder: String?

  @Flag(name: .customLong("overwrite"), help: "Replace an older preview.")
  var overwrite = false

  func run() throws { try perform(Array(CommandLine.arguments.dropFirst()), console: output.console(progress)) }

  /// - words: the command line, which the preview shows.
  @discardableResult
  func perform(_ words: [String], console: Console) throws -> Preview.Result {
    let request = try request(words), threads = try threads.requested()
    guard let folder else { throw UsageFailure.missing("--output", "the folder of the preview, e.g. -o preview") }
    let report = JobReport(console: console, words: words, participle: "drawn"), pool = JobThreads.forJob(threads)
    let job = try PreviewProject(request, on: pool)
    report.show(job.warnings)
    report.show(skipped: job.skipped)
    let result = try report.withOutputs { outputs in
      try job.preview.prepare(folder, outputs)
      console.begin(runs: job.preview.runs.count, units: job.preview.runs.count, unit: "run")
      defer { console.end() }
      return try job.preview.write(to: folder, outputs, on: pool, events: report.show)
    }
    report.show(result.warnings)
    console.result(result.paths.map { $0 + "\n" }.joined())
    console.document(PreviewText.document(result, skipped: job.skipped.map(\.run)))
    return result
  }

  private func request(_ words: [String]) throws -> PreviewRequest {
    var request = PreviewRequest(configuration: try project.required(), tomogram: try tomograms.resolved())
    request.runs = try runs.names()
    if segmentation.segURI != nil || segmentation.segInfo != nil { request.segmentation = try segmentation.resolved() }
    request.picks = try picks.owner()
    request.truth = try picks.truth.map(PicksOwner.init)
    request.options = try look.options()
    request.options.distanceThresholdScale = score.distanceThresholdScale
    request.options.beta = score.beta
    request.options.program = "octopi \(ProgramVersion.text)"
    request.options.command = Resume.text(words)
    request.options.existing = overwrite ? .replace : .refuse
    return request
  }
}

/// What `preview` prints.
private enum PreviewText {
  static func document(_ result: Preview.Result, skipped: [String]) -> PythonValue {
    var members: [PythonValue.Member] = [.init("command", "preview"), .init("files", .array(result.paths.map(PythonValue.string)))]
    if case .object(let numbers) = result.document { members += numbers }
    return .object(members + [.init("skipped", .array(skipped.map(PythonValue.string)))])
  }
}
