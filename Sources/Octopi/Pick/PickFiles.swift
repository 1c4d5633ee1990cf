public import Kernels

/// Which tomograms, files outside of any project, are picked, and how.
public struct PickFilesRequest: Sendable {
  public let segmentation: SegmentFilesRequest
  /// Where everything is written.
  public let folder: String
  /// A copick configuration with the objects, as typed; nil: those that the model carries.
  public var objectsFile: String?
  /// nil: all particles.
  public var objects: [String]?
  /// The label of every object; nil: what the model says.
  public var label: Int?
  public var method = LocalizeMethod.watershed(filterSize: 10)
  public var minimumRadiusScale = 0.5
  public var maximumRadiusScale = 1.0
  /// Picks with a lower score are dropped; only where probabilities are written too.
  public var minimumScore: Double?
  public let picks: PicksTarget
  public var star = ParticleStar(.relion5)
  public var preview = PreviewOptions()
  /// The command that does the same with one of the files, for the page.
  public var command: (@Sendable (_ file: String) -> String)?

  public init(segmentation: SegmentFilesRequest, folder: String, picks: PicksTarget) {
    self.segmentation = segmentation
    self.folder = folder
    self.picks = picks
  }
}

/// From tomograms that are files of their own to labels, picks, tables and a picture: `octopi pick FILE...`.
///
/// Picks of files whose probabilities are written too have scores made from them (see `PickScoring`), others score 1 as octopi writes.
///
///     var job = try PickFiles(request)
///     try job.prepare(outputs)                             // locks; refuses what exists
///     try job.segment.loadNetworks(on: pool)
///     let summary = try job.run(on: pool, outputs) { event in ... }
///     let paths = try job.finish(summary.finished, summary: document, outputs, on: pool)
public struct PickFiles {
  public let request: PickFilesRequest
  public var segment: SegmentFiles
  public let objects: [LocalizedObject]
  public let warnings: [Warning]
  let classes: [PreviewClass]

  /// Opens all files, reads configurations and objects: nothing is written, no voxel and no network is read.
  public init(_ request: PickFilesRequest) throws {
    self.request = request
    segment = try SegmentFiles(request.segmentation)
    let model = segment.networks.options.models[0].weights
    let all: [CopickConfiguration.Object]
    if let file = request.objectsFile {
      all = try CopickConfiguration(file: file).objects
    } else if let carried = try NetworkFile(path: model).objects {
      all = carried
    } else {
      throw PickError.noObjects(model: model)
    }
    let source = request.objectsFile ?? model
    let selection = try PickFiles.objects(all, segment.networks.model.labels, request, source: source)
    objects = selection.entries
    warnings = segment.warnings + selection.warnings
    classes = all.map(PreviewClass.init)
    for file in segment.files where !StarText.isCell(PickFiles.name(of: file.file)) {
      throw StarError.nameIsNoCell(run: PickFiles.name(of: file.file))
    }
    try request.star.check()
  }

