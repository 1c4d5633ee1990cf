import ArgumentParser
import Octopi

/// `octopi segment`: tomograms -> label volumes.
struct Segment: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Label every voxel of a project's tomograms with a trained network.",
    usage: "octopi segment --config FILE --model-weights MODEL.onnx --model-config FILE.yaml [options]",
    discussion: """
      Examples:

        octopi segment --config config.json \\
            --model-config best_model_config.yaml --model-weights best_model.onnx \\
            --voxel-size 10 --tomo-alg wbp --seg-info predict,unet,1
        octopi segment -c config.json -mc model_config.yaml -mw a.onnx,b.onnx \\
            --tomo-uri wbp@10.0 --seg-uri predict:unet/1 -runs TS_1,TS_2

      Writes one label volume per run and a log into the project's overlay. Results that exist are refused (exit 73) unless \
      --overwrite or --resume is given. Scripts/export_onnx.py makes the ONNX file.
      """)

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var tomogram: TomogramOptions
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Input") var segmentation: SegmentationOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var configurationOptions: ConfigurationOptions
  @OptionGroup(title: "Windows") var windows: WindowOptions
  @OptionGroup(title: "Windows") var rescale: RescaleOption
  @OptionGroup(title: "Performance") var exact: ExactOption
  @OptionGroup(title: "Output") var existing: ExistingOptions
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Performance") var memory: MemoryOption
  @OptionGroup(title: "Output") var dryRun: DryRunOption
  @OptionGroup(title: "Output") var first: PreviewFirstOption
  @OptionGroup(title: "Output") var results: ResultOptions
  @OptionGroup(title: "Messages") var output: OutputOptions
  @OptionGroup(title: "Messages") var progress: ProgressOptions

  func run() throws { try perform(Array(CommandLine.arguments.dropFirst()), console: output.console(progress)) }

  /// - words: the command line, for the one that goes on after an interrupt.
  /// - command: what the document of a dry run calls it.
  /// - pictures: the folder for a first look; nil: where we are.
  func perform(_ words: [String], console: Console, as command: String = "segment", pictures: String? = nil) throws {
    let report = JobReport(console: console, words: words, participle: "segmented")
    let request = try request(console), pool = JobThreads.forJob(try threads.requested())
    var job = try SegmentProject(request)
    report.show(job.warnings)
    report.show(skipped: job.skipped)
    if dryRun.dryRun {
      try job.prepare(nil)
      let loading = try DryRun.seconds { try job.loadNetworks(on: pool) }
      for note in job.networks.notes { console.note(note) }
      try SegmentText.plan(of: job, loading: loading, on: pool, console, as: command)
      return job.networks.slowSteps.forEach(console.note)
    }
    let summary = try report.withOutputs { outputs in
      try job.prepare(outputs)
      try job.loadNetworks(on: pool)
      for note in job.networks.notes { console.note(note) }
      try first.show(in: pictures, words, outputs, console) { try job.firstLook($0, on: pool) }
      let open = job.runs.filter { !$0.isKept }
      // A tomogram that cannot be read fails when its turn comes, and the others go on.
      let windows = open.map { (try? job.plan($0, on: pool).windows) ?? 0 }
      console.begin(runs: job.runs.count, units: windows.reduce(0, +), unit: "window")
      defer { console.end() }
      return try job.run(on: pool, outputs, events: report.show)
    }
    job.networks.slowSteps.forEach(console.note)
    SegmentText.results(summary, job, console)
    try report.conclude(summary)
  }

  private func request(_ console: Console) throws -> SegmentRequest {
    try existing.check()
    let config = try project.required()
    let tomogram = try tomogram.resolved(), target = try segmentation.resolved()
    let augmentations = try windows.checked(console)
    let memory = try memory.requestedBytes(), runs = try runs.names()
    _ = try threads.requested()
    let models = try model.pairs().map { SegmentRequest.Model(weights: $0.model, configuration: $0.configuration) }
    var request = SegmentRequest(configuration: config, models: models, tomogram: tomogram, target: target)
    request.options.overrides = try configurationOptions.overrides()
    request.runs = runs
    request.options.overlap = windows.overlap
    request.options.augmentations = augmentations
    request.options.windowBatch = windows.batchSize
    request.options.memoryLimit = memory ?? MemoryBudget.available()
    request.options.existing = existing.results
    request.options.rescale = rescale.rescale
    request.options.isExact = exact.exact
    request.options.zarrVersion = try results.version()
    request.probabilities = results.probabilities
    return request
  }
}

