import Kernels

/// Where the results of one tomogram go.
public struct SegmentResults: Sendable, Hashable {
  /// Labels as a Zarr store.
  public let labels: String
  /// The same labels as an MRC file.
  public var mrc: String?
  /// Class probabilities as a Zarr store.
  public var probabilities: String?

  public init(labels: String, mrc: String? = nil, probabilities: String? = nil) {
    self.labels = labels
    self.mrc = mrc
    self.probabilities = probabilities
  }

  /// Bytes on disk if nothing could be packed.
  ///
  /// - shape: of the tomogram.
  public func bytesAtMost(shape: VolumeShape, _ model: ModelConfiguration) -> Int {
    let highest = min(255, model.head.highestLabel(channels: model.classes))
    return shape.count * (1 + (probabilities == nil ? 0 : 2 * model.classes))
      + (mrc == nil ? 0 : MRCLabelFile.bytes(shape: shape, highestLabel: highest))
  }

  /// All outputs, labels first.
  public var paths: [String] { [labels] + [mrc, probabilities].compactMap(\.self) }
}

extension SegmentResults {
  /// Which of several results are all there and stay.
  /// - Throws: `OutputError.exists` for the first that is there, if that is refused.
  static func kept(_ all: [SegmentResults], _ existing: ExistingResults) throws(OutputError) -> [Bool] {
    var isKept: [Bool] = []
    for results in all { isKept.append(try existing.kept(results.paths).allSatisfy(\.self)) }
    return isKept
  }
}

/// The results of one tomogram while they are written; all of them appear at the end, or none.
struct ResultWriter: LabelSink {
  private let results: SegmentResults
  private let outputs: Outputs
  private let folder: PartialFolder
  private let labels: LabelStore
  private let mrc: MRCLabelFile?
  private let probabilityFolder: PartialFolder?
  private let probabilityStore: ProbabilityStore?

  /// - existing: what is there already was refused before, or goes.
  init(
    _ results: SegmentResults, shape: VolumeShape, spacing: VoxelSpacing, model: ModelConfiguration, texts: [String], version: ZarrVersion,
    existing: Outputs.Existing, to outputs: Outputs, on pool: ThreadPool
  ) throws(OutputError) {
    self.results = results
    self.outputs = outputs
    folder = try outputs.folder(at: results.labels, existing: existing)
    labels = try LabelStore(shape: shape, spacing: spacing, version: version, to: folder, on: pool)
    let highest = min(255, model.head.highestLabel(channels: model.classes))
    if let path = results.mrc {
      let file = try outputs.file(at: path, existing: existing)
      mrc = MRCLabelFile(shape: shape, spacing: spacing, highestLabel: highest, texts: texts, to: file)
    } else {
      mrc = nil
    }
    if let path = results.probabilities {
      let folder = try outputs.folder(at: path, existing: existing)
      probabilityStore = try ProbabilityStore(
        shape: shape, channels: model.classes, firstLabel: model.head.firstLabel, spacing: spacing, version: version, to: folder, on: pool)
      probabilityFolder = folder
    } else {
      (probabilityStore, probabilityFolder) = (nil, nil)
    }
  }

  var chunk: VolumeShape { labels.chunk }
  /// Where probabilities go, if they are wanted.
  var probabilities: (any ProbabilitySink)? { probabilityStore }

  func write(_ labels: Span<UInt8>, of box: VolumeBox) throws {
    try self.labels.write(labels, of: box)
    try mrc?.write(labels, of: box)
  }

  /// Gives all results their names, labels last: where they are, the rest is too.
  func commit(voxelsPerLabel: [Int]) throws {
    try probabilityStore?.finish()
    try labels.finish()
    try probabilityFolder?.commit()
    try mrc?.commit(voxelsPerLabel: voxelsPerLabel)
    try folder.commit()
    for path in results.paths { outputs.unlock(path) }
  }

  /// What writing holds besides slabs, in bytes.
  static func scratchBytes(_ results: SegmentResults, shape: VolumeShape, version: ZarrVersion, threads: Int) -> Int {
    var bytes = LabelStore.scratchBytes(version: version, threads: threads)
    if results.probabilities != nil {
      // A slab of chunks along the axis that makes it largest.
      let edge = ProbabilityStore.chunk.z
      let slab = VolumeAxis.allCases.map { shape.with($0, min(edge, shape[$0])).count }.max() ?? 0
      bytes = max(bytes, ProbabilityStore.scratchBytes(slab: slab, version: version, threads: threads))
    }
    return bytes
  }
}
