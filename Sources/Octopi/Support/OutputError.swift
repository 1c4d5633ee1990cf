import SystemPackage

/// An output that cannot be written. Whatever the case, nothing was changed at its place.
public enum OutputError: Error, Sendable, Hashable {
  /// Something is there already and may not be replaced. `isResumable`: a job met it that can keep what there is and do the rest.
  case exists(path: String, isResumable: Bool = false)
  /// The system does not let us create it: permission, a read-only file system, a file where a folder should be.
  case cannotCreate(path: String, reason: String)
  /// Writing failed: the disk is full or broken. `neededBytes` is what could not be written.
  case cannotWrite(path: String, reason: String, neededBytes: Int?)
  /// Another process writes the same output. `lock` is its lock file; the holder is nil while it has not written its name there.
  case held(path: String, by: LockOwner?, lock: String)
  /// This process is being interrupted: its outputs have been given up.
  case interrupted(path: String)

  init(_ error: Errno, path: String, neededBytes: Int? = nil) {
    switch error {
    case .fileExists: self = .exists(path: path)
    case .permissionDenied, .notPermitted, .readOnlyFileSystem, .notDirectory, .isDirectory, .fileNameTooLong, .tooManySymbolicLinkLevels:
      self = .cannotCreate(path: path, reason: error.description)
    default: self = .cannotWrite(path: path, reason: error.description, neededBytes: neededBytes)
    }
  }
}

extension OutputError: Failure {
  public var kind: FailureKind {
    switch self {
    case .exists, .cannotCreate: .cannotCreate
    case .cannotWrite, .interrupted: .inputOutput
    case .held: .held
    }
  }

  public var message: String {
    switch self {
    case .exists(let path, _): return "'\(path)' exists already"
    case .cannotCreate(let path, let reason): return "cannot write '\(path)': \(reason)"
    case .cannotWrite(let path, let reason, let bytes):
      return "cannot write '\(path)': \(reason)" + (bytes.map { " (needs \(binarySize($0)))" } ?? "")
    case .held(let path, let owner?, _):
      return "'\(path)' is being written by process \(owner.process) on host '\(owner.host)'"
    case .held(let path, nil, _): return "'\(path)' is being written by another process"
    case .interrupted(let path): return "'\(path)' was given up: interrupted"
    }
  }

  public var remedy: String? {
    switch self {
    case .exists(_, isResumable: true): "use --overwrite to replace it, or --resume to go on with what is missing"
    case .exists: "use --overwrite to replace it, or choose another name"
    case .cannotCreate: "nothing was changed; check the folders above it and their permissions"
    case .cannotWrite: "nothing was changed; make room on that disk, or choose another place"
    case .interrupted: "nothing was changed"
    case .held(_, let owner?, let lock) where !owner.isHere: "if that process no longer runs on '\(owner.host)', delete '\(lock)'"
    case .held: "wait until it has ended, or choose another name"
    }
  }
}
