import Foundation
import Subprocess
import TestSupport
import Testing

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A run of `octopi` that a signal meets in the middle of its work.
///
/// A shell watches for the moment: it is not kept waiting by the other tests of this process.
enum WatchedProgram {
  private static let script = """
    condition=$1 signal=$2; shift 2
    "$0" "$@" & process=$!
    until eval "$condition"; do kill -0 $process 2>/dev/null || break; sleep 0.01; done
    kill -$signal $process 2>/dev/null && echo "sent to $process" >&2
    wait $process; exit $?
    """

  /// Runs `octopi`, sends it a signal as soon as `condition` holds, then calls `action` with its process number.
  ///
  /// - condition: a command of the shell, in `folder`.
  /// - signal: its name without SIG.
  static func run(
    _ arguments: [String], in folder: TemporaryFolder, when condition: String, send signal: String,
    _ action: @escaping @Sendable (Int) async throws -> Void = { _ in }
  ) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path("/bin/sh"), arguments: Arguments(["-c", script, Program.path, condition, signal] + arguments),
      environment: .inherit.updating(Program.settings([:])), workingDirectory: FilePath(folder.path("")), input: .none, output: .discarded,
      error: .sequence
    ) { execution in
      var text = "", isSent = false
      for try await line in execution.standardError.strings() {
        let line = line.hasSuffix("\n") ? String(line.dropLast()) : line
        if !isSent, line.hasPrefix("sent to "), let process = Int(line.dropFirst("sent to ".count)) {
          isSent = true
          try await action(process)
        } else {
          text += line + "\n"
        }
      }
      #expect(isSent, "it ended too early: \(text)")
      return text
    }
    return withExtendedLifetime(folder) { Outcome(code: Program.code(result.terminationStatus), output: "", errors: result.closureResult) }
  }
}
