/// What kind of failure an error is; the command line maps each to one exit code.
public enum FailureKind: Sendable, Hashable {
  /// Wrong usage of a command or an option.
  case usage
  /// Input is damaged, contradictory or of the wrong kind.
  case damaged
  /// An input is not there.
  case missing
  /// Legal, but not supported: operator, opset, codec, remote store.
  case unsupported
  /// An output cannot be created, or exists already.
  case cannotCreate
  /// Reading or writing failed: disk full, I/O, an unreadable input.
  case inputOutput
  /// Another process holds the output.
  case held
  /// A defect of this program.
  case defect
}

/// An error as a person meets it: one line that says what is wrong with which file, one that says what to do.
public protocol Failure: Error, Sendable {
  var kind: FailureKind { get }
  /// Names in single quotes, paths as the user gave them; no full stop.
  var message: String { get }
  var remedy: String? { get }
}
