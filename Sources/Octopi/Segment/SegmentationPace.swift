import Kernels

/// How fast the parts of a segmentation are on this machine, each measured on a small share of the job: what a whole job takes follows
/// from its plan.
///
/// Left out is what a disk adds that is slower than packing what it gets.
public struct SegmentationPace: Sendable, Hashable {
  /// A window cut, predicted by one network and added to the sums.
  var window = 0.0
  /// A voxel read, decoded and kept, its share of the moments included.
  var read = 0.0
  /// A voxel's sums made a label, and probabilities if they are wanted.
  var finish = 0.0
  /// A voxel's label, and its probabilities, packed.
  var pack = 0.0

  /// Seconds that one tomogram takes.
  ///
  /// - voxels: of its own grid, in which results are written.
  public func seconds(_ plan: SegmentationPlan, voxels: Int) -> Double {
    let modelVoxels = Double(plan.shape.count)
    return Double(plan.windows) * window + modelVoxels * (read * (plan.memory.holdsVolume ? 1 : 2) + finish) + Double(voxels) * pack
  }
}

extension SegmentationJob {
  /// Measures this job's pace. Nothing is written; of the tomogram one block is read.
  ///
  /// Takes as long as some windows: a slow network runs three, a fast one up to a second's worth.
  mutating func pace() throws -> SegmentationPace {
    let schedule = plan.schedule, blender = try Blender(schedule, channels: plan.network.channels, models: plan.network.models, kernels)
    return SegmentationPace(window: try windowPace(blender), read: try readingPace(), finish: try finishingPace(blender))
  }

  private mutating func windowPace(_ blender: Blender) throws -> Double {
    let schedule = plan.schedule, steps = schedule.steps
    guard !steps.isEmpty else { return 0 }
    let windows = schedule.windows(of: steps[steps.count / 2])
    let store = try VoxelStore(source.element, RingLayout(shape: schedule.shape, axis: plan.axis, planes: schedule.ringPlanes), kernels)
    let input = WindowInput(store, settings.normalization, Moments(), loaded: 0)
    func seconds(_ count: Int) throws -> Double {
      let start = ContinuousClock.now
      for index in 0..<count {
        // Spread over places and orientations: neighbours would find each other's sums in the cache.
        let place = windows.count * index / count
        for model in predictors.indices {
          let batch = windows[place..<place + 1]
          try SegmentationJob.predict(batch, with: &predictors[model], from: input.cutter(batch, of: schedule, on: pool), into: blender)
        }
      }
      return (ContinuousClock.now - start) / .seconds(1)
    }
    // The first window finds nothing in its place.
    _ = try seconds(1)
    let one = try seconds(1)
    let count = max(1, min(windows.count, 16, Int(0.5 / max(one, 1e-9))))
    if count > 1 { _ = try seconds(count) }
    return try seconds(count) / Double(count * max(1, predictors.count))
  }

  private mutating func readingPace() throws -> Double {
    let size = source.shape, preferred = source.preferredBox
    let box = VolumeBox(z: 0..<min(size.z, preferred.z), y: 0..<min(size.y, preferred.y), x: 0..<min(size.x, preferred.x))
    let store = try VoxelStore(source.element, RingLayout(shape: box.shape, axis: .z, planes: box.shape.z), kernels)
    let start = ContinuousClock.now
    try store.put(source.read(box), box, on: pool)
    _ = store.rowMoments(on: pool)
    return (ContinuousClock.now - start) / .seconds(1) / Double(max(1, box.shape.count))
  }

  private func finishingPace(_ blender: Blender) throws -> Double {
    let shape = plan.schedule.shape, axis = plan.axis, channels = plan.network.channels
    let voxels = shape.count / shape[axis], planes = min(plan.schedule.ringPlanes, max(1, (4 << 20) / max(1, voxels * channels)))
    var seconds = 0.0
    // The second time, since the ring's memory is there when a job goes on.
    for _ in 0..<2 {
      var output = try SlabOutput(blender, settings.head, labels: labels, probabilities: probabilities, kernels)
      var sink = NoSink(chunk: labels), none: (any ProbabilitySink)?
      let start = ContinuousClock.now
      try output.advance(to: planes, on: pool, &sink, &none)
      seconds = (ContinuousClock.now - start) / .seconds(1)
    }
    return seconds / Double(max(1, planes * voxels))
  }
}

/// Takes labels and forgets them.
private struct NoSink: LabelSink {
  let chunk: VolumeShape
  func write(_ labels: Span<UInt8>, of box: VolumeBox) {}
}

extension SegmentationPace {
  /// Seconds per voxel of packing labels, and probabilities of `channels` classes (0: none), as stores do; measured on a made-up slab.
  static func packing(shape: VolumeShape, channels: Int, version: ZarrVersion, on pool: ThreadPool) throws -> Double {
    let spacing = VoxelSpacing(10)
    let slab = VolumeShape(z: min(shape.z, 32), y: min(shape.y, 512), x: min(shape.x, 512))
    var labels: [UInt8] = []
    labels.reserveCapacity(slab.count)
    // Balls would do as well: runs of some twenty voxels, mostly background.
    for z in 0..<slab.z {
      for y in 0..<slab.y {
        let cell = y / 20 + z / 20
        for x in 0..<slab.x { labels.append((x / 20 + cell) % 5 == 0 ? 1 : 0) }
      }
    }
    let start = ContinuousClock.now
    try LabelStore(shape: slab, spacing: spacing, version: version, to: NoStore(), on: pool).write(labels.span, of: VolumeBox(slab))
    let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(slab.count)
    guard channels > 0 else { return seconds }
    let box = VolumeShape(z: min(shape.z, 64), y: min(shape.y, 128), x: min(shape.x, 128)), voxels = box.count
    // As networks give them: near 0 or 1, with some noise.
    let values = (0..<voxels).map { index -> Float in
      let noise = Float(index &* 2_654_435_761 % 1000) * 1e-5
      return index / 20 % 5 == 0 ? 0.99 + noise : noise
    }
    let second = ContinuousClock.now
    try ProbabilityStore(shape: box, channels: 1, firstLabel: 0, spacing: spacing, version: version, to: NoStore(), on: pool)
      .write(values.span, of: VolumeBox(box), channels: 1)
    return seconds + (ContinuousClock.now - second) / .seconds(1) / Double(voxels) * Double(channels)
  }
}

/// Takes files and forgets them.
private struct NoStore: StoreWriter {
  func write(_ bytes: [UInt8], to path: String) {}
}
