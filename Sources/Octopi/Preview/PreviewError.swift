/// Why there is no preview.
public enum PreviewError: Error, Sendable, Hashable {
  case noRuns
  case emptyVolume(run: String)
  case noPlane(Int, run: String, planes: Int)
  case budgetTooSmall(Int, needed: Int)
  case slab(Double)
  case opacity(Double)
  /// libpng refused; never for what it is given here.
  case picture(String)
}

extension PreviewError: Failure {
  public var kind: FailureKind {
    switch self {
    case .noRuns: .missing
    case .emptyVolume: .damaged
    case .noPlane, .budgetTooSmall, .slab, .opacity: .usage
    case .picture: .defect
    }
  }

  public var message: String {
    switch self {
    case .noRuns: "there is no run to show"
    case .emptyVolume(let run): "the tomogram of run '\(run)' has no voxels"
    case .noPlane(let plane, let run, _): "run '\(run)' has no plane \(plane)"
    case .budgetTooSmall(let bytes, let needed): "no page fits in \(binarySize(bytes)): its numbers and one plane need \(binarySize(needed))"
    case .slab(let thickness): "a slab cannot be \(thickness) A thick"
    case .opacity(let opacity): "\(opacity) is no opacity"
    case .picture(let reason): "a picture could not be made: \(reason)"
    }
  }

  public var remedy: String? {
    switch self {
    case .noRuns: "name runs that have a tomogram"
    case .emptyVolume: nil
    case .noPlane(_, _, let planes): "its planes are 0 to \(planes - 1); without --z the one with most picks is shown"
    case .budgetTooSmall: "give a larger --budget, or fewer runs"
    case .slab: "give 0 or more; 30 is the default"
    case .opacity: "give a number from 0 to 1; 0.4 is the default"
    case .picture: nil
    }
  }
}
