/// Why a file is no array that can be read.
public enum NumPyError: Error, Sendable, Hashable {
  /// Not NumPy's format, truncated, or contradicting itself.
  case damaged(file: String, reason: String)
  /// An array whose elements are no plain numbers, or a format of the future.
  case unsupported(file: String, reason: String)
}

extension NumPyError: Failure {
  public var kind: FailureKind {
    switch self {
    case .damaged: .damaged
    case .unsupported: .unsupported
    }
  }

  public var message: String {
    switch self {
    case .damaged(let file, let reason): "'\(file)' is not a valid .npy file: \(reason)"
    case .unsupported(let file, let reason): "'\(file)' cannot be used: \(reason)"
    }
  }

  public var remedy: String? {
    switch self {
    case .damaged: "write it again with numpy.save"
    case .unsupported: "save plain numbers: numpy.save(file, array.astype(numpy.float32))"
    }
  }
}
