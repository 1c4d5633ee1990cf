/// How a tomogram is segmented; the defaults are octopi's.
public struct SegmentationSettings: Sendable, Hashable {
  /// Share of a window that its neighbour covers too, 0 <= overlap < 1.
  public var overlap = 0.5
  /// Orientations that are averaged.
  public var augmentations = Array(Augmentation.all.prefix(4))
  public var normalization = Normalization.Mode.volume
  public var head = Head.softmax
  /// Bytes that the process may hold; nil: as many as it takes.
  public var memoryLimit: Int?
  /// Bytes that the process holds besides the job: program, libraries, sinks.
  public var otherBytes = 0
  /// Axis to proceed along; nil for the one that takes least memory. Labels do not depend on it but for rounding.
  var axis: VolumeAxis?

  public init() {}
}

/// What a job must know of its models before they run.
public struct NetworkFacts: Sendable, Hashable {
  public let roi: VolumeShape
  /// Channels of the logits.
  public let channels: Int
  /// Models of the ensemble.
  public let models: Int
  /// Memory of all models while they predict.
  public let residentBytes: Int

  public init(roi: VolumeShape, channels: Int, models: Int, residentBytes: Int) {
    self.roi = roi
    self.channels = channels
    self.models = models
    self.residentBytes = residentBytes
  }

  /// - Throws: `SegmentationError.ensemble` if the models differ in their windows or channels.
  public init(_ predictors: [any WindowPredictor]) throws(SegmentationError) {
    guard let first = predictors.first else { throw .noModel }
    for (index, predictor) in predictors.enumerated() where predictor.roi != first.roi || predictor.classes != first.classes {
      throw .ensemble(model: index + 1, roi: predictor.roi, channels: predictor.classes, firstRoi: first.roi, firstChannels: first.classes)
    }
    self.init(
      roi: first.roi, channels: first.classes, models: predictors.count, residentBytes: predictors.reduce(0) { $0 + $1.residentBytes })
  }
}

/// What a job holds at its peak, in bytes.
public struct MemoryEstimate: Sendable, Hashable {
  /// The tomogram, or the ring of its planes.
  public var volumeBytes = 0
  /// Sums of logits.
  public var ringBytes = 0
  /// Labels and probabilities that wait for a whole slab.
  public var slabBytes = 0
  /// Blocks and chunks while the tomogram is read.
  public var readingBytes = 0
  /// Places of the windows of one step.
  public var windowBytes = 0
  /// Weights and activations of the models.
  public var modelBytes = 0
  /// The rest of the process.
  public var otherBytes = 0
  /// Whether the tomogram is held as a whole, so that it is decoded once only.
  public var holdsVolume = true

  /// What the ring needs and what reading needs is not held at the same time if the volume is held.
  public var totalBytes: Int {
    let computing = ringBytes + slabBytes + windowBytes
    return otherBytes + modelBytes + volumeBytes + (holdsVolume ? max(computing, readingBytes) : computing + readingBytes)
  }
}

/// Everything about a job that is known beforehand: windows, order, memory.
public struct SegmentationPlan: Sendable {
  let schedule: WindowSchedule
  let network: NetworkFacts
  /// What the job will hold; within the limit.
  public let memory: MemoryEstimate
  /// Planes along z that are read at once when only the moments are wanted.
  let planesPerScan: Int

