import OctopiEngine
import SystemPackage

/// An input that cannot be read.
public enum InputError: Error, Sendable, Hashable {
  /// Nothing is there. `what` says what was expected ("configuration").
  case missing(what: String, path: String, remedy: String?)
  /// It is there, but the system refuses or fails to read it.
  case unreadable(path: String, reason: String)
  /// It is there, but it is not what it should be.
  case damaged(path: String, reason: String, remedy: String?)
}

extension InputError: Failure {
  public var kind: FailureKind {
    switch self {
    case .missing: .missing
    case .unreadable: .inputOutput
    case .damaged: .damaged
    }
  }

  public var message: String {
    switch self {
    case .missing(let what, let path, _): "no \(what) '\(path)'"
    case .unreadable(let path, let reason): "cannot read '\(path)': \(reason)"
    case .damaged(let path, let reason, _): "'\(path)'\(reason)"
    }
  }

  public var remedy: String? {
    switch self {
    case .missing(_, _, let remedy), .damaged(_, _, let remedy): remedy
    case .unreadable: nil
    }
  }
}

/// Reads whole files.
public enum InputFile {
  /// The bytes of a file; `what` is what the message calls it.
  public static func bytes(of path: String, what: String, limit: Int = 1 << 30) throws(InputError) -> [UInt8] {
    do throws(Errno) {
      return try FileSystem.bytes(of: path, limit: limit)
    } catch {
      switch error {
      case .noSuchFileOrDirectory, .notDirectory: throw .missing(what: what, path: path, remedy: nil)
      case .isDirectory: throw .damaged(path: path, reason: " is a folder, not a file", remedy: nil)
      case .fileTooLarge: throw .damaged(path: path, reason: " is larger than \(binarySize(limit))", remedy: nil)
      default: throw .unreadable(path: path, reason: error.description)
      }
    }
  }

  /// A file mapped into memory, for those that are larger than what is needed of them.
  static func mapped(_ path: String, what: String) throws(InputError) -> MappedBytes {
    try translated(path, what: what) { () throws(Errno) in try FileSystem.mapped(path) }
  }

  /// The first bytes of a file, fewer where it has no more.
  static func start(of path: String, count: Int) throws(InputError) -> [UInt8] {
    try translated(path, what: "file") { () throws(Errno) in
      let file = try FileSystem.open(path, .readOnly)
      defer { FileSystem.close(file) }
      return try FileSystem.start(of: file, count: count)
    }
  }

  static func size(of path: String) throws(InputError) -> Int {
    try translated(path, what: "file") { () throws(Errno) in try FileSystem.size(of: path) }
  }

  private static func translated<Value>(_ path: String, what: String, _ body: () throws(Errno) -> Value) throws(InputError) -> Value {
    do throws(Errno) { return try body() } catch {
      switch error {
      case .noSuchFileOrDirectory, .notDirectory: throw .missing(what: what, path: path, remedy: nil)
      case .isDirectory: throw .damaged(path: path, reason: " is a folder, not a file", remedy: nil)
      default: throw .unreadable(path: path, reason: error.description)
      }
    }
  }

  /// Names in a folder in the order of their code points; nil when there is no such folder.
  static func names(in folder: String) throws(InputError) -> [String]? {
    do throws(Errno) {
      return try FileSystem.names(in: folder).sorted { precedesByCodePoints($0, $1) }
    } catch {
      if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
      throw .unreadable(path: folder, reason: error.description)
    }
  }

  /// Whether a folder, or a link to one, stands at a path.
  static func isFolder(_ path: String) throws(InputError) -> Bool { try kind(of: path) == .folder }
  static func isFile(_ path: String) throws(InputError) -> Bool { try kind(of: path) == .file }

  private static func kind(of path: String) throws(InputError) -> FileSystem.Kind? {
    do throws(Errno) {
      return try FileSystem.kind(of: path)
    } catch {
      throw .unreadable(path: path, reason: error.description)
    }
  }
}

/// Python's order of strings: by code points, so that `10 < TS_1 < TS_10 < TS_2 < _a < ts_1 < é`.
func precedesByCodePoints(_ a: String, _ b: String) -> Bool {
  a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
}

/// Equal to the byte; `==` of `String` takes composed and decomposed letters for the same.
func isSameText(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool { a.utf8.elementsEqual(b.utf8) }
