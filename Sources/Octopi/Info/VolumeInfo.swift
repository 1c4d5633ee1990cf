public import Kernels

/// What a tomogram, a label volume or a store of class probabilities is.
public struct VolumeInfo: Sendable {
  /// `OME-Zarr (Zarr v2)`, `Zarr v3 array`, `MRC`.
  public let format: String
  public let shape: VolumeShape
  /// Of its values: `float32`.
  public let type: String
  /// Edges of a voxel along z, y, x in ångström; nil where nobody says.
  public let spacing: [Double]?
  /// Shape of what is packed as one; nil for MRC.
  public let chunk: [Int]?
  public let warnings: [Warning]
  /// Voxels of each label that there is, in ascending order; nil for a tomogram.
  public let labels: [(label: Int, voxels: Int)]?
  /// The label that each channel is the probability of; nil for other volumes.
  public let channels: [Int]?

  /// Whole numbers without a sign in a folder of segmentations, or of a type that no microscope writes, are labels.
  ///
  /// - Throws: `ZarrError`, `MRCError`, `InputError`.
  public init(path: String, on pool: ThreadPool) throws {
    guard try InputFile.isFolder(path) else {
      let file = try MRCFile(path)
      self.init(
        format: "MRC", shape: file.shape, type: "\(file.element)", spacing: file.spacing, chunk: nil, warnings: file.warnings, labels: nil)
      return
    }
    if try ZarrArray.isArray(path + "/0"), let probabilities = try? ProbabilityImage(path) {  // else it is another kind of volume
      let array = probabilities.array
      self.init(
        format: "OME-Zarr (Zarr v\(array.format))", shape: probabilities.shape, type: array.type.rawValue, spacing: probabilities.spacing,
        chunk: array.chunkShape, warnings: [], labels: nil, channels: probabilities.labels)
      return
    }
    let image = try ImageGroup(path, .file), array = image.array
    let isPlain = try ZarrArray.isArray(path)
    let folder = OutputPath(OutputPath(path).folder).name, name = OutputPath(path).name
    let isNamedSo = folder.hasSuffix("Segmentations") || name.contains("label") || name.contains("multilabel")
    let isLabels = !array.type.isFloatingPoint && (isNamedSo || [.bool, .uint32, .int64, .uint64].contains(array.type))
    self.init(
      format: isPlain ? "Zarr v\(array.format) array" : "OME-Zarr (Zarr v\(array.format))", shape: image.shape, type: array.type.rawValue,
      spacing: image.spacing, chunk: array.chunkShape, warnings: image.warnings, labels: isLabels ? try VolumeInfo.count(image.labels(on: pool)) : nil)
  }

  private init(
    format: String, shape: VolumeShape, type: String, spacing: [Double]?, chunk: [Int]?, warnings: [Warning], labels: [(label: Int, voxels: Int)]?,
    channels: [Int]? = nil
  ) {
    (self.format, self.shape, self.type, self.spacing) = (format, shape, type, spacing)
    (self.chunk, self.warnings, self.labels, self.channels) = (chunk, warnings, labels, channels)
  }

  private static func count(_ values: LabelValues) -> [(label: Int, voxels: Int)] {
    switch values {
    case .uint8(let volume): count(volume.voxels)
    case .uint16(let volume): count(volume.voxels)
    case .int64(let volume): count(volume.voxels)
    }
  }

  private static func count(_ voxels: [some BinaryInteger & Hashable]) -> [(label: Int, voxels: Int)] {
    var counts: [Int: Int] = [:], last = 0, run = 0
    for voxel in voxels {
      let label = Int(truncatingIfNeeded: voxel)
      if label != last, run > 0 {
        counts[last, default: 0] += run
        run = 0
      }
      last = label
      run += 1
    }
    if run > 0 { counts[last, default: 0] += run }
    return counts.map { (label: $0.key, voxels: $0.value) }.sorted { $0.label < $1.label }
  }
}
