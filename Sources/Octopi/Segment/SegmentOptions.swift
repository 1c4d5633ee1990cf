/// How tomograms become label volumes, whether they are a project's or files of their own; the defaults are octopi's.
public struct SegmentOptions: Sendable, Hashable {
  /// Several: their logits are averaged.
  public let models: [SegmentRequest.Model]
  /// Share of a window that its neighbour covers too, 0 <= overlap < 1.
  public var overlap = 0.5
  /// Orientations that are averaged, 1...8.
  public var augmentations = 4
  /// Only kept in the log: results do not depend on it.
  public var windowBatch = 4
  public var overrides = ModelConfiguration.Overrides()
  /// Direct convolution only.
  public var isExact = false
  /// Resample tomograms to the voxel size that the model was trained on, and the results back.
  public var rescale = false
  /// Bytes that the process may hold.
  public var memoryLimit: Int?
  public var existing = ExistingResults.refuse
  /// Of the stores that are written: 2 is read by every copick, 3 by copick 2.
  public var zarrVersion = ZarrVersion.v2

  public init(models: [SegmentRequest.Model]) { self.models = models }

  func settings(_ model: ModelConfiguration) -> SegmentationSettings {
    var settings = SegmentationSettings()
    settings.overlap = overlap
    settings.augmentations = Array(Augmentation.all.prefix(augmentations))
    settings.normalization = model.normalization
    settings.head = model.head
    settings.memoryLimit = memoryLimit
    settings.otherBytes = 40 << 20
    return settings
  }
}
