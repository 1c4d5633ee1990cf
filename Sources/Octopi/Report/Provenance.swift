/// What made a result: this program, networks by their content, options. For headers, logs and tables.
public struct Provenance: Sendable, Hashable {
  /// A network's file and the SHA-256 of its bytes.
  public struct Network: Sendable, Hashable {
    public let file: String
    public let sha256: String
  }

  /// `octopi-swift 0.1.0`.
  public let program: String
  public let networks: [Network]
  /// `overlap 0.5, 4 orientations`, and what else differs from the defaults.
  public let options: String

  /// Reads the networks' files.
  public init(_ options: SegmentOptions) throws(InputError) {
    program = "octopi-swift \(ProgramVersion.text)"
    var networks: [Network] = []
    for model in options.models { networks.append(Network(file: model.weights, sha256: try SHA256.digest(ofFile: model.weights))) }
    self.networks = networks
    self.options = options.summary
  }

  /// Lines of at most 80 characters: the program, each network's name and hash, the options.
  public var lines: [String] {
    [program] + networks.flatMap { [OutputPath($0.file).name, "sha256 \($0.sha256)"] } + [options]
  }
}

extension SegmentOptions {
  fileprivate var summary: String {
    var parts = ["overlap \(overlap)", augmentations == 1 ? "1 orientation" : "\(augmentations) orientations"]
    if isExact { parts.append("exact") }
    if rescale { parts.append("rescaled") }
    if let roi = overrides.roi { parts.append("roi \(roi)") }
    if let head = overrides.head { parts.append("head \(head.rawValue)") }
    if let mode = overrides.normalization { parts.append("normalize \(mode.rawValue)") }
    return parts.joined(separator: ", ")
  }
}
