import ArgumentParser
import Foundation
import Octopi

/// `octopi verify`: networks on recorded inputs, or files of a project.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare networks with recorded outputs, or check the files of a project.",
    usage: "octopi verify FOLDER ... [options]\noctopi verify --project FILE [options]",
    discussion: """
      Examples:

        octopi verify models/unet
        octopi verify models --atol 1e-4 --rtol 1e-4
        octopi verify --project config.json

      A folder holds model.onnx or model.octopi and test_data_set_0 with input_0.pb, ..., output_0.pb, ... (the layout of ONNX's own \
      tests), or other such folders. Exit code: 0 if all pass; 69 if those that do not only need an operator or a type that this program \
      does not have; else 65.

      A test passes if its largest difference is at most 1e-3 of the largest expected magnitude (half precision: 5e-3), or, with \
      tolerances here or in the folder's tolerance.json, by NumPy's rule: |difference| <= atol + rtol * |expected| for every element.

      With --project every tomogram, segmentation and file of picks is read to its end: one line each, and a summary.
      """)

  @Argument(help: ArgumentHelp("Folders with tests, or model files in such folders.", valueName: "folder"), completion: .directory)
  var folders: [String] = []

  @Option(
    name: .customLong("atol"), parsing: .unconditional,
    help: ArgumentHelp("Absolute tolerance (with --rtol alone: 1e-7).", valueName: "number"))
  var atol: Double?

  @Option(
    name: .customLong("rtol"), parsing: .unconditional,
    help: ArgumentHelp("Relative tolerance (with --atol alone: 1e-3).", valueName: "number"))
  var rtol: Double?

  @Option(
    name: .customLong("project"), help: ArgumentHelp("Read all files of this copick project.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var project: String?

  @OptionGroup(title: "Performance") var exact: ExactOption
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    if let project {
      guard folders.isEmpty, atol == nil, rtol == nil, !exact.exact else {
        throw UsageFailure("--project checks files, not networks", remedy: "give either --project or folders with networks and their options")
      }
      return try VerifyProject(config: project, console: console).run(on: .forJob(try threads.requested()))
    }
    guard !folders.isEmpty else { throw UsageFailure.missing("FOLDER", "a folder with model.onnx and test_data_set_0, e.g. octopi verify models/unet") }
    let tolerance = try tolerance(), threads = try threads.requested()
    let kernels = try JobKernels.forJob(), pool = JobThreads.forJob(threads)
    let tests = try folders.flatMap { try ModelTest.find(at: $0) }
    let outcomes = tests.map { test in
      let outcome = test.run(kernels: kernels, pool: pool, options: exact.plan, tolerance: tolerance)
      console.result(VerifyText.line(test, outcome) + "\n")
      return outcome
    }
    let failed = outcomes.filter { !$0.isPassed }
    console.result("\(outcomes.count - failed.count) passed, \(failed.count) failed\n")
    console.document(VerifyText.document(zip(tests, outcomes), failed: failed.count))
    if failed.isEmpty { return }
    throw failed.allSatisfy(\.isUnsupported) ? FailureKind.unsupported.exitCode : FailureKind.damaged.exitCode
  }

  /// NumPy's rule where either option is given.
  private func tolerance() throws(UsageFailure) -> Tolerance? {
    for (name, value) in [("--atol", atol), ("--rtol", rtol)] {
      if let value, !(value.isFinite && value >= 0) {
        throw UsageFailure("\(name) \(value) is not a tolerance", remedy: "give a number of at least 0, e.g. 1e-4")
      }
    }
    if atol == nil, rtol == nil { return nil }
    return .elementwise(absolute: atol ?? Tolerance.standardAbsolute, relative: rtol ?? Tolerance.standardRelative)
  }
}

/// What `verify` prints.
enum VerifyText {
  static func line(_ test: ModelTest, _ outcome: ModelTest.Outcome) -> String {
    let head = (outcome.isPassed ? "passed " : "failed ") + test.folder + ": "
    if let error = outcome.error { return head + error.message }
    guard let worst = outcome.worst else { return head + "nothing was compared" }
    let comparison = worst.comparison
    var text = "largest difference \(number(comparison.largestDifference)), largest value \(number(comparison.largestExpected))"
    if !outcome.isPassed || test.models.count > 1 { text += ", in output '\(worst.output)' of '\(worst.model)'" }
    if !outcome.isPassed { text += " for '\(worst.dataSet)', allowed: \(allowed(worst))" }
    return head + text
  }

  private static func allowed(_ difference: ModelTest.Difference) -> String {
    switch difference.tolerance {
    case .ofLargest(let share): number(share * difference.comparison.largestExpected)
    case .elementwise(let absolute, let relative): "\(number(absolute)) + \(number(relative)) of each value"
    }
  }

  private static func number(_ value: Double) -> String { value == 0 ? "0" : value.isFinite ? String(format: "%.3g", value) : "infinite" }

  static func document(_ results: some Sequence<(ModelTest, ModelTest.Outcome)>, failed: Int) -> PythonValue {
    let tests = results.map { test, outcome -> PythonValue in
      let worst = outcome.worst
      return [
        "folder": .string(test.folder), "models": .array(test.models.map(PythonValue.string)),
        "result": .string(outcome.isPassed ? "passed" : outcome.isUnsupported ? "unsupported" : "failed"),
        "largest_difference": finite(worst?.comparison.largestDifference), "largest_expected": finite(worst?.comparison.largestExpected),
        "relative_difference": finite(worst?.relative), "output": .optional(worst?.output), "data_set": .optional(worst?.dataSet),
        "seconds": .float(outcome.seconds), "message": .optional(outcome.error?.message), "remedy": .optional(outcome.error?.remedy),
      ]
    }
    return ["command": "verify", "passed": .int(tests.count - failed), "failed": .int(failed), "tests": .array(tests)]
  }

  /// JSON has no word for infinity.
  private static func finite(_ value: Double?) -> PythonValue { value.flatMap { $0.isFinite ? .float($0) : nil } ?? .null }
}
