import ArgumentParser
import Octopi

/// `octopi pick`: from tomograms to picks in one command, for a project or for files.
struct Pick: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Segment tomograms and find the particles, in one command.",
    usage: "octopi pick FILE ... --model MODEL --output FOLDER [options]\n       octopi pick --config FILE --model MODEL [options]",
    discussion: """
      Examples:

        octopi pick tomo.mrc --model model.octopi -o out
        octopi pick *.rec --model model.onnx --model-config model_config.yaml \\
            --objects config.json --voxel-size 10 -o out
        octopi pick tomo.mrc --model model.octopi -o out --dry-run
        octopi pick -c config.json --model model.octopi --tomo-uri wbp@10

      Files: MRC (.mrc, .rec, .map) and OME-Zarr; writes NAME.labels.zarr, NAME.OBJECT.json, NAME.star and NAME.csv for each, and preview.png, preview.html and summary.json for all. \
      With --probabilities picks have real scores: the mean probability over the particle. A project: writes labels and picks into its overlay, as segment and localize do; with --output also a preview.
      """)

  @Argument(help: ArgumentHelp("Tomograms: MRC files or OME-Zarr stores.", valueName: "file"), completion: .file())
  var files: [String] = []

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var tomogram: TomogramOptions
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Input") var segmentation: SegmentationOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var configurationOptions: ConfigurationOptions
  @OptionGroup(title: "Windows") var windows: PickWindowOptions
  @OptionGroup(title: "Windows") var rescale: RescaleOption
  @OptionGroup(title: "Performance") var exact: ExactOption
  @OptionGroup(title: "Picking") var source: ObjectsFileOption
  @OptionGroup(title: "Picking") var objects: ObjectsOption
  @OptionGroup(title: "Picking") var particles: ParticleOptions
  @OptionGroup(title: "Picking") var score: MinimumScoreOption
  @OptionGroup(title: "Output") var place: OutputPlaceOption
  @OptionGroup(title: "Output") var picks: PickOptions
  @OptionGroup(title: "Output") var star: StarOptions
  @OptionGroup(title: "Output") var mrc: LabelMRCOption
  @OptionGroup(title: "Look") var look: LookOptions
  @OptionGroup(title: "Look") var truth: TruthOption
  @OptionGroup(title: "Output") var existing: ExistingOptions
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Performance") var memory: MemoryOption
  @OptionGroup(title: "Output") var dryRun: DryRunOption
  @OptionGroup(title: "Output") var first: PreviewFirstOption
  @OptionGroup(title: "Output") var results: ResultOptions
  @OptionGroup(title: "Messages") var output: OutputOptions
  @OptionGroup(title: "Messages") var progress: ProgressOptions

  func run() throws {
    let console = try output.console(progress), words = Array(CommandLine.arguments.dropFirst())
    try existing.check()
    try star.check()
    if let least = try score.score(), !results.probabilities {
      throw UsageFailure("--min-score \(least): without probabilities all picks score 1", remedy: "add --probabilities: scores are made from them")
    }
    if files.isEmpty { return try pickProject(words, console) }
    if let config = project.config { throw UsageFailure.contradiction(files[0], "--config \(config)") }
    try pickFiles(words, console)
  }

  // MARK: A project

  /// The steps that the project's own commands are.
  private func pickProject(_ words: [String], _ console: Console) throws {
    guard project.config != nil else { throw UsageFailure.missing("FILE", "tomograms, e.g. octopi pick tomo.mrc, or a project with --config") }
    try refuse(
      [("--objects", source.file), ("--star-flavour", star.flavour == .relion5 ? nil : ""),
        ("--tilt-series-pixel-size", star.pixelSize.map { "\($0)" }), ("--tomograms-star", star.tomogramsFile), ("--mrc", mrc.mrc ? "" : nil)],
      "belongs to files, here is a project",
      remedy: "leave it out: the project names its objects, and 'octopi export' writes its picks as STAR and its labels as MRC")
    if place.output == nil, let option = truth.truth.map({ _ in "--truth" }) ?? look.given {
      throw UsageFailure("\(option) is for the preview, which a project only gets with --output", remedy: "add the preview's folder, e.g. -o preview")
    }
    let target = try picks.target(), tomogram = try tomogram.resolved()
    let copick = try Project(file: project.required())
    try copick.checkParticles(objects.names())
    if existing.results == .refuse { try copick.refusePicks(target, runs: runs.names()) }
    let steps = output.json ? console.withoutResults() : console
    var segment = try Segment.parse([])
    (segment.project, segment.tomogram, segment.runs, segment.segmentation) = (project, self.tomogram, runs, segmentation)
    (segment.model, segment.configurationOptions, segment.rescale, segment.results) = (model, configurationOptions, rescale, results)
    (segment.exact, segment.dryRun, segment.first) = (exact, dryRun, first)
    (segment.windows.overlap, segment.windows.ntta) = (windows.overlap, windows.ntta)
    (segment.existing, segment.threads, segment.memory, segment.output, segment.progress) = (existing, threads, memory, output, progress)
    if dryRun.dryRun { return try segment.perform(words, console: console, as: "pick") }
    try segment.perform(words, console: steps, pictures: place.output)
    var localize = try Localize.parse([])
    (localize.project, localize.runs, localize.segmentation, localize.objects) = (project, runs, segmentation, objects)
    localize.score = score
    (localize.particles, localize.result, localize.existing, localize.threads) = (particles, picks, existing, threads)
    localize.spacing.voxelSize = tomogram.spacing.angstrom
    (localize.output, localize.progress) = (output, progress)
    let summary = try localize.perform(words, console: steps, usesProbabilities: results.probabilities)
    var pictures: [String] = []
    if place.output != nil {
      var preview = try ShowPreview.parse([])
      (preview.project, preview.tomograms, preview.runs, preview.threads) = (project, self.tomogram, runs, threads)
      preview.segmentation.segURI = "\(try segmentation.resolved())"
      (preview.picks.picks, preview.folder, preview.overwrite) = ("\(target)", try place.required(), existing.overwrite || existing.resume)
      (preview.look, preview.picks.truth) = (look, truth.truth)
      pictures = try preview.perform(words, console: steps).paths
    }
    console.document(PickText.document(summary, picks: target, pictures: pictures))
  }

  /// Options of the other kind of input are refused rather than ignored.
  private func refuse(_ options: [(name: String, value: String?)], _ reason: String, remedy: String) throws(UsageFailure) {
    for option in options where option.value != nil { throw UsageFailure("\(option.name) \(reason)", remedy: remedy) }
  }

  // MARK: Files

  private func pickFiles(_ words: [String], _ console: Console) throws {
    let report = JobReport(console: console, words: words, participle: "picked"), request = try request(words, console)
    let pool = JobThreads.forJob(try threads.requested())
    var job = try PickFiles(request)
    report.show(job.warnings)
    if dryRun.dryRun {
      try job.prepare(nil)
      let loading = try DryRun.seconds { try job.segment.loadNetworks(on: pool) }
      for note in job.segment.networks.notes { console.note(note) }
      return try PickText.plan(of: job, loading: loading, on: pool, console)
    }
    let summary = try report.withOutputs { outputs in
      try job.prepare(outputs)
      try job.segment.loadNetworks(on: pool)
      for note in job.segment.networks.notes { console.note(note) }
      try first.show(in: place.output, words, outputs, console) { _ in try job.firstLook(on: pool) }
      let windows = job.segment.files.filter { !$0.isKept }.map { (try? job.segment.plan($0, on: pool).windows) ?? 0 }
      console.begin(runs: job.segment.files.count, units: windows.reduce(0, +), unit: "window")
      let summary = try job.run(on: pool, outputs, events: report.show)
      console.end()
      let provenance = try Provenance(request.segmentation.options).lines, document = PickText.document(summary, job, provenance)
      let paths = try summary.finished.isEmpty ? [] : job.finish(summary.finished, summary: document, outputs, on: pool)
      console.result(PickText.table(summary.finished, job, paths))
      if let least = request.minimumScore {
        let dropped = summary.finished.flatMap(\.scores).reduce(0) { $0 + $1.dropped }
        console.note("\(Units.plural(dropped, "pick")) scored below \(least) and \(dropped == 1 ? "was" : "were") left out")
      }
      console.document(document)
      return summary
    }
    try report.conclude(summary) { Resume.command(words, files: files, only: $0) }
  }

  private func request(_ words: [String], _ console: Console) throws -> PickFilesRequest {
    try refuse(
      [("--tomo-uri", tomogram.tomoURI), ("--tomo-alg", tomogram.tomoAlg), ("--run-ids", runs.runIDs), ("--seg-uri", segmentation.segURI),
        ("--seg-info", segmentation.segInfo), ("--truth", truth.truth)],
      "belongs to a project, here are files", remedy: "leave it out, or give --config instead of files")
    let folder = try place.required()
    let inputs = files.map { SegmentFilesRequest.File(path: $0, in: folder, mrc: mrc.mrc, probabilities: results.probabilities) }
    var options = SegmentOptions(models: try model.pairs().map { SegmentRequest.Model(weights: $0.model, configuration: $0.configuration) })
    options.overrides = try configurationOptions.overrides()
    (options.overlap, options.augmentations) = (windows.overlap, try windows.all().checked(console))
    options.memoryLimit = try memory.requestedBytes() ?? MemoryBudget.available()
    (options.existing, options.rescale, options.isExact, options.zarrVersion) = (existing.results, rescale.rescale, exact.exact, try results.version())
    var segment = SegmentFilesRequest(files: inputs, options: options)
    if let size = tomogram.voxelSize {
      try TomogramOptions.check(size, "--voxel-size \(size)")
      segment.spacing = VoxelSpacing(size)
    }
    var request = PickFilesRequest(segmentation: segment, folder: folder, picks: try picks.target())
    (request.objectsFile, request.objects, request.label) = (source.file, try objects.names(), particles.label)
    (request.method, request.minimumScore) = (try particles.localizeMethod(), try score.score())
    (request.minimumRadiusScale, request.maximumRadiusScale) = (particles.radiusMinScale, particles.radiusMaxScale)
    request.star = ParticleStar(star.flavour)
    request.star.pixelSize = star.pixelSize
    request.star.tomograms = try star.tomogramsFile.map { try RelionTomograms(file: $0) }
    request.star.comments = try Provenance(options).lines
    if results.probabilities {
      request.star.comments.append("score: mean probability over the particle" + (request.minimumScore.map { ", at least \($0)" } ?? ""))
    }
    request.preview = try look.options()
    request.command = { [files] file in Resume.command(words, files: files, only: [file]) }
    (request.preview.program, request.preview.command) = ("octopi \(ProgramVersion.text)", Resume.text(words))
    return request
  }
}
