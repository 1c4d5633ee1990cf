public import Kernels

/// Which tomograms, files outside of any project, become label volumes, by which networks, and how.
public struct SegmentFilesRequest: Sendable, Hashable {
  /// A tomogram's file or store, and where its results go.
  public struct File: Sendable, Hashable {
    public let path: String
    public let results: SegmentResults

    public init(path: String, results: SegmentResults) {
      self.path = path
      self.results = results
    }

    /// With the names that `octopi pick` gives: `FOLDER/NAME.labels.zarr`, `NAME.labels.mrc`, `NAME.probabilities.zarr`.
    public init(path: String, in folder: String, mrc: Bool = false, probabilities: Bool = false) {
      let stem = OutputPath(folder).child(TomogramFile.stem(of: path))
      results = SegmentResults(
        labels: stem + ".labels.zarr", mrc: mrc ? stem + ".labels.mrc" : nil, probabilities: probabilities ? stem + ".probabilities.zarr" : nil)
      self.path = path
    }
  }

  public let files: [File]
  public var options: SegmentOptions
  /// Holds for all files, whatever their headers say.
  public var spacing: VoxelSpacing?

  public init(files: [File], options: SegmentOptions) {
    self.files = files
    self.options = options
  }
}

/// Segments tomograms that are files of their own: `octopi pick FILE...`. The same job as `SegmentProject`, without a project around it.
///
///     var job = try SegmentFiles(request)
///     try job.prepare(outputs)                             // locks; refuses what exists
///     try job.loadNetworks(on: pool)
///     for file in job.files { let result = try job.segment(file, on: pool, outputs) { event in ... } }
public struct SegmentFiles {
  /// One file, opened.
  public struct PlannedFile: Sendable {
    public let file: SegmentFilesRequest.File
    public let tomogram: TomogramFile
    /// Labels exist and stay.
    public internal(set) var isKept = false
  }

  public let request: SegmentFilesRequest
  public private(set) var files: [PlannedFile]
  public private(set) var networks: NetworkEnsemble

  /// Opens all files and reads the configurations: nothing is written, no voxel and no network is read.
  ///
  /// - Throws: what opening the first bad file throws (see `TomogramFile`); `SegmentFilesError.sameOutput`.
  public init(_ request: SegmentFilesRequest) throws {
    self.request = request
    networks = try NetworkEnsemble(request.options)
    var owners: [String: String] = [:]
    for file in request.files {
      if let other = owners.updateValue(file.path, forKey: file.results.labels) {
        throw SegmentFilesError.sameOutput(file.results.labels, first: other, second: file.path)
      }
    }
    files = try request.files.map { PlannedFile(file: $0, tomogram: try TomogramFile($0.path, spacing: request.spacing)) }
    try networks.checkRescaling()
  }

  /// What a person should know before anything is computed.
  public var warnings: [Warning] {
    files.flatMap { planned in
      planned.tomogram.warnings + [networks.spacingWarning("'\(planned.file.path)'", planned.tomogram.spacing)].compactMap(\.self)
    }
  }

  /// Takes the locks of everything that will be written, then decides about results that exist.
  ///
  /// - outputs: nil to decide only, for a dry run.
  public mutating func prepare(_ outputs: Outputs?) throws {
    if let outputs { for path in files.flatMap(\.file.results.paths) { try outputs.lock(path) } }
    let kept = try SegmentResults.kept(files.map(\.file.results), request.options.existing)
    for index in files.indices { files[index].isKept = kept[index] }
  }

  /// Reads the networks and compiles them for their window.
  public mutating func loadNetworks(on pool: ThreadPool) throws {
    var loaded = networks
    try loaded.load(on: pool) { networks in
      files.allSatisfy { planned in planned.isKept || SegmentationPlan.fits { try plan(planned, networks, on: pool) } }
    }
    networks = loaded
  }

  /// Windows of one file, over all orientations and networks, and the memory that it takes.
  public func plan(_ planned: PlannedFile, on pool: ThreadPool? = nil) throws -> SegmentationPlan { try plan(planned, networks, on: pool) }

  private func plan(_ planned: PlannedFile, _ networks: NetworkEnsemble, on pool: ThreadPool?) throws -> SegmentationPlan {
    try networks.plan(planned.tomogram.source(on: pool), spacing: planned.tomogram.spacing, planned.file.results, on: pool)
  }

  /// How fast the job's parts are here, measured on a small share of the first file that can be read; nil where none can.
  public func pace(on pool: ThreadPool) -> SegmentationPace? {
    // A tomogram that cannot be read fails when its turn comes, and the others go on.
    files.lazy.filter { !$0.isKept }.compactMap { planned in
      try? networks.pace(planned.tomogram.source(on: pool), spacing: planned.tomogram.spacing, planned.file.results, on: pool)
    }.first
  }

  /// What became of one file.
  public struct FileResult: Sendable {
    public let file: SegmentFilesRequest.File
    public let shape: VolumeShape
    public let spacing: VoxelSpacing
    /// Nil where labels existed and stayed.
    public let segmentation: SegmentationResult?
    public let seconds: Double
  }

  /// Segments one file and writes its labels. One unit of work is a window.
  public func segment(
    _ planned: PlannedFile, on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void
  ) throws -> FileResult {
    let tomogram = planned.tomogram, start = ContinuousClock.now
    var result: SegmentationResult?
    if !planned.isKept {
      result = try networks.segment(
        tomogram.source(on: pool), spacing: tomogram.spacing, to: planned.file.results, on: pool, outputs, events)
    }
    let seconds = planned.isKept ? 0 : (ContinuousClock.now - start) / .seconds(1)
    return FileResult(file: planned.file, shape: tomogram.shape, spacing: tomogram.spacing, segmentation: result, seconds: seconds)
  }

  /// Segments all files, one after the other; one that fails does not keep the others.
  public func run(on pool: ThreadPool, _ outputs: Outputs, events: (JobEvent) -> Void) throws -> JobSummary<FileResult> {
    try JobSummary(files, name: \.file.path, events: events) { try segment($0, on: pool, outputs, events: events) }
  }
}

/// Why files cannot be segmented in one job.
public enum SegmentFilesError: Error, Sendable, Hashable {
  /// Two files whose labels would have one name.
  case sameOutput(String, first: String, second: String)
}

extension SegmentFilesError: Failure {
  public var kind: FailureKind { .usage }

  public var message: String {
    switch self {
    case .sameOutput(let output, let first, let second): "'\(first)' and '\(second)' would both be written to '\(output)'"
    }
  }

  public var remedy: String? {
    switch self {
    case .sameOutput(_, let first, let second): first == second ? "name each file once" : "rename one of them, or write them to two folders"
    }
  }
}
