public import Kernels
import OctopiEngine
import Synchronization

/// Turns one tomogram into labels: moments of the whole volume, then windows along one axis, each finished plane into labels at once.
///
///     var job = try SegmentationJob(
///       source: tomogram, predictors: [session], settings: settings, kernels: isa.table, pool: pool, labels: store.chunk)
///     let result = try job.run(labels: &store)
///
/// The same bits for any number of threads, any batch, and whether the tomogram is held or decoded again.
public struct SegmentationJob<Source: VolumeSource> {
  public let plan: SegmentationPlan
  var source: Source
  var predictors: [any WindowPredictor]
  let settings: SegmentationSettings
  let kernels: RowKernels
  let pool: ThreadPool
  /// Edges of the chunks that results are written in.
  let labels: VolumeShape, probabilities: VolumeShape?

  /// Plans the job; nothing is read. See `SegmentationPlan.init` for the other parameters and the errors.
  ///
  /// - predictors: the models of the ensemble; their logits are averaged.
  public init(
    source: Source, predictors: [any WindowPredictor], settings: SegmentationSettings, kernels: KernelTable, pool: ThreadPool,
    labels: VolumeShape, probabilities: VolumeShape? = nil
  ) throws(SegmentationError) {
    plan = try SegmentationPlan(source, NetworkFacts(predictors), settings, labels: labels, probabilities: probabilities)
    self.source = source
    self.predictors = predictors
    self.settings = settings
    self.kernels = RowKernels(kernels)
    self.pool = pool
    (self.labels, self.probabilities) = (labels, probabilities)
  }

  /// Computes all labels and hands them to the sink, slab by slab along `plan.axis`.
  ///
  /// - probabilities: only asked if the job was planned with their chunks.
  /// - progress: called after every batch.
  /// - isCancelled: asked before every batch; true ends the job with `CancellationError`.
  /// - Throws: what the source, the predictors and the sinks throw; `SegmentationError`; `CancellationError`.
  public mutating func run(
    labels: inout some LabelSink, probabilities: inout (any ProbabilitySink)?, progress: (SegmentationProgress) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) throws -> SegmentationResult {
    let schedule = plan.schedule
    var input = try prepareInput()
    let blender = try Blender(schedule, channels: plan.network.channels, models: plan.network.models, kernels)
    var output = try SlabOutput(blender, settings.head, labels: labels.chunk, probabilities: probabilities?.chunk, kernels)
    var done = SegmentationProgress(windows: 0, windowsInAll: plan.windows)
    for step in schedule.steps {
      try output.advance(to: max(0, step.origin), on: pool, &labels, &probabilities)
      try input.load(step, of: schedule, from: &source, on: pool)
      let windows = schedule.windows(of: step)
      // Model by model, not batch by batch: the order of sums must not depend on the batch.
      for model in predictors.indices {
        for batch in windows.batches(of: predictors[model].batch) {
          if isCancelled() { throw CancellationError() }
          try SegmentationJob.predict(batch, with: &predictors[model], from: input.cutter(batch, of: schedule, on: pool), into: blender)
          done.windows += batch.count
          progress(done)
        }
      }
    }
    try output.advance(to: plan.schedule.shape[plan.axis], on: pool, &labels, &probabilities)
    return SegmentationResult(voxelsPerLabel: output.voxelsPerLabel, normalization: input.normalization, windows: done.windows)
  }

  /// As above, without probabilities.
  public mutating func run(
    labels: inout some LabelSink, progress: (SegmentationProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws -> SegmentationResult {
    var none: (any ProbabilitySink)?
    return try run(labels: &labels, probabilities: &none, progress: progress, isCancelled: isCancelled)
  }

  /// Reads the volume: for its moments, and to be held if there is memory.
  private mutating func prepareInput() throws -> WindowInput {
    let shape = source.shape, axis = plan.axis
    guard plan.memory.holdsVolume else {
      let moments = try source.scan(planes: plan.planesPerScan, on: pool)
      let ring = RingLayout(shape: shape, axis: axis, planes: plan.schedule.ringPlanes)
      return WindowInput(try VoxelStore(source.element, ring, kernels), settings.normalization, moments, loaded: 0)
    }
    let store = try VoxelStore(source.element, RingLayout(shape: shape, axis: axis, planes: shape[axis]), kernels)
    return WindowInput(store, settings.normalization, try source.load(into: store, on: pool), loaded: shape[axis])
  }

  static func predict(
    _ batch: ArraySlice<PlacedWindow>, with predictor: inout any WindowPredictor, from cutter: WindowCutter, into blender: Blender
  ) throws {
    let roi = predictor.roi, channels = predictor.classes, taken = Atomic(0)
    try predictor.predict(count: batch.count) { window, planes, span in
      cutter.cut(window, planes, into: &span)
    } take: { window, part, logits in
      guard part.fits(roi, channels: channels), logits.count >= part.floats(voxels: roi.x) else { return }
      blender.add(logits, part, of: batch[batch.startIndex + window])
      taken.wrappingAdd(part.logits(voxels: roi.x), ordering: .relaxed)
    }
    guard taken.load(ordering: .relaxed) == batch.count * roi.count * channels else {
      throw SegmentationError.wrongLogits(roi: roi, channels: channels)
    }
  }
}

/// How far a job is; windows count once for each orientation and model.
public struct SegmentationProgress: Sendable, Hashable {
  public internal(set) var windows: Int
  public let windowsInAll: Int
}

/// What a job found.
public struct SegmentationResult: Sendable, Hashable {
  /// Voxels with label 0, 1, ... up to the highest that the models can give (255 at most).
  public let voxelsPerLabel: [Int]
  /// That of the volume; `none` if windows were normalised one by one or not at all.
  public let normalization: Normalization
  public let windows: Int
}

extension Array {
  func batches(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: Swift.max(1, size)).map { self[$0..<Swift.min(count, $0 + Swift.max(1, size))] }
  }
}

extension LogitPart {
  /// The part lies in a window of `roi` voxels and so many classes.
  fileprivate func fits(_ roi: VolumeShape, channels: Int) -> Bool {
    planes.lowerBound >= 0 && planes.upperBound <= roi.z && rows.lowerBound >= 0 && rows.upperBound <= roi.y
      && layout.blocks.allSatisfy { $0.classes.lowerBound >= 0 && $0.classes.upperBound <= channels }
  }
}
