/// What keeps particles from being picked in files.
public enum PickError: Error, Sendable, Hashable {
  /// Nobody says which objects there are, and how large.
  case noObjects(model: String)
  /// None of the objects is one that the model labels.
  case nothingInCommon(file: String, objects: [String], labels: [String])
}

extension PickError: Failure {
  public var kind: FailureKind {
    switch self {
    case .noObjects: .missing
    case .nothingInCommon: .damaged
    }
  }

  public var message: String {
    switch self {
    case .noObjects(let model): "nobody says which objects to pick and how large they are: '\(model)' carries none"
    case .nothingInCommon(let file, _, let labels): "'\(file)' has no particle with a radius that the model labels: \(labels.joined(separator: ", "))"
    }
  }

  public var remedy: String? {
    switch self {
    case .noObjects:
      "give --objects config.json, a copick configuration with names and radii, or put them into the model: octopi convert MODEL.onnx --objects config.json -o M.octopi"
    case .nothingInCommon(_, let objects, _): "its particles: " + (objects.isEmpty ? "none" : objects.joined(separator: ", "))
    }
  }
}
