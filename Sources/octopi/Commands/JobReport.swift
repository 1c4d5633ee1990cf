import ArgumentParser
import Foundation
import Octopi

/// What commands over several runs have in common: events on the screen, and how they end.
struct JobReport {
  let console: Console
  /// The words of the command line, for the command that goes on.
  let words: [String]
  /// What a complete run has become: "segmented".
  let participle: String

  func show(_ warnings: [Warning]) {
    for warning in warnings { console.warning(warning) }
  }

  func show<Entry>(skipped: [Selection<Entry>.Skipped]) {
    for run in skipped { console.note("skipped: \(run.reason.message)") }
  }

  /// Does work whose outputs an interrupt gives up; at the end their locks are gone.
  func withOutputs<Result>(_ work: (Outputs) throws -> Result) rethrows -> Result {
    let outputs = Outputs()
    defer { outputs.abandon() }
    let interrupt = Interrupt(console: console, outputs: outputs, resume: Resume.command(words))
    return try withExtendedLifetime(interrupt) { try work(outputs) }
  }

  func show(_ event: JobEvent) {
    switch event {
    case .run(let run): console.turn(to: run)
    case .done(let units): console.advance(by: units)
    case .finished(let run, let seconds): console.complete(run: run, outcome: "\(participle) in \(Units.duration(seconds))")
    case .warning(let warning): console.warning(warning)
    case .failed(_, OutputError.interrupted): Interrupt.waitForTheEnd()
    case .failed(_, let error): console.failure(error.message, remedy: error.remedy)
    }
  }

  /// Nothing to do where all runs are complete; else says which are not, and throws the code that the command ends with.
  /// - repeating: the command for these runs; nil for the same with `--run-ids`.
  func conclude<Result>(_ summary: JobSummary<Result>, repeating: (([String]) -> String)? = nil) throws(ExitCode) {
    guard let first = summary.failed.first, let last = summary.failed.last else { return }
    let open = summary.failed.map(\.run) + summary.untried, all = summary.finished.count + open.count
    if all > 1 {
      console.failure(
        "\(summary.finished.count) of \(Units.plural(all, "run")) complete; not: \(open.joined(separator: ", "))",
        remedy: "to repeat just these: " + (repeating?(open) ?? Resume.command(words, runs: open)))
    }
    if last.error is OutputError { throw last.error.kind.exitCode }
    throw summary.finished.isEmpty ? first.error.kind.exitCode : .someRunsFailed
  }
}

extension JobSummary {
  /// What a document says of the runs (or files) that failed, each by its name under `kind`, and why.
  func failures(of kind: String) -> PythonValue {
    .array(failed.map { .object([.init(kind, .string($0.run)), .init("error", .string($0.error.message))]) })
  }

  /// What a document says of those that were not tried.
  var leftOut: PythonValue { .array(untried.map(PythonValue.string)) }
}

/// The command line that goes on where another ended.
enum Resume {
  /// The words as a shell takes them, with `--resume` where the command knows it.
  static func command(_ words: [String]) -> String { text(knowsResume(words) ? resuming(words.filter { $0 != "--overwrite" }) : words) }

  /// The same command for some runs only: the last of a repeated option counts.
  static func command(_ words: [String], runs: [String]) -> String {
    text((words.contains("--overwrite") ? words : resuming(words)) + ["--run-ids", runs.joined(separator: ",")])
  }

  /// The same command for some of its files only.
  static func command(_ words: [String], files: [String], only some: [String]) -> String {
    let fewer = words.filter { !files.contains($0) || some.contains($0) }
    return text(words.contains("--overwrite") ? fewer : resuming(fewer))
  }

  private static func resuming(_ words: [String]) -> [String] {
    knowsResume(words) && !words.contains("--resume") ? words + ["--resume"] : words
  }

  private static func knowsResume(_ words: [String]) -> Bool { ["segment", "localize", "pick", "extract"].contains(words.first) }

  static func text(_ words: [String]) -> String { (["octopi"] + words).map(quoted).joined(separator: " ") }

  private static func quoted(_ word: String) -> String {
    let isSafe = word.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./,:=@%+~".unicodeScalars.contains(scalar)
    }
    return isSafe && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