  /// Takes the locks of the labels and of the summary, which stands for the folder's pictures; then decides about results that exist.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public mutating func prepare(_ outputs: Outputs?) throws {
    try outputs?.lock(summaryPath)
    try segment.prepare(outputs)
    let others = segment.files.flatMap { paths(of: $0.file) } + Preview.paths(in: request.folder) + [summaryPath]
    // Pictures and tables of labels that stay are made again.
    if request.segmentation.options.existing == .refuse { _ = try ExistingResults.refuse.kept(others) }
  }

  /// What became of one file.
  public struct FileResult: Sendable {
    public let segmentation: SegmentFiles.FileResult
    /// The tomogram's name, by which results are called.
    public let name: String
    /// Object by object.
    public let picks: [PlacedPicks]
    /// Object by object: how many scored less than was asked for, and the mean score of the others; nil where nothing is known of scores.
    public let scores: [(dropped: Int, mean: Double?)]
    /// The picks' files: one an object in the same order, then STAR, then CSV.
    public let paths: [String]
  }

  /// Segments, localises and writes all files, one after the other. One unit of work is a window.
  public func run(on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void) throws -> JobSummary<FileResult> {
    try JobSummary(segment.files, name: \.file.path, events: events) { file in
      let result = try segment.segment(file, on: pool, outputs, events: events)
      let found = try localize(result, on: pool)
      let name = PickFiles.name(of: file.file), tomogram = TomogramGeometry(shape: result.shape, spacing: result.spacing)
      let picks = zip(objects, found).map { PlacedPicks(run: name, object: $0.name, label: $0.label, points: $1.points, tomogram: tomogram) }
      return FileResult(
        segmentation: result, name: name, picks: picks, scores: found.map { ($0.dropped, $0.meanScore) },
        paths: try write(picks, of: file.file, outputs))
    }
  }

  /// Draws all files with their labels and picks, and writes `summary`.
  /// - Returns: paths of the pictures and of the summary.
  public func finish(_ results: [FileResult], summary: PythonValue, _ outputs: Outputs, on pool: ThreadPool) throws -> [String] {
    var options = request.preview
    options.existing = existing
    options.predictionName = request.picks.description
    let names = Dictionary(objects.map { ($0.label, $0.name) }) { first, _ in first }
    let runs = try results.compactMap { result throws -> PreviewRun? in
      guard let file = segment.files.first(where: { $0.file == result.segmentation.file }) else { return nil }
      var run = PreviewRun(
        name: result.name, tomogram: OutputPath(file.file.path).name, volume: file.tomogram.source(on: pool), spacing: file.tomogram.spacing)
      run.command = request.command?(file.file.path)
      run.labels = PreviewLabels(try ImageGroup(file.file.results.labels, .segmentation), spacing: file.tomogram.spacing, names: names, on: pool)
      for (part, scores) in zip(result.picks, result.scores) {
        run.predictions[part.object] = part.points.map { PreviewPick($0.centre, score: scores.mean == nil ? nil : $0.score) }
      }
      return run
    }
    let pictures = try Preview(classes: classes, runs: runs, options: options).write(to: request.folder, outputs, on: pool)
    try outputs.write(Array((PythonJSON.text(summary, indent: 2) + "\n").utf8), to: summaryPath, existing: existing)
    return pictures.paths + [summaryPath]
  }

  // MARK: Steps

  private func localize(_ result: SegmentFiles.FileResult, on pool: ThreadPool) throws -> [LocalizedPicks] {
    let image = try ImageGroup(result.file.results.labels, .segmentation, expected: result.spacing)
    let scoring = try result.file.results.probabilities.map { PickScoring(try ProbabilityImage($0), minimum: request.minimumScore) }
    return try Localizer(method: request.method).picks(
      in: image, of: objects, minimumScale: request.minimumRadiusScale, maximumScale: request.maximumRadiusScale, spacing: result.spacing,
      scoring: scoring, on: pool)
  }

  private func write(_ picks: [PlacedPicks], of file: SegmentFilesRequest.File, _ outputs: Outputs) throws -> [String] {
    let paths = paths(of: file), stem = PickFiles.stem(of: file, in: request.folder)
    for (part, path) in zip(picks, paths) {
      let document = Picks(
        object: part.object, user: request.picks.user, session: request.picks.session, run: part.run, points: part.points)
      try outputs.write(Array(document.json.utf8), to: path, existing: existing)
    }
    var written = Array(paths.prefix(picks.count))
    for star in try request.star.files(picks, path: stem + ".star") {
      try outputs.write(Array(star.text.utf8), to: star.path, existing: existing)
      written.append(star.path)
    }
    try outputs.write(Array(PicksTables.csv(picks).utf8), to: stem + ".csv", existing: existing)
    return written + [stem + ".csv"]
  }

  /// What is written of one file besides labels: a file of picks an object, STAR, CSV.
  public func paths(of file: SegmentFilesRequest.File) -> [String] {
    let stem = PickFiles.stem(of: file, in: request.folder)
    let indexed = request.star.flavour == .import ? ["\(stem)/\(PickFiles.name(of: file)).star"] : []
    return objects.map { "\(stem).\($0.name).json" } + [stem + ".star"] + indexed + [stem + ".csv"]
  }

  private var summaryPath: String { request.folder + "/summary.json" }

  /// Picks of labels that were kept are made again.
  private var existing: Outputs.Existing { request.segmentation.options.existing == .refuse ? .refuse : .replace }

  private static func name(of file: SegmentFilesRequest.File) -> String { TomogramFile.stem(of: file.path) }

  private static func stem(of file: SegmentFilesRequest.File, in folder: String) -> String { OutputPath(folder).child(name(of: file)) }

  /// Particles with a radius that the model labels, in the order of `all`.
  private static func objects(
    _ all: [CopickConfiguration.Object], _ labels: [ModelConfiguration.Label], _ request: PickFilesRequest, source: String
  ) throws -> Listing<LocalizedObject> {
    let particles = all.filter(\.isParticle)
    var found = particles.compactMap { object -> LocalizedObject? in
      guard let radius = object.radius, radius > 0 else { return nil }
      guard let label = request.label ?? labels.first(where: { isSameText($0.name, object.name) })?.value else { return nil }
      return LocalizedObject(name: object.name, label: label, radius: radius)
    }
    if found.isEmpty { throw PickError.nothingInCommon(file: source, objects: particles.map(\.name), labels: labels.map(\.name)) }
    var warnings: [Warning] = []
    let left = particles.filter { object in !found.contains { isSameText($0.name, object.name) } }.map { "'\($0.name)'" }
    if !left.isEmpty {
      warnings.append(Warning("'\(source)': not looked for: \(left.joined(separator: ", "))", remedy: "objects need a radius, and a label of the model"))
    }
    if let names = request.objects {
      let unknown = names.filter { name in !found.contains { isSameText($0.name, name) } }
      if let first = unknown.first { throw CopickError.noParticle([first], particles: found.map(\.name)) }
      found = found.filter { object in names.contains { isSameText($0, object.name) } }
    }
    return Listing(entries: found, warnings: warnings)
  }
}
