/// What `octopi segment` did, as it is kept in `logs` (octopi `pytorch/inference.py: Predictor.save_parameters`). Everything is as typed.
public struct SegmentLog: Sendable, Hashable {
  public let configuration: String
  public let tomogram: TomogramURI
  /// Of the first model, in its order.
  public let labels: [ModelConfiguration.Label]
  public let modelConfigurations: [String]
  public let weights: [String]
  public let windowBatch: Int
  public let overlap: Double
  /// Augmentations that were used, 1 to 8.
  public let augmentations: Int
  public let target: SegmentationTarget

  public init(
    configuration: String, tomogram: TomogramURI, labels: [ModelConfiguration.Label], modelConfigurations: [String], weights: [String],
    windowBatch: Int, overlap: Double, augmentations: Int, target: SegmentationTarget
  ) {
    self.configuration = configuration
    self.tomogram = tomogram
    self.labels = labels
    self.modelConfigurations = modelConfigurations
    self.weights = weights
    self.windowBatch = windowBatch
    self.overlap = overlap
    self.augmentations = augmentations
    self.target = target
  }

  public var yaml: String {
    let document: PythonValue = [
      "inputs": ["config": .string(configuration), "tomo_alg": .string(tomogram.type), "voxel_size": .float(tomogram.spacing.angstrom)],
      "labels": .object(labels.map { PythonValue.Member($0.name, .int($0.value)) }),
      "model": ["configs": .array(modelConfigurations.map(PythonValue.string)), "weights": .array(weights.map(PythonValue.string))],
      "parameters": ["sw_bs": .int(windowBatch), "overlap": .float(overlap), "ntta": .int(augmentations)],
      "outputs": [
        "seg_name": .string(target.typedName), "seg_user_id": .string(target.typedUser ?? target.user),
        "seg_session_id": .string(target.typedSession ?? target.session),
      ],
    ]
    return PythonYAML.log.text(document)
  }
}

/// What `octopi localize` was asked for (octopi `entry_points/run_localize.py`).
public struct LocalizeLog: Sendable, Hashable {
  public let configuration: String
  public let segmentation: SegmentationTarget
  public let spacing: VoxelSpacing
  public let picks: PicksTarget
  /// `watershed` or `com`.
  public let method: String
  public let minimumRadiusScale: Double
  public let maximumRadiusScale: Double
  public let filterSize: Int
  /// Only in the log where picks were dropped by it; octopi has no such parameter.
  public var minimumScore: Double?

  public init(
    configuration: String, segmentation: SegmentationTarget, spacing: VoxelSpacing, picks: PicksTarget, method: String,
    minimumRadiusScale: Double, maximumRadiusScale: Double, filterSize: Int
  ) {
    self.configuration = configuration
    self.segmentation = segmentation
    self.spacing = spacing
    self.picks = picks
    self.method = method
    self.minimumRadiusScale = minimumRadiusScale
    self.maximumRadiusScale = maximumRadiusScale
    self.filterSize = filterSize
  }

  public var yaml: String {
    let document: PythonValue = [
      "input": [
        "config": .string(configuration), "seg_name": .string(segmentation.typedName), "seg_user_id": .optional(segmentation.typedUser),
        "seg_session_id": .optional(segmentation.typedSession), "voxel_size": .float(spacing.angstrom),
      ],
      "output": ["pick_session_id": .string(picks.typedSession), "pick_user_id": .string(picks.typedUser)],
      "parameters": .object(
        [
          .init("method", .string(method)), .init("radius_min_scale", .float(minimumRadiusScale)),
          .init("radius_max_scale", .float(maximumRadiusScale)), .init("filter_size", .int(filterSize)),
        ] + (minimumScore.map { [.init("min_score", .float($0))] } ?? [])),
    ]
    return PythonYAML.log.text(document)
  }
}

extension Project {
  /// Writes the log of a segmentation, whole or not at all.
  ///
  /// - existing: with `.refuse` an older log of the same name must tell of the same labels and weights: one name for one model.
  public func write(_ log: SegmentLog, existing: Outputs.Existing, to outputs: Outputs) throws {
    let path = logPath(log.target)
    if existing == .refuse { try check(log) }
    try outputs.write(Array(log.yaml.utf8), to: path, existing: .replace)
  }

  /// Throws `CopickError.logDiffers` if the overlay has a log of the same name that tells of other labels or weights.
  public func check(_ log: SegmentLog) throws(CopickError) {
    guard let older = try SegmentLogContent(file: logPath(log.target)) else { return }
    if older.labels != log.labels { throw .logDiffers(path: logPath(log.target), what: "labels") }
    if let weights = older.weights, weights != log.weights { throw .logDiffers(path: logPath(log.target), what: "weights") }
  }

  /// Writes the log of a localisation over an older one.
  public func write(_ log: LocalizeLog, to outputs: Outputs) throws(OutputError) {
    let name = "localize-\(log.picks.typedUser)_\(log.picks.typedSession).yaml"
    try outputs.write(Array(log.yaml.utf8), to: overlay + "/logs/" + Project.fileName(name), existing: .replace)
  }

  /// The labels that a segmentation was made with, from its log in the overlay, else in the static root; nil without a log.
  public func labels(of target: SegmentationTarget) throws(CopickError) -> (labels: [ModelConfiguration.Label], file: String)? {
    try segmentLog(of: target).map { ($0.content.labels, $0.file) }
  }

  /// The log of a segmentation in the overlay, else in the static root; nil if there is none.
  func segmentLog(of target: SegmentationTarget) throws(CopickError) -> (content: SegmentLogContent, file: String)? {
    for folder in [overlay, staticFolder].compactMap(\.self) {
      for name in Run.unique([Project.logName(target), Project.logName(of: target.name, target.user, target.session)]) {
        let file = folder + "/logs/" + name
        if let content = try SegmentLogContent(file: file) { return (content, file) }
      }
    }
    return nil
  }

  func logPath(_ target: SegmentationTarget) -> String { overlay + "/logs/" + Project.logName(target) }

  private static func logName(_ target: SegmentationTarget) -> String {
    logName(of: target.typedName, target.typedUser ?? target.user, target.typedSession ?? target.session)
  }

  private static func logName(of name: String, _ user: String, _ session: String) -> String { fileName("segment-\(user)_\(session)_\(name).yaml") }

  /// octopi takes ids as they were typed; a slash would lead out of the folder.
  private static func fileName(_ name: String) -> String { name.replacing("/", with: "-").replacing("\0", with: "-") }
}
