/// What a command works on.
public struct Selection<Entry: Sendable>: Sendable {
  /// In the order of the runs.
  public let found: [Found<Entry>]
  /// Runs that do not have what was asked for, and what they have.
  public let skipped: [Skipped]

  public struct Skipped: Sendable {
    public let run: String
    public let reason: CopickError
  }
}

extension Project {
  /// The tomogram of each run.
  ///
  /// - runs: named runs must all have it; without names, runs that lack it are skipped.
  /// - Throws: `CopickError.noTomogram` if a named run lacks it, or no run has it.
  public func tomograms(_ uri: TomogramURI, runs names: [String]?) throws(CopickError) -> Selection<Tomogram> {
    let selection = try select(runs: names) { run throws(CopickError) in try run.tomogram(uri) } missing: { run throws(CopickError) in
      try run.noTomogram(uri)
    }
    if !selection.found.isEmpty { return selection }
    let available = try runs().map { run throws(CopickError) in try run.tomograms().entries.map(\.uri) }
    throw .noTomogram(run: nil, uri, available: Run.unique(available.flatMap(\.self)))
  }

  /// The segmentation with labels of each run; as `tomograms(_:runs:)`.
  public func segmentations(
    _ target: SegmentationTarget, at spacing: VoxelSpacing, runs names: [String]?
  ) throws(CopickError) -> Selection<Segmentation> {
    let selection = try select(runs: names) { run throws(CopickError) in
      try run.segmentation(target, at: spacing)
    } missing: { run throws(CopickError) in
      try run.noSegmentation(target, at: spacing)
    }
    if !selection.found.isEmpty { return selection }
    let available = try runs().map { run throws(CopickError) in try run.segmentations().map(\.uri) }
    throw .noSegmentation(run: nil, target, spacing, available: Run.unique(available.flatMap(\.self)))
  }

  func select<Entry>(
    runs names: [String]?, _ find: (Run) throws(CopickError) -> Found<Entry>?, missing: (Run) throws(CopickError) -> CopickError
  ) throws(CopickError) -> Selection<Entry> {
    let runs: [Run]
    if let names { runs = try self.runs(named: names) } else { runs = try self.runs() }
    if runs.isEmpty { throw .noRuns(project: configuration.file) }
    var found: [Found<Entry>] = [], skipped: [Selection<Entry>.Skipped] = []
    for run in runs {
      if let entry = try find(run) {
        found.append(entry)
      } else if names != nil {
        throw try missing(run)
      } else {
        skipped.append(.init(run: run.name, reason: try missing(run)))
      }
    }
    return Selection(found: found, skipped: skipped)
  }
}
