public import Kernels

/// Which object of which label volumes becomes a segmentation of its own.
public struct ExtractRequest: Sendable, Hashable {
  /// The project's configuration, as typed.
  public let configuration: String
  /// The object's name, in the log of the labels and in the project.
  public let object: String
  /// The label volumes; `octopi segment` must have written them, or what writes logs as it does.
  public let source: SegmentationTarget
  /// Of the segmentation that is written; nil: the user of the source.
  public var user: String?
  public var session = "1"
  /// nil: all that have the label volume.
  public var runs: [String]?
  public var existing = ExistingResults.refuse

  public init(configuration: String, object: String, source: SegmentationTarget) {
    self.configuration = configuration
    self.object = object
    self.source = source
  }
}

/// Writes the voxels of one object as a binary segmentation that is named after it: `octopi extract seg` (octopi 1.7.0,
/// `extract/segmentations.py: run_extract_seg`).
///
///     var job = try ExtractProject(request)
///     try job.prepare(outputs)                             // locks; refuses what exists
///     let summary = try job.run(on: pool, outputs) { event in ... }
public struct ExtractProject: Sendable {
  /// One run: its labels, and where the object's voxels go.
  public struct PlannedRun: Sendable {
    public let run: String
    public let segmentation: Segmentation
    public let store: String
    /// The store exists and stays.
    public internal(set) var isKept = false
  }

  public let request: ExtractRequest
  /// What is written; its name is the object's.
  public let target: SegmentationTarget
  /// The object's label in the source, and the source's voxel spacing, as its log says.
  public let label: Int
  public let spacing: VoxelSpacing
  public private(set) var runs: [PlannedRun]
  /// Runs without the label volume.
  public let skipped: [Selection<Segmentation>.Skipped]
  public let warnings: [Warning]

  /// Plans the job: nothing is written, no labels are read.
  /// - Throws: `ExtractError`; `CopickError`.
  public init(_ request: ExtractRequest) throws {
    self.request = request
    let project = try Project(file: request.configuration)
    guard let log = try project.segmentLog(of: request.source) else { throw ExtractError.noLog(project.logPath(request.source)) }
    guard let label = log.content.labels.first(where: { isSameText($0.name, request.object) })?.value else {
      throw ExtractError.noLabel(object: request.object, source: request.source.description, labels: log.content.labels.map(\.name))
    }
    guard let spacing = log.content.spacing else { throw ExtractError.noSpacing(log.file) }
    guard project.configuration.objects.contains(where: { isSameText($0.name, request.object) }) else {
      throw ExtractError.noObject(request.object, project: request.configuration)
    }
    let source = request.source
    let target = try SegmentationTarget(name: request.object, user: request.user ?? source.typedUser ?? source.user, session: request.session)
    let selection = try project.segmentations(source, at: spacing, runs: request.runs)
    let found = selection.found.map(\.entry)
    runs = try zip(project.runs(named: found.map(\.run)), found).map { run, segmentation in
      PlannedRun(run: run.name, segmentation: segmentation, store: try run.binaryStore(target, at: spacing))
    }
    (self.label, self.spacing, self.target) = (label, spacing, target)
    skipped = selection.skipped
    warnings = project.warnings + source.warnings + target.warnings + selection.found.flatMap(\.warnings)
  }

  /// Takes the locks of everything that will be written, then decides about results that exist.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public mutating func prepare(_ outputs: Outputs?) throws {
    if let outputs { for planned in runs { try outputs.lock(planned.store) } }
    let kept = try request.existing.kept(runs.map(\.store))
    for index in runs.indices { runs[index].isKept = kept[index] }
  }

  /// What became of one run.
  public struct RunResult: Sendable {
    public let run: String
    public let path: String
    /// Voxels of the object; nil where the store existed and stayed.
    public let voxels: Int?
  }

  /// Writes all stores, run by run. One unit of work is a run.
  public func run(on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void) throws -> JobSummary<RunResult> {
    try JobSummary(runs, name: \.run, events: events) { planned in
      let voxels = planned.isKept ? nil : try extract(planned, pool, outputs, events)
      events(.done(units: 1))
      return RunResult(run: planned.run, path: planned.store, voxels: voxels)
    }
  }

  private func extract(_ planned: PlannedRun, _ pool: ThreadPool, _ outputs: Outputs, _ events: (JobEvent) -> Void) throws -> Int {
    let image = try ImageGroup(planned.segmentation.path, .segmentation, expected: spacing)
    for warning in image.warnings { events(.warning(warning)) }
    let mask = try image.labels(on: pool).voxels(of: label)
    let folder = try outputs.folder(at: planned.store, existing: request.existing.forOutputs)
    let store = try LabelStore(shape: image.shape, spacing: spacing, to: folder, on: pool)
    try store.write(mask.span, of: VolumeBox(image.shape))
    try store.finish()
    try folder.commit()
    outputs.unlock(planned.store)
    return mask.count { $0 == 1 }
  }
}
