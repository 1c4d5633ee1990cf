public import OctopiEngine

/// What a `.octopi` file holds beside its network.
public struct ConversionInfo: Sendable {
  /// Where the network comes from.
  public let summary: ModelFile.Summary
  /// Version of the format, and bytes of the file.
  public let version: Int, byteCount: Int
  /// Those for which the network is ready: sizes (z, y, x) and classes.
  public let windows: [(size: [Int], classes: Int)]
  /// The model's configuration; nil without one.
  public let configuration: ModelConfiguration?
  /// The project's objects; nil without any.
  public let objects: [CopickConfiguration.Object]?

  /// - Throws: `ModelConfigurationError`.
  init(_ file: ModelFile, objects: [CopickConfiguration.Object]?) throws {
    summary = file.summary
    (version, byteCount, windows) = (file.version, file.byteCount, file.preparedWindows)
    configuration = try file.configuration.map { try ModelConfiguration(yaml: $0, file: file.file) }
    self.objects = objects
  }
}
