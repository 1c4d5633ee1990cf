/// What cannot be localised, and why.
public enum LocalizeError: Error, Sendable, Hashable {
  case labelNotPositive(Int)
  case radiusInvalid(label: Int, Double)
  case filterSizeNotPositive(Int)
  case tooManyVoxels(Int)
  /// A lowest score was asked for, and there are no probabilities to make scores from.
  case noProbabilities(labels: String)
  /// Probabilities that are not those of the labels: `what` completes "'PATH' ...".
  case otherProbabilities(path: String, what: String, labels: String)
}

extension LocalizeError: Failure {
  public var kind: FailureKind {
    switch self {
    case .labelNotPositive, .radiusInvalid, .filterSizeNotPositive, .noProbabilities: .usage
    case .otherProbabilities: .damaged
    case .tooManyVoxels: .unsupported
    }
  }

  public var message: String {
    switch self {
    case .labelNotPositive(let label): "\(label) cannot be the label of an object"
    case .radiusInvalid(let label, let radius): "\(radius) voxels cannot be a radius of the object with label \(label)"
    case .filterSizeNotPositive(let size): "a filter size of \(size) voxels is no window"
    case .noProbabilities(let labels): "--min-score: there are no probabilities beside the labels '\(labels)', so picks have no scores but 1"
    case .otherProbabilities(let path, let what, let labels): "'\(path)' \(what), so it does not belong to the labels '\(labels)'"
    case .tooManyVoxels(let count): "an object of \(count) voxels is too large to be localised"
    }
  }

  public var remedy: String? {
    switch self {
    case .labelNotPositive: "labels of objects are 1 and above; 0 is background"
    case .radiusInvalid: "give the object a radius in ångström and scales that are finite and not negative"
    case .filterSizeNotPositive: "use a filter size of 1 or more; 10 is the default"
    case .noProbabilities: "segment with --probabilities, or leave out --min-score"
    case .otherProbabilities: "segment again with --probabilities --overwrite; without these probabilities picks score 1"
    case .tooManyVoxels: "localise at a coarser voxel spacing; an object may have 2147483647 voxels"
    }
  }
}
