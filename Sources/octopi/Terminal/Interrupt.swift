import Foundation
import Octopi

/// SIGINT and SIGTERM end a job at once with a clean state: what is half done is thrown away, whole results stay.
final class Interrupt: Sendable {
  private let watch: SignalWatch

  /// - console: its bar is taken away before the message.
  /// - outputs: given up before the process ends.
  /// - resume: the command that goes on.
  init(console: Console, outputs: Outputs, resume: String) {
    watch = SignalWatch([SIGINT, SIGTERM]) { number in
      outputs.abandon()
      console.end()
      console.failure("interrupted; nothing is half written", remedy: "to go on: \(resume)")
      // Threads are still at work: no destructors, no handlers at exit.
      _exit(128 + number)
    }
  }

  /// For a thread that finds its outputs given up: the process is about to end.
  static func waitForTheEnd() -> Never {
    while true { sleep(1) }
  }
}
