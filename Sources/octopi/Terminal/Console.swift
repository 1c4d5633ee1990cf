import Foundation
import Octopi
import Synchronization

/// What a command says: results on standard output, everything else on standard error. A progress bar that is on the screen is taken
/// away before a line is written.
final class Console: Sendable {
  enum Detail: Int, Comparable, Sendable {
    case quiet, normal, verbose
    static func < (a: Detail, b: Detail) -> Bool { a.rawValue < b.rawValue }
  }

  /// What goes to standard output.
  enum Results: Sendable { case text, document, none }

  let detail: Detail
  private let results: Results
  private let progress: Mutex<Progress?>
  private let progressStyle: Progress.Style

  init(detail: Detail = .normal, results: Results = .text, progress style: Progress.Style = .none) {
    self.detail = detail
    self.results = results
    progressStyle = style
    progress = Mutex(nil)
  }

  /// The same console for a command that is a step of another one, whose results nobody wants to see.
  func withoutResults() -> Console { Console(detail: detail, results: .none, progress: progressStyle) }

  /// A result as text on standard output; nothing where JSON is asked for.
  func result(_ text: String) {
    guard results == .text else { return }
    interruptingBar { Stream.output.write(text) }
  }

  /// A result as the one JSON document on standard output; nothing where text is asked for.
  func document(_ value: PythonValue) {
    guard results == .document else { return }
    interruptingBar { Stream.output.write(PythonJSON.text(value, indent: 2) + "\n") }
  }

  /// Text for a person who watches: standard error, only on a terminal.
  func aside(_ text: String) {
    guard detail > .quiet, Stream.diagnostics.isTerminal else { return }
    interruptingBar { Stream.diagnostics.write(text) }
  }

  /// What was assumed or done, in one line.
  func note(_ text: String) {
    if detail > .quiet { line(text) }
  }

  /// What only someone who asked for `--verbose` wants to know.
  func remark(_ text: String) {
    if detail == .verbose { line(text) }
  }

  /// What may make a result other than what was meant; also said when quiet.
  func warning(_ warning: Warning) { failure("warning: " + warning.message, remedy: warning.remedy) }

  /// A failure: what is wrong, and below it what to do.
  func failure(_ message: String, remedy: String?) {
    let remedy = remedy.map { $0.split(separator: "\n").map { "        \($0)\n" }.joined() } ?? ""
    interruptingBar { Stream.diagnostics.write("octopi: \(message)\n" + remedy) }
  }

  private func line(_ text: String) {
    interruptingBar { Stream.diagnostics.write("octopi: \(text)\n") }
  }

  // MARK: Progress

  /// Starts the one progress bar of the job. `units` of work, counted in `unit` ("window"), over `runs` runs.
  func begin(runs: Int, units: Int, unit: String) {
    progress.withLock { $0 = Progress(style: progressStyle, runs: runs, units: units, unit: unit) }
  }

  /// The job turns to a run, or to another step of it.
  func turn(to run: String) { progress.withLock { $0?.turn(to: run) } }

  /// `units` more are done.
  func advance(by units: Int) { progress.withLock { $0?.advance(by: units) } }

  /// A run is complete; `outcome` is what a line says about it.
  func complete(run: String, outcome: String) { progress.withLock { $0?.complete(run: run, outcome: outcome) } }

  /// Takes the bar away.
  func end() {
    progress.withLock { progress in
      progress?.hide()
      progress = nil
    }
  }

  private func interruptingBar(_ body: () -> Void) {
    progress.withLock { progress in
      progress?.hide()
      body()
      progress?.show()
    }
  }
}
