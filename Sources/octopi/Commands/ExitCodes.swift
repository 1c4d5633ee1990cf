import ArgumentParser
import Octopi

extension ExitCode {
  /// Some runs failed, the others are complete.
  static let someRunsFailed = ExitCode(3)
  /// Wrong usage (EX_USAGE).
  static let usage = ExitCode(64)
  /// Reading or writing failed (EX_IOERR).
  static let inputOutput = ExitCode(74)
}

extension FailureKind {
  /// The number of sysexits.h that tells a script what kind of failure it was.
  var exitCode: ExitCode {
    switch self {
    case .usage: .usage
    case .damaged: ExitCode(65)
    case .missing: ExitCode(66)
    case .unsupported: ExitCode(69)
    case .defect: ExitCode(70)
    case .cannotCreate: ExitCode(73)
    case .inputOutput: .inputOutput
    case .held: ExitCode(75)
    }
  }
}

/// Options that contradict each other, that are missing or whose values make no sense.
struct UsageFailure: Failure {
  var kind: FailureKind { .usage }
  let message: String
  let remedy: String?

  init(_ message: String, remedy: String? = nil) {
    self.message = message
    self.remedy = remedy
  }
}
