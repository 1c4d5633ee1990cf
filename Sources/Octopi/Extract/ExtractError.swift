/// What keeps an object from being taken out of label volumes.
public enum ExtractError: Error, Sendable, Hashable {
  /// Nobody says which label the object has: the log that `octopi segment` writes is not there.
  case noLog(String)
  case noLabel(object: String, source: String, labels: [String])
  /// The log does not say the voxel spacing.
  case noSpacing(String)
  /// A binary segmentation must be named after an object of the project (copick `models.py: CopickRun.new_segmentation`).
  case noObject(String, project: String)
}

extension ExtractError: Failure {
  public var kind: FailureKind {
    switch self {
    case .noLog, .noLabel: .missing
    case .noSpacing, .noObject: .damaged
    }
  }

  public var message: String {
    switch self {
    case .noLog(let path): "no log '\(path)' says which label the object has"
    case .noLabel(let object, let source, _): "segmentation '\(source)' has no label for an object '\(object)'"
    case .noSpacing(let file): "'\(file)': inputs.voxel_size is missing"
    case .noObject(let object, let project): "'\(object)' is no object of the project '\(project)'"
    }
  }

  public var remedy: String? {
    switch self {
    case .noLog: "'octopi segment' writes it beside the labels; name labels that it wrote with --seg-uri"
    case .noLabel(let object, _, let labels):
      (closestNames(to: object, in: labels).first.map { "did you mean '\($0)'? " } ?? "") + "there are: " + CopickError.list(labels)
    case .noSpacing: "segment again, or add the spacing in angstrom: inputs: {voxel_size: 10.0}"
    case .noObject(let object, _): "add {\"name\": \"\(object)\", ...} to its pickable_objects"
    }
  }
}
