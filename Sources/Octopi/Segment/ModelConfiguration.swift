import Foundation

/// What octopi's `model_config.yaml` says about a model, as far as inference needs it, and what we add for networks that are not octopi's.
///
///     model:
///       architecture: Unet          # octopi's; not needed here
///       num_classes: 3              # channels of the logits; with a softmax, class 0 is the background
///       dim_in: 96                  # edge of a window, or
///       roi: [64, 96, 96]           # its three edges (z, y, x)
///       head: softmax               # or sigmoid: channel c is class c + 1, found where its probability is above 0.5
///       normalize: volume           # or window, none
///       voxel_size: 10.0            # of the tomograms it was trained on; else dataloader.tomo_uris or dataloader.voxel_size, octopi's own
///     labels:
///       ribosome: 1
///       membrane: 2
///
/// Everything else in the file is ignored.
public struct ModelConfiguration: Sendable, Hashable {
  /// A name of an object, and its number in label volumes.
  public struct Label: Sendable, Hashable {
    public let name: String
    public let value: Int

    public init(name: String, value: Int) {
      self.name = name
      self.value = value
    }
  }

  /// The file as the user named it.
  public let file: String
  public let architecture: String?
  /// Channels of the logits.
  public let classes: Int
  /// Size of a window: `roi`, else `dim_in` along all axes.
  public let roi: VolumeShape
  public let head: Head
  public let normalization: Normalization.Mode
  /// In the order of the file.
  public let labels: [Label]
  /// Voxels of the tomograms that the model was trained on; none if the file does not say.
  public let spacings: [VoxelSpacing]

  /// What a user says instead of the file.
  public struct Overrides: Sendable, Hashable {
    public var roi: VolumeShape?
    public var head: Head?
    public var normalization: Normalization.Mode?

    public init(roi: VolumeShape? = nil, head: Head? = nil, normalization: Normalization.Mode? = nil) {
      self.roi = roi
      self.head = head
      self.normalization = normalization
    }
  }

  /// Reads a configuration.
  ///
  /// - file: what messages call it.
  public init(yaml: String, file: String, overrides: Overrides = Overrides()) throws(ModelConfigurationError) {
    let reader = try ModelConfigurationReader(yaml: yaml, file: file)
    let model = try reader.model()
    self.file = file
    architecture = try reader.architecture(model)
    head = if let head = overrides.head { head } else { try reader.choice(model, "head", default: .softmax) }
    normalization = if let mode = overrides.normalization { mode } else { try reader.choice(model, "normalize", default: .volume) }
    classes = try reader.classes(model, head)
    roi = if let roi = overrides.roi { roi } else { try reader.roi(model) }
    labels = try reader.labels(highest: head.highestLabel(channels: classes))
    spacings = try reader.spacings(model)
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `InputError`, `ModelConfigurationError`.
  public init(contentsOf path: String, overrides: Overrides = Overrides()) throws {
    try self.init(yaml: try ModelConfiguration.text(of: path), file: path, overrides: overrides)
  }

  /// The file's text.
  static func text(of path: String) throws -> String {
    let bytes = try InputFile.bytes(of: path, what: "model configuration", limit: 16 << 20)
    guard let yaml = String(validating: bytes, as: UTF8.self) else {
      throw ModelConfigurationError.notYAML(file: path, line: nil, problem: "it is not text in UTF-8")
    }
    return yaml
  }

  /// The configuration of a model: the file that the user gave, else what the model's own file carries.
  ///
  /// - Throws: `ModelConfigurationError.none` with a configuration to begin with, what `init(contentsOf:)` and `NetworkFile` throw.
  public static func of(_ model: SegmentRequest.Model, overrides: Overrides = Overrides()) throws -> ModelConfiguration {
    if let path = model.configuration { return try ModelConfiguration(contentsOf: path, overrides: overrides) }
    let network = try NetworkFile(path: model.weights)
    guard let yaml = network.converted?.configuration else {
      throw ModelConfigurationError.none(model: model.weights, template: template(for: network))
    }
    return try ModelConfiguration(yaml: yaml, file: model.weights, overrides: overrides)
  }

  /// The configuration that a job with several models follows: windows and classes of the last, labels of the first.
  ///
  /// - Throws: if the models differ in classes, head or normalisation, so that their logits cannot be averaged.
  public static func ensemble(_ configurations: [ModelConfiguration]) throws(ModelConfigurationError) -> ModelConfiguration? {
    guard let first = configurations.first, let last = configurations.last else { return nil }
    for other in configurations {
      let differences = [
        ("num_classes", "\(other.classes)", "\(last.classes)"), ("head", other.head.rawValue, last.head.rawValue),
        ("normalize", other.normalization.rawValue, last.normalization.rawValue),
      ]
      for (key, value, wanted) in differences where value != wanted {
        throw .ensemble(file: other.file, key: "model.\(key)", value: value, lastFile: last.file, lastValue: wanted)
      }
    }
    return ModelConfiguration(last, labels: first.labels)
  }

  private init(_ other: ModelConfiguration, labels: [Label]) {
    file = other.file
    architecture = other.architecture
    classes = other.classes
    roi = other.roi
    head = other.head
    normalization = other.normalization
    spacings = other.spacings
    self.labels = labels
  }

  /// Of the voxel sizes that the model was trained on the one that is least different.
  public func spacing(nearest spacing: VoxelSpacing) -> VoxelSpacing? {
    spacings.min { abs(log($0.angstrom / spacing.angstrom)) < abs(log($1.angstrom / spacing.angstrom)) }
  }

  /// Compares with what a model file says of itself.
  ///
  /// - channels: of its output.
  public func check(model: String, channels: Int) throws(ModelConfigurationError) {
    guard channels == classes else { throw .channels(model: model, channels: channels, file: file, classes: classes) }
  }
}

extension ModelConfiguration {
  /// Joins the lists of `--model-weights` and `--model-config`: one configuration serves several models; none, if each carries its own.
  public static func pairs(models: [String], configurations: [String]) throws(ModelConfigurationError) -> [(model: String, configuration: String?)] {
    if configurations.isEmpty { return models.map { ($0, nil) } }
    if configurations.count == 1, let only = configurations.first { return models.map { ($0, only) } }
    guard models.count == configurations.count else { throw .listLengths(models: models.count, configurations: configurations.count) }
    return Array(zip(models, configurations)).map { ($0, $1) }
  }
}