/// What `segment` prints.
private enum SegmentText {
  /// What would be done, how long it takes, how much memory and disk.
  static func plan(of job: SegmentProject, loading: Double, on pool: JobThreads, _ console: Console, as command: String) throws {
    let pace = job.pace(on: pool)
    var table = Table([
      ("run", .left), ("tomogram", .left), ("voxels", .right), ("windows", .right), ("time", .right), ("memory", .right), ("disk", .right),
    ])
    var runs: [PythonValue] = [], total = pace == nil ? 0 : loading
    for planned in job.runs {
      if planned.isKept {
        table.add([planned.run.name, planned.tomogram.uri, "kept"])
        runs.append(["run": .string(planned.run.name), "path": .string(planned.store), "kept": true])
        continue
      }
      let plan = try job.plan(planned, on: pool), shape = try job.shape(planned)
      let time = pace?.seconds(plan, voxels: shape.count), disk = planned.results.bytesAtMost(shape: shape, job.networks.model)
      total += time ?? 0
      table.add([
        planned.run.name, planned.tomogram.uri, "\(shape.z) x \(shape.y) x \(shape.x)", Units.count(plan.windows), DryRun.text(time),
        binarySize(plan.memory.totalBytes), "<= " + binarySize(disk),
      ])
      runs.append([
        "run": .string(planned.run.name), "path": .string(planned.store), "kept": false, "windows": .int(plan.windows),
        "windows_per_orientation": .array(plan.windowsPerOrientation.map { .int($0) }), "seconds": time.map(PythonValue.float) ?? .null,
        "memory_bytes": .int(plan.memory.totalBytes), "disk_bytes_at_most": .int(disk),
      ])
    }
    console.result(table.text() + "in all \(DryRun.text(total)); nothing was written\n")
    console.document([
      "command": .string(command), "dry_run": true, "runs": .array(runs), "skipped": .array(job.skipped.map { .string($0.run) }), "seconds": .float(total),
    ])
  }

  /// Voxels per label, run by run.
  static func results(_ summary: JobSummary<SegmentProject.RunResult>, _ job: SegmentProject, _ console: Console) {
    let labels = job.networks.model.labels
    var table = Table([("run", .left)] + labels.map { ($0.name, .right) } + [("windows", .right), ("time", .right), ("labels", .left)])
    for result in summary.finished {
      let counts = labels.map { label in result.segmentation.map { Units.count($0.voxels(of: label.value)) } ?? "kept" }
      let effort = result.segmentation.map { [Units.count($0.windows), Units.duration(result.seconds)] } ?? ["", ""]
      table.add([result.run] + counts + effort + [result.path])
    }
    if !summary.finished.isEmpty { console.result(table.text()) }
    console.document([
      "command": "segment", "segmentation": .string("\(job.request.target)"),
      "labels": .object(labels.map { .init($0.name, .int($0.value)) }), "runs": .array(summary.finished.map(document)),
      "skipped": .array(job.skipped.map { .string($0.run) }),
      "failed": summary.failures(of: "run"), "untried": summary.leftOut,
    ])
  }

  private static func document(_ result: SegmentProject.RunResult) -> PythonValue {
    guard let segmentation = result.segmentation else {
      return ["run": .string(result.run), "path": .string(result.path), "kept": true]
    }
    return [
      "run": .string(result.run), "path": .string(result.path), "kept": false, "seconds": .float(result.seconds),
      "windows": .int(segmentation.windows), "voxels_per_label": .array(segmentation.voxelsPerLabel.map { .int($0) }),
    ]
  }
}

extension SegmentationResult {
  fileprivate func voxels(of label: Int) -> Int { voxelsPerLabel.indices.contains(label) ? voxelsPerLabel[label] : 0 }
}
