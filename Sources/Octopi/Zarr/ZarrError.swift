/// What is wrong with an array or a group on disk, or with one of its files.
public enum ZarrError: Error, Sendable, Hashable {
  /// There is no array in the folder; `because` may say what is there instead.
  case noArray(path: String, because: String?)
  /// A metadata file is not JSON.
  case notJSON(file: String, detail: String)
  /// A key of a metadata file has a value that it cannot have: `problem` says which, `allowed` what it could be.
  case invalid(file: String, key: String, problem: String, allowed: String?)
  /// Legal, but not supported: `what` completes "'PATH' ...".
  case unsupported(path: String, what: String, known: String?)
  /// The file of a chunk contradicts itself or its array.
  case damaged(file: String, detail: String)
  /// The array is sound, but not what is asked for: `what` completes "'PATH' ...".
  case unsuitable(path: String, what: String, remedy: String?)
  /// A file is there and cannot be read.
  case unreadable(file: String, reason: String)
  /// More memory would be needed than there is.
  case tooLarge(path: String, bytes: Int, available: Int)
}

extension ZarrError: Failure {
  public var kind: FailureKind {
    switch self {
    case .noArray: .missing
    case .notJSON, .invalid, .damaged, .unsuitable: .damaged
    case .unsupported: .unsupported
    case .unreadable, .tooLarge: .inputOutput
    }
  }

  public var message: String {
    switch self {
    case .noArray(let path, let because): "'\(path)' has no .zarray or zarr.json" + (because.map { ": \($0)" } ?? "")
    case .notJSON(let file, let detail): "'\(file)' is not JSON: \(detail)"
    case .invalid(let file, let key, let problem, _): "'\(file)': \(key)\(key.isEmpty ? "" : ": ")\(problem)"
    case .unsupported(let path, let what, _): "'\(path)' \(what)"
    case .damaged(let file, let detail): "'\(file)' is damaged: \(detail)"
    case .unsuitable(let path, let what, _): "'\(path)' \(what)"
    case .unreadable(let file, let reason): "cannot read '\(file)': \(reason)"
    case .tooLarge(let path, let bytes, let available):
      "'\(path)' needs \(mebibytes(bytes)) of memory, there are \(mebibytes(available))"
    }
  }

  public var remedy: String? {
    switch self {
    case .noArray: "if its writing was interrupted, delete the store and write it again"
    case .notJSON: "copy the store again from its source; comments and trailing commas are not allowed"
    case .invalid(_, _, _, let allowed): allowed.map { "allowed: \($0)" } ?? "copy the store again from its source"
    case .unsupported(_, _, let known): (known.map { "what can be read: \($0); " } ?? "") + "write the array again with zarr-python"
    case .damaged: "copy the store again from its source"
    case .unsuitable(_, _, let remedy): remedy
    case .unreadable: "see to it that the file can be read by this user"
    case .tooLarge: "read it on a machine with more memory, or cut it into smaller volumes"
    }
  }

  private func mebibytes(_ bytes: Int) -> String { "\((bytes >> 20) + 1) MiB" }
}
