import Foundation
import Kernels

extension NetworkEnsemble {
  /// Windows of one tomogram, over all orientations and networks, and the memory that it takes.
  func plan(_ source: some VolumeSource, spacing: VoxelSpacing, _ results: SegmentResults, on pool: ThreadPool?) throws -> SegmentationPlan {
    guard let rescaling = try rescaling(source.shape, spacing) else { return try plan(source, setup(source.shape, nil, results, pool)) }
    return try plan(ResampledSource(source, rescaling, on: pool), setup(source.shape, rescaling, results, pool))
  }

  private func plan(_ source: some VolumeSource, _ setup: JobSetup) throws -> SegmentationPlan {
    try SegmentationPlan(source, NetworkFacts(predictors), setup.settings, labels: setup.labels, probabilities: setup.probabilities)
  }

  /// How fast the parts of the job are here, measured on a small share of one tomogram.
  func pace(_ source: some VolumeSource, spacing: VoxelSpacing, _ results: SegmentResults, on pool: ThreadPool) throws -> SegmentationPace {
    let shape = source.shape, rescaling = try rescaling(shape, spacing), setup = setup(shape, rescaling, results, pool)
    var pace: SegmentationPace
    if let rescaling {
      var job = try job(ResampledSource(source, rescaling, on: pool), setup, pool)
      pace = try job.pace()
    } else {
      var job = try job(source, setup, pool)
      pace = try job.pace()
    }
    let channels = results.probabilities == nil ? 0 : model.classes
    pace.pack = try SegmentationPace.packing(shape: shape, channels: channels, version: options.zarrVersion, on: pool)
    return pace
  }

  /// Segments one tomogram and writes its results, in its own voxels. One unit of work is a window.
  ///
  /// - whenComputed: called before the results get their names; they do not if it throws.
  func segment(
    _ source: some VolumeSource, spacing: VoxelSpacing, to results: SegmentResults, on pool: ThreadPool, _ outputs: Outputs,
    _ events: (JobEvent) -> Void, whenComputed: () throws -> Void = {}
  ) throws -> SegmentationResult {
    let texts = results.mrc == nil ? [] : try Provenance(options).lines
    let shape = source.shape, rescaling = try rescaling(shape, spacing), setup = setup(shape, rescaling, results, pool)
    let writer = { () throws(OutputError) in
      try ResultWriter(
        results, shape: shape, spacing: spacing, model: model, texts: texts, version: options.zarrVersion,
        existing: options.existing == .refuse ? .refuse : .replace, to: outputs, on: pool)
    }
    guard let rescaling else {
      var job = try job(source, setup, pool)
      var labels = try writer(), probabilities = labels.probabilities
      let result = try run(&job, &labels, &probabilities, events)
      try whenComputed()
      try labels.commit(voxelsPerLabel: result.voxelsPerLabel)
      return result
    }
    var job = try job(ResampledSource(source, rescaling, on: pool), setup, pool)
    let results = try writer(), axis = job.plan.axis
    var labels = ResampledLabels(results, rescaling, axis: axis)
    var probabilities: (any ProbabilitySink)? = results.probabilities.map {
      ResampledProbabilities($0, rescaling, axis: axis, channels: model.classes)
    }
    let result = try run(&job, &labels, &probabilities, events)
    let counts = Array(labels.voxelsPerLabel.prefix(result.voxelsPerLabel.count))
    try whenComputed()
    try results.commit(voxelsPerLabel: counts)
    return SegmentationResult(voxelsPerLabel: counts, normalization: result.normalization, windows: result.windows)
  }

  /// Labels a cut of a tomogram for a first look: one orientation, and windows that overlap by a quarter at most.
  func look(at source: some VolumeSource, spacing: VoxelSpacing, to sink: some LabelSink, on pool: ThreadPool) throws {
    let rescaling = try rescaling(source.shape, spacing)
    var setup = setup(source.shape, rescaling, SegmentResults(labels: ""), pool), none: (any ProbabilitySink)?
    setup.settings.overlap = min(setup.settings.overlap, 0.25)
    setup.settings.augmentations = Array(Augmentation.all.prefix(1))
    guard let rescaling else {
      var job = try job(source, setup, pool), labels = sink
      _ = try run(&job, &labels, &none) { _ in }
      return
    }
    var job = try job(ResampledSource(source, rescaling, on: pool), setup, pool)
    var labels = ResampledLabels(sink, rescaling, axis: job.plan.axis)
    _ = try run(&job, &labels, &none) { _ in }
  }

