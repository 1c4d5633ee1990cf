import ArgumentParser
import Octopi

/// `octopi localize`: label volumes -> picks.
struct Localize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the particles in a project's label volumes.",
    usage: "octopi localize --config FILE [--seg-uri NAME:USER/SESSION] [options]",
    discussion: """
      Examples:

        octopi localize --config config.json --seg-info predict,unet,1 \\
            --pick-session-id 1 --pick-user-id octopi
        octopi localize -c config.json -suri predict:unet/1 -m com -psid 2

      Writes one picks file per run and object, and a log, into the project's overlay. Where 'octopi segment --probabilities' left \
      probabilities beside the labels, a pick's score is the mean probability of its object over the particle (the voxels with its label \
      within its radius); elsewhere it is 1. Results that exist are refused (exit 73) \
      unless --overwrite or --resume is given.
      """)

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var segmentation: SegmentationOptions
  @OptionGroup(title: "Input") var spacing: LabelSpacingOption
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Picking") var particles: ParticleOptions
  @OptionGroup(title: "Picking") var objects: ObjectsOption
  @OptionGroup(title: "Picking") var score: MinimumScoreOption
  @OptionGroup(title: "Output") var result: PickOptions
  @OptionGroup(title: "Output") var existing: ExistingOptions
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Performance") var processes: ProcessesOption
  @OptionGroup(title: "Output") var dryRun: DryRunOption
  @OptionGroup(title: "Messages") var output: OutputOptions
  @OptionGroup(title: "Messages") var progress: ProgressOptions

  func run() throws { try perform(Array(CommandLine.arguments.dropFirst()), console: output.console(progress)) }

  /// - words: the command line, for the one that goes on after an interrupt.
  /// - usesProbabilities: of an earlier segmentation, or not.
  /// - Returns: what was found; nil for a dry run.
  @discardableResult
  func perform(_ words: [String], console: Console, usesProbabilities: Bool = true) throws -> JobSummary<LocalizeProject.RunResult>? {
    var request = try request()
    request.usesProbabilities = usesProbabilities
    let threads = try threads.requested()
    processes.say(to: console)
    let report = JobReport(console: console, words: words, participle: "localized")
    var job = try LocalizeProject(request)
    report.show(job.warnings)
    report.show(skipped: job.skipped)
    if dryRun.dryRun {
      try job.prepare(nil)
      try LocalizeText.plan(of: job, console)
      return nil
    }
    let summary = try report.withOutputs { outputs in
      try job.prepare(outputs)
      let names = job.objects.map { "\($0.name) (label \($0.label), radius \(VoxelSpacing($0.radius)))" }
      console.note("objects: " + names.joined(separator: ", "))
      let scored = job.runs.count { $0.probabilities != nil }
      if scored > 0 { console.note("scores: mean probabilities, in \(scored) of \(Units.plural(job.runs.count, "run"))") }
      console.begin(runs: job.runs.count, units: job.runs.count * job.objects.count, unit: "object")
      defer { console.end() }
      return try job.run(on: .forJob(threads), outputs, events: report.show)
    }
    LocalizeText.results(summary, job, console)
    try report.conclude(summary)
    return summary
  }

  private func request() throws -> LocalizeRequest {
    try existing.check()
    let config = try project.required()
    var request = LocalizeRequest(
      configuration: config, segmentation: try segmentation.resolved(), spacing: try spacing.spacing(),
      picks: try result.target())
    request.runs = try runs.names()
    request.method = try particles.localizeMethod()
    request.minimumRadiusScale = particles.radiusMinScale
    request.maximumRadiusScale = particles.radiusMaxScale
    request.filterSize = particles.filterSize
    request.objects = try objects.names()
    request.label = particles.label
    request.minimumScore = try score.score()
    request.existing = existing.results
    return request
  }
}

/// What `localize` prints.
private enum LocalizeText {
  /// What would be done.
  static func plan(of job: LocalizeProject, _ console: Console) throws {
    var table = Table([("run", .left), ("labels", .left), ("scores", .left), ("objects", .left), ("kept", .left)])
    for planned in job.runs {
      table.add([
        planned.run.name, planned.segmentation.path, planned.probabilities == nil ? "1" : "probabilities", planned.objects.map(\.name).joined(separator: ","),
        planned.kept.map(\.name).joined(separator: ","),
      ])
    }
    console.result(table.text() + "nothing was written\n")
    console.document([
      "command": "localize", "dry_run": true,
      "runs": .array(
        job.runs.map { planned in
          [
            "run": .string(planned.run.name), "labels": .string(planned.segmentation.path),
            "probabilities": .optional(planned.probabilities), "objects": .array(planned.objects.map { .string($0.name) }),
            "kept": .array(planned.kept.map { .string($0.name) }),
          ]
        }), "skipped": .array(job.skipped.map { .string($0.run) }),
    ])
  }

  /// Picks per run and object.
  static func results(_ summary: JobSummary<LocalizeProject.RunResult>, _ job: LocalizeProject, _ console: Console) {
    var table = Table([("run", .left)] + job.objects.map { ($0.name, .right) } + [("all", .right)])
    for result in summary.finished {
      let counts = job.objects.map { object in result.picks.first { $0.object == object.name }.map { Units.count($0.count) } ?? "kept" }
      table.add([result.run] + counts + [Units.count(result.picks.reduce(0) { $0 + $1.count })])
    }
    if !summary.finished.isEmpty { console.result(table.text()) }
    if let least = job.request.minimumScore {
      let dropped = summary.finished.flatMap(\.picks).reduce(0) { $0 + $1.dropped }
      console.note("\(Units.plural(dropped, "pick")) scored below \(least) and \(dropped == 1 ? "was" : "were") left out")
    }
    console.document([
      "command": "localize", "picks": .string("\(job.request.picks.user)/\(job.request.picks.session)"),
      "runs": .array(summary.finished.map(document)), "skipped": .array(job.skipped.map { .string($0.run) }),
      "failed": summary.failures(of: "run"), "untried": summary.leftOut,
    ])
  }

  private static func document(_ result: LocalizeProject.RunResult) -> PythonValue {
    [
      "run": .string(result.run), "seconds": .float(result.seconds),
      "objects": .array(
        result.picks.map { object in
          let path: String? =
            switch object.outcome {
            case .written(let path), .emptied(let path): path
            case .none: nil
            }
          return [
            "object": .string(object.object), "picks": .int(object.count), "mean_score": object.meanScore.map(PythonValue.float) ?? .null,
            "below_min_score": .int(object.dropped), "path": .optional(path),
          ]
        }),
    ]
  }
}
