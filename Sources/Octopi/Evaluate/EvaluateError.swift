/// Why picks cannot be scored.
public enum EvaluateError: Error, Sendable, Hashable {
  case noValidObjects([String], available: [String])
  case radiusMissing(object: String)
  case weightNotANumber(object: String)
  case thresholdScaleInvalid(Double)
}

extension EvaluateError: Failure {
  public var kind: FailureKind {
    switch self {
    case .noValidObjects: .missing
    case .radiusMissing, .weightNotANumber: .damaged
    case .thresholdScaleInvalid: .usage
    }
  }

  public var message: String {
    switch self {
    case .noValidObjects(let names, _): "no particle of the project is called \(list(names, joined: "or"))"
    case .radiusMissing(let object): "object '\(object)' has no radius in the project configuration"
    case .weightNotANumber(let object): "the weight of object '\(object)' in the project configuration is no number"
    case .thresholdScaleInvalid(let scale): "\(scale) cannot scale a radius to a distance"
    }
  }

  public var remedy: String? {
    switch self {
    case .noValidObjects(let names, let available):
      available.isEmpty
        ? "the project has no object with 'is_particle': true"
        : (closestNames(to: names.first ?? "", in: available).first.map { "did you mean '\($0)'? " } ?? "")
          + "its particles are \(list(available, joined: "and"))"
    case .radiusMissing(let object): "add \"radius\" (ångström) to '\(object)', or leave it out of the objects to score"
    case .weightNotANumber(let object): "give '\(object)' a number as \"weight\" in \"metadata\", or none, which counts as 1"
    case .thresholdScaleInvalid: "use a finite scale of 0 or more; 0.8 is the default"
    }
  }

  private func list(_ names: [String], joined word: String) -> String {
    let quoted = names.map { "'\($0)'" }
    guard quoted.count > 1, let last = quoted.last else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " \(word) \(last)"
  }
}
