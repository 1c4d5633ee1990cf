import ArgumentParser
import Octopi

/// `octopi export`: results of a project for other programs.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a project's picks or label volumes for other programs.",
    usage: """
      octopi export --config FILE [--picks USER/SESSION] [--format FORMAT] --output PLACE [options]
             octopi export --config FILE --seg-uri NAME:USER/SESSION [--format mrc] --output PLACE [options]
      """,
    discussion: """
      Examples:

        octopi export -c config.json --picks octopi/1 -o particles.star
        octopi export -c config.json --pick-objects ribosome \\
            --format star --format csv -o particles
        octopi export -c config.json --star-flavour relion4 \\
            --tilt-series-pixel-size 1.54 -o particles
        octopi export -c config.json --seg-uri predict:unet/1 --format mrc -o masks

      An output that ends in .star, .csv, .coords or .mrc is one file; any other is a folder: OBJECT.star for each object, picks.csv, \
      RUN.OBJECT.coords, RUN.labels.mrc.

      STAR flavours: relion5 (coordinates from the tomogram's centre in angstrom; with a pixel size also in pixels of the tilt series), \
      import (RELION's job Import coordinates: an index and a file per run), relion4 (pixels of the tilt series), warp (voxels of the \
      tomogram). In a file of several objects rlnClassNumber tells them apart. CSV: angstrom; .coords: voxels. \
      Labels as MRC: bytes up to label 127, else 16-bit integers.
      """)

  @OptionGroup(title: "Input") var project: ConfigOption
  @OptionGroup(title: "Input") var runs: RunOptions
  @OptionGroup(title: "Input") var tomogram: TomogramOptions
  @OptionGroup(title: "Input") var picks: PickOptions
  @OptionGroup(title: "Input") var objects: ObjectsOption
  @OptionGroup(title: "Input") var score: MinimumScoreOption
  @OptionGroup(title: "Labels") var segmentation: SegmentationOptions
  @OptionGroup(title: "Output") var format: FormatOption
  @OptionGroup(title: "Output") var star: StarOptions
  @OptionGroup(title: "Output") var place: OutputPlaceOption
  @OptionGroup(title: "Output") var overwrite: OverwriteOption
  @OptionGroup(title: "Output") var dryRun: DryRunOption
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    if segmentation.segURI != nil || segmentation.segInfo != nil || format.formats.contains(.mrc) { return try exportLabels(console) }
    let report = JobReport(console: console, words: Array(CommandLine.arguments.dropFirst()), participle: "exported")
    let place = try place.required()
    let job = try ExportProject(request(place))
    report.show(job.warnings)
    report.show(skipped: job.skipped)
    let files = try job.files(at: place)
    try overwrite.check(files.map(\.path))
    if !dryRun.dryRun {
      try report.withOutputs { outputs in
        for file in files { try overwrite.write(Array(file.text.utf8), to: file.path, outputs) }
      }
    }
    ExportText.results(job, files, isDryRun: dryRun.dryRun, console)
  }

  private func request(_ place: String) throws -> ExportRequest {
    try star.check()
    var request = ExportRequest(configuration: try project.required(), picks: try picks.target())
    request.objects = try objects.names()
    request.runs = try runs.names()
    request.minimumScore = try score.score()
    request.formats = try format.picksFormats(for: place)
    request.flavour = star.flavour
    request.pixelSize = star.pixelSize
    request.tomogramsFile = star.tomogramsFile
    request.tomogram = try tomogram.chosen()
    request.comments = ["octopi \(ProgramVersion.text): picks \(request.picks)"]
    return request
  }
}

/// What results are exported as.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case star, csv, coords, mrc

  /// nil for labels.
  var ofPicks: PicksFormat? { PicksFormat(rawValue: rawValue) }
}

/// `--format`.
struct FormatOption: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp("What to write; may be repeated (default: what the output ends in, else star; mrc for labels).", valueName: "format"))
  var formats: [ExportFormat] = []

  /// Every format of picks once.
  func picksFormats(for place: String) throws(UsageFailure) -> [PicksFormat] {
    try check(place)
    let named = PicksFormat.allCases.filter { formats.compactMap(\.ofPicks).contains($0) }
    if !named.isEmpty { return named }
    guard let ending = Self.ending(of: place) else { return [.star] }
    guard let format = ending.ofPicks else {
      throw UsageFailure("--output '\(place)' is a file of labels", remedy: "add --seg-uri, e.g. --seg-uri predict:octopi/1, or choose another ending for picks")
    }
    return [format]
  }

  /// A file that ends in another format is a slip.
  func check(_ place: String, only: ExportFormat? = nil) throws(UsageFailure) {
    let named = formats.isEmpty ? [only].compactMap(\.self) : ExportFormat.allCases.filter(formats.contains)
    guard let ending = Self.ending(of: place), !named.isEmpty, named != [ending] else { return }
    throw UsageFailure(
      "--output '\(place)' is one file of the format \(ending.rawValue), "
        + (formats.isEmpty ? "here are labels" : "--format says \(named.map(\.rawValue).joined(separator: ", "))"),
      remedy: "give a folder, or one format")
  }

  private static func ending(of place: String) -> ExportFormat? { ExportFormat.allCases.first { place.lowercased().hasSuffix("." + $0.rawValue) } }
}

/// `--output` of commands that must have one.
struct OutputPlaceOption: ParsableArguments {
  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: ArgumentHelp("File or folder that is written (required).", valueName: "place"), completion: .file())
  var output: String?

  /// The place as typed, without slashes at its end.
  func required() throws(UsageFailure) -> String {
    guard var output, !output.isEmpty else { throw .missing("--output", "a file or a folder, e.g. -o particles") }
    while output.count > 1, output.hasSuffix("/") { output.removeLast() }
    return output
  }
}

/// What `export` prints.
private enum ExportText {
  static func results(_ job: ExportProject, _ files: [ExportProject.File], isDryRun: Bool, _ console: Console) {
    var table = Table([("picks", .right), ("format", .left), ("file", .left)])
    for file in files { table.add([Units.count(file.picks), file.format.rawValue, file.path]) }
    console.result(table.text() + (isDryRun ? "nothing was written\n" : ""))
    let reader = warpCommand(job, files)
    if let reader { console.result("WarpTools reads it with:\n  \(reader)\n") }
    console.document([
      "command": "export", "dry_run": .bool(isDryRun), "picks": .string("\(job.request.picks)"),
      "files": .array(files.map { ["path": .string($0.path), "format": .string($0.format.rawValue), "picks": .int($0.picks)] }),
      "skipped": .array(job.skipped.map { .string($0.run) }), "read_with": .optional(reader),
    ])
  }

  /// Coordinates in voxels mean nothing without the size of the voxels.
  private static func warpCommand(_ job: ExportProject, _ files: [ExportProject.File]) -> String? {
    guard job.request.flavour == .warp, let file = files.first(where: { $0.format == .star }) else { return nil }
    guard let spacing = job.picks.lazy.compactMap(\.tomogram?.spacing).first else { return nil }
    return WarpCommand.reading(file.path, spacing)
  }
}

/// What reads STAR files of the flavour `warp`.
enum WarpCommand {
  static func reading(_ path: String, _ spacing: VoxelSpacing) -> String {
    "WarpTools ts_export_particles --input_star \(path) --coords_angpix \(spacing.shortText) ..."
  }
}