  /// Planes of a tomogram that a window is deep.
  func lookDepth(_ spacing: VoxelSpacing) -> Int {
    guard options.rescale, let target = model.spacing(nearest: spacing) else { return model.roi.z }
    return max(1, Int(min((Double(model.roi.z) * target.angstrom / spacing.angstrom).rounded(.up), 1e9)))
  }

  private func job<Source: VolumeSource>(_ source: Source, _ setup: JobSetup, _ pool: ThreadPool) throws -> SegmentationJob<Source> {
    try SegmentationJob(
      source: source, predictors: predictors, settings: setup.settings,
      kernels: try ISA.chosen(environment: ProcessInfo.processInfo.environment).table, pool: pool, labels: setup.labels,
      probabilities: setup.probabilities)
  }

  private func run(
    _ job: inout SegmentationJob<some VolumeSource>, _ labels: inout some LabelSink, _ probabilities: inout (any ProbabilitySink)?,
    _ events: (JobEvent) -> Void
  ) throws -> SegmentationResult {
    var done = 0
    return try job.run(labels: &labels, probabilities: &probabilities) { progress in
      events(.done(units: progress.windows - done))
      done = progress.windows
    }
  }

  /// What a job is told besides its tomogram.
  private struct JobSetup {
    var settings: SegmentationSettings
    let labels: VolumeShape, probabilities: VolumeShape?
  }

  private func setup(_ shape: VolumeShape, _ rescaling: Rescaling?, _ results: SegmentResults, _ pool: ThreadPool?) -> JobSetup {
    var settings = options.settings(model)
    let version = options.zarrVersion, channels = results.probabilities == nil ? 0 : model.classes
    settings.otherBytes += ResultWriter.scratchBytes(results, shape: shape, version: version, threads: pool?.threads ?? 1)
    guard rescaling != nil else {
      return JobSetup(
        settings: settings, labels: LabelStore.chunk(version), probabilities: channels > 0 ? ProbabilityStore.chunk : nil)
    }
    // Slabs of the tomogram's grid, whichever axis they are along.
    let slab = { (edge: Int) in VolumeAxis.allCases.map { shape.with($0, min(edge, shape[$0])).count }.max() ?? 0 }
    settings.otherBytes += slab(LabelStore.chunk(version).z) + 4 * channels * slab(ProbabilityStore.chunk.z)
    return JobSetup(
      settings: settings, labels: ResampledLabels<ResultWriter>.chunk, probabilities: channels > 0 ? ResampledProbabilities.chunk : nil)
  }

  // MARK: Voxel sizes

  /// Nil where the tomogram is segmented as it is.
  private func rescaling(_ shape: VolumeShape, _ spacing: VoxelSpacing) throws(RescalingError) -> Rescaling? {
    guard options.rescale else { return nil }
    guard let target = model.spacing(nearest: spacing) else { throw .notSaid(configuration: model.file) }
    return Rescaling(shape, spacing, to: target)
  }

  /// - Throws: if tomograms are to be resampled and nobody knows to which voxel size.
  func checkRescaling() throws(RescalingError) {
    if options.rescale, model.spacings.isEmpty { throw .notSaid(configuration: model.file) }
  }

  /// What to say of a tomogram that is segmented as it is although the model was trained on voxels of another size.
  func spacingWarning(_ name: String, _ spacing: VoxelSpacing) -> Warning? {
    guard !options.rescale, let trained = model.spacing(nearest: spacing), abs(spacing.angstrom / trained.angstrom - 1) > 0.01 else { return nil }
    return Warning("\(name) has voxels of \(spacing), the model was trained on \(trained)", remedy: "--rescale resamples it for the model, and labels back")
  }
}

/// Why a tomogram cannot be resampled for a model.
public enum RescalingError: Error, Sendable, Hashable {
  /// The configuration does not say on what the model was trained.
  case notSaid(configuration: String)
}

extension RescalingError: Failure {
  public var kind: FailureKind { .damaged }

  public var message: String {
    switch self {
    case .notSaid(let file): "--rescale: model configuration '\(file)' does not say the voxel size that the model was trained on"
    }
  }

  public var remedy: String? { "add it in angstrom: model: {voxel_size: 10}" }
}
