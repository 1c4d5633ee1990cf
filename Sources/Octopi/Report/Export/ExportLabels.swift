public import Kernels

/// Which label volumes of which project are written as MRC files.
public struct ExportLabelsRequest: Sendable, Hashable {
  /// The project's configuration, as typed.
  public let configuration: String
  public let segmentation: SegmentationTarget
  public let spacing: VoxelSpacing
  /// nil: all that have the segmentation.
  public var runs: [String]?
  public var existing = Outputs.Existing.refuse

  public init(configuration: String, segmentation: SegmentationTarget, spacing: VoxelSpacing) {
    self.configuration = configuration
    self.segmentation = segmentation
    self.spacing = spacing
  }
}

/// Writes existing labels of a project as MRC files: `octopi export --seg-uri`.
///
///     let job = try ExportLabels(request, to: "masks")
///     try job.prepare(outputs)                             // locks; refuses what exists
///     let summary = try job.run(on: pool, outputs) { event in ... }
public struct ExportLabels: Sendable {
  /// One run: its labels, and the file that they are written to.
  public struct PlannedRun: Sendable {
    public let run: String
    public let segmentation: Segmentation
    public let path: String
  }

  public let request: ExportLabelsRequest
  public let runs: [PlannedRun]
  /// Runs without the segmentation.
  public let skipped: [Selection<Segmentation>.Skipped]
  public let warnings: [Warning]
  /// Labels by name and networks, where a log tells.
  private let origin: [String]

  /// Plans the job: nothing is written, no labels are read.
  ///
  /// - output: one file, if it ends in `.mrc`, of the only run; else the folder of all: `RUN.labels.mrc`.
  public init(_ request: ExportLabelsRequest, to output: String) throws {
    self.request = request
    let project = try Project(file: request.configuration)
    let selection = try project.segmentations(request.segmentation, at: request.spacing, runs: request.runs)
    let isFile = output.lowercased().hasSuffix(".mrc")
    if isFile, selection.found.count > 1 { throw ExportError.severalRuns(path: output, selection.found.map(\.entry.run)) }
    runs = selection.found.map(\.entry).map { segmentation in
      PlannedRun(run: segmentation.run, segmentation: segmentation, path: isFile ? output : OutputPath(output).child(segmentation.run + ".labels.mrc"))
    }
    origin = try ExportLabels.origin(project, request.segmentation)
    skipped = selection.skipped
    warnings = project.warnings + request.segmentation.warnings + selection.found.flatMap(\.warnings)
  }

  /// Takes the locks of everything that will be written; refuses what exists.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public func prepare(_ outputs: Outputs?) throws {
    for planned in runs {
      try outputs?.lock(planned.path)
      if request.existing == .refuse { try Outputs.refuse(planned.path) }
    }
  }

  /// What became of one run.
  public struct RunResult: Sendable {
    public let run: String
    public let path: String
    public let shape: VolumeShape
    /// Voxels with label 0, 1, ... up to the highest that occurs.
    public let voxelsPerLabel: [Int]
  }

  /// Writes all files, run by run. One unit of work is a run.
  public func run(on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void) throws -> JobSummary<RunResult> {
    try JobSummary(runs, name: \.run, events: events) { planned in
      let image = try ImageGroup(planned.segmentation.path, .segmentation, expected: request.spacing)
      for warning in image.warnings { events(.warning(warning)) }
      let counts =
        switch try image.labels(on: pool) {
        case .uint8(let labels): try write(labels, planned, outputs)
        case .uint16(let labels): try write(labels, planned, outputs)
        case .int64(let labels): try write(labels, planned, outputs)
        }
      events(.done(units: 1))
      return RunResult(run: planned.run, path: planned.path, shape: image.shape, voxelsPerLabel: counts)
    }
  }

  private func write<Label: FixedWidthInteger>(_ labels: Volume<Label>, _ planned: PlannedRun, _ outputs: Outputs) throws -> [Int] {
    let path = planned.segmentation.path
    guard let least = labels.voxels.min(), let highest = labels.voxels.max(), let last = Int(exactly: highest), last <= MRCLabelFile.highestLabel
    else { throw ExportError.labelTooHigh(path: path, "\(labels.voxels.max().map(String.init) ?? "")") }
    if least < 0 { throw ExportError.labelTooHigh(path: path, "\(least)") }
    var counts = [Int](repeating: 0, count: last + 1)
    for label in labels.voxels { counts[Int(label)] += 1 }
    let file = MRCLabelFile(
      shape: labels.shape, spacing: request.spacing, highestLabel: last, texts: texts(planned),
      to: try outputs.file(at: planned.path, existing: request.existing))
    try file.write(integers: labels.voxels.span, of: VolumeBox(labels.shape))
    try file.commit(voxelsPerLabel: counts)
    outputs.unlock(planned.path)
    return counts
  }

  /// Lines of the header.
  private func texts(_ planned: PlannedRun) -> [String] {
    ["octopi-swift \(ProgramVersion.text)", "labels \(planned.segmentation.uri) of run \(planned.run)"] + origin
  }

  private static func origin(_ project: Project, _ target: SegmentationTarget) throws(CopickError) -> [String] {
    guard let log = try project.segmentLog(of: target)?.content else { return [] }
    return lines(log.labels.map { "\($0.value) \($0.name)" }) + (log.weights ?? []).map { "network " + OutputPath($0).name }
  }

  /// A list in lines of at most 80 characters, where its items allow it.
  private static func lines(_ items: [String]) -> [String] {
    items.reduce(into: [String]()) { lines, item in
      if let last = lines.last, last.count + 2 + item.count <= 80 {
        lines[lines.count - 1] = last + ", " + item
      } else {
        lines.append(item)
      }
    }
  }
}
