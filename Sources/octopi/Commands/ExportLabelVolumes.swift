import Octopi

/// The other half of `octopi export`: label volumes.
extension Export {
  func exportLabels(_ console: Console) throws {
    let report = JobReport(console: console, words: Array(CommandLine.arguments.dropFirst()), participle: "exported")
    let place = try place.required(), threads = try threads.requested()
    let job = try ExportLabels(labelsRequest(place), to: place)
    report.show(job.warnings)
    report.show(skipped: job.skipped)
    if dryRun.dryRun {
      try job.prepare(nil)
      return LabelText.plan(of: job, console)
    }
    let summary = try report.withOutputs { outputs in
      try job.prepare(outputs)
      return try job.run(on: .forJob(threads), outputs) { event in if case .finished = event { return } else { report.show(event) } }
    }
    LabelText.results(summary, job, console)
    try report.conclude(summary)
  }

  private func labelsRequest(_ place: String) throws -> ExportLabelsRequest {
    let target = try segmentation.resolved()
    if let other = format.formats.first(where: { $0 != .mrc }) {
      throw UsageFailure("labels are not written as \(other.rawValue)", remedy: "export labels with --format mrc, picks in a command of their own")
    }
    try format.check(place, only: .mrc)
    let ofPicks: [(option: String, isGiven: Bool)] = [
      ("--picks", picks.picks != nil), ("--pick-user-id", picks.userID != nil), ("--pick-session-id", picks.sessionID != nil),
      ("--pick-objects", objects.pickObjects != nil), ("--min-score", score.minimumScore != nil), ("--star-flavour", star.flavour != .relion5),
      ("--tilt-series-pixel-size", star.pixelSize != nil), ("--tomograms-star", star.tomogramsFile != nil), ("--tomo-uri", tomogram.tomoURI != nil),
      ("--tomo-alg", tomogram.tomoAlg != nil),
    ]
    if let option = ofPicks.first(where: \.isGiven)?.option {
      throw UsageFailure("\(option) means nothing for labels", remedy: "leave it out, or export picks in a command of their own")
    }
    var request = ExportLabelsRequest(configuration: try project.required(), segmentation: target, spacing: try tomogram.resolved().spacing)
    request.runs = try runs.names()
    request.existing = overwrite.overwrite ? .replace : .refuse
    return request
  }
}

/// What `export` prints of labels.
private enum LabelText {
  static func plan(of job: ExportLabels, _ console: Console) {
    var table = Table([("run", .left), ("labels", .left), ("file", .left)])
    for planned in job.runs { table.add([planned.run, planned.segmentation.path, planned.path]) }
    console.result(table.text() + "nothing was written\n")
    let files = job.runs.map { planned -> PythonValue in
      ["run": .string(planned.run), "labels": .string(planned.segmentation.path), "path": .string(planned.path), "format": "mrc"]
    }
    console.document(.object(head(job, isDryRun: true) + [.init("files", .array(files)), skipped(job)]))
  }

  static func results(_ summary: JobSummary<ExportLabels.RunResult>, _ job: ExportLabels, _ console: Console) {
    var table = Table([("run", .left), ("labelled voxels", .right), ("file", .left)])
    for result in summary.finished { table.add([result.run, Units.count(result.voxelsPerLabel.dropFirst().reduce(0, +)), result.path]) }
    if !summary.finished.isEmpty { console.result(table.text()) }
    let files = summary.finished.map { result -> PythonValue in
      [
        "run": .string(result.run), "path": .string(result.path), "format": "mrc", "shape": .array(result.shape.axes.map { .int($0) }),
        "voxels_per_label": .array(result.voxelsPerLabel.map { .int($0) }),
      ]
    }
    console.document(
      .object(
        head(job, isDryRun: false) + [
          .init("files", .array(files)), skipped(job),
          .init("failed", summary.failures(of: "run")), .init("untried", summary.leftOut),
        ]))
  }

  private static func head(_ job: ExportLabels, isDryRun: Bool) -> [PythonValue.Member] {
    [
      .init("command", "export"), .init("dry_run", .bool(isDryRun)), .init("segmentation", .string("\(job.request.segmentation)")),
      .init("voxel_spacing", .float(job.request.spacing.angstrom)),
    ]
  }

  private static func skipped(_ job: ExportLabels) -> PythonValue.Member { .init("skipped", .array(job.skipped.map { .string($0.run) })) }
}