  /// Plans the segmentation of `source`.
  ///
  /// - labels: edges of the chunks that labels are written in; probabilities: those of the probabilities, nil if none are wanted.
  /// - Throws: `SegmentationError.memory` with the amount needed if the job does not fit the limit even when the tomogram is decoded twice.
  public init(
    _ source: some VolumeSource, _ network: NetworkFacts, _ settings: SegmentationSettings, labels: VolumeShape, probabilities: VolumeShape? = nil
  ) throws(SegmentationError) {
    let shape = source.shape
    guard SegmentationPlan.isCountable(shape, network.channels) else { throw .tooLarge(tomogram: source.name, shape) }
    let schedule = try WindowSchedule(
      shape: shape, roi: network.roi, overlap: settings.overlap, augmentations: settings.augmentations, axis: settings.axis)
    var memory = MemoryEstimate()
    let axis = schedule.axis, element = source.element.bytes
    memory.ringBytes = Blender.bytes(schedule, channels: network.channels)
    memory.slabBytes = SlabBuffer<UInt8>.bytes(shape, axis: axis, planes: labels[axis], channels: 1)
    if let probabilities {
      memory.slabBytes += SlabBuffer<Float>.bytes(shape, axis: axis, planes: probabilities[axis], channels: network.channels)
    }
    memory.windowBytes = schedule.windowsPerStep * MemoryLayout<PlacedWindow>.stride
    memory.modelBytes = network.residentBytes
    memory.otherBytes = settings.otherBytes
    var streaming = memory

    // Moments of rows twice: as they are computed, and as they are handed on.
    let rowBytes = 2 * MemoryLayout<Moments>.stride
    memory.volumeBytes = shape.count * element
    memory.readingBytes = max(source.scratchBytes + source.firstBox.shape.count * element, shape.z * shape.y * rowBytes)

    streaming.holdsVolume = false
    streaming.volumeBytes = shape.with(axis, schedule.ringPlanes).count * element
    streaming.readingBytes = source.scratchBytes + shape.with(axis, schedule.planesPerLoad).count * element
    // The first pass, before there is a ring, may hold as much as the second.
    let scanBytes = streaming.totalBytes - streaming.otherBytes - streaming.modelBytes - source.scratchBytes
    planesPerScan = max(1, min(source.preferredBox.z, scanBytes / (shape.y * (shape.x * element + rowBytes))))

    if let limit = settings.memoryLimit, memory.totalBytes > limit {
      let needed = min(memory.totalBytes, streaming.totalBytes)
      guard needed <= limit else { throw .memory(tomogram: source.name, needed: needed, limit: limit) }
      memory = streaming
    }
    self.schedule = schedule
    self.network = network
    self.memory = memory
  }

  /// Whether a plan is within its limit of memory; a tomogram that cannot be planned for another reason is.
  static func fits(_ plan: () throws -> SegmentationPlan) -> Bool {
    do {
      _ = try plan()
      return true
    } catch SegmentationError.memory {
      return false
    } catch {
      return true
    }
  }

  /// Voxels of the tomogram.
  public var shape: VolumeShape { schedule.shape }
  /// The axis along which the job proceeds.
  public var axis: VolumeAxis { schedule.axis }
  /// Windows of each orientation.
  public var windowsPerOrientation: [Int] { schedule.orientations.map(\.grid.count) }
  /// Windows of all orientations and models: calls of a network times their batch.
  public var windows: Int { schedule.count * network.models }

  /// Whether byte counts of buffers of this shape fit an integer, with room for sums of some of them.
  private static func isCountable(_ shape: VolumeShape, _ channels: Int) -> Bool {
    var bytes = 64
    for factor in [shape.z, shape.y, shape.x, channels] {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: max(1, factor))
      guard !overflow else { return false }
      bytes = product
    }
    return true
  }
}

extension VolumeSource {
  /// The first, and so the largest, of the boxes that the whole volume is read in.
  fileprivate var firstBox: VolumeBox {
    VolumeBox(z: 0..<min(shape.z, preferredBox.z), y: 0..<min(shape.y, preferredBox.y), x: 0..<min(shape.x, preferredBox.x))
  }
}

extension WindowSchedule {
  /// Planes of the tomogram that are read at once when only a ring of them is held.
  var planesPerLoad: Int { (ringPlanes + 1) / 2 }

  /// At most so many windows belong to one step.
  var windowsPerStep: Int { orientations.reduce(0) { $0 + $1.grid.count / $1.windows(axis).count } }
}
