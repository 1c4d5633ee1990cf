import ArgumentParser
import Octopi

/// `--threads`.
struct ThreadsOption: ParsableArguments {
  @Option(
    name: .customLong("threads"), parsing: .unconditional,
    help: ArgumentHelp("Threads (default: the cores that this process may use).", valueName: "n"))
  var threads: Int?

  /// Threads asked for; nil for as many as there are cores.
  func requested() throws(UsageFailure) -> Int? {
    guard let threads else { return nil }
    guard (1...4096).contains(threads) else {
      throw UsageFailure("--threads \(threads) is not a number of threads", remedy: "give 1 to 4096, or leave it out")
    }
    return threads
  }
}

/// `--max-memory`.
struct MemoryOption: ParsableArguments {
  @Option(
    name: .customLong("max-memory"), help: ArgumentHelp("Most memory to use, e.g. 4G (default: what there is).", valueName: "size"))
  var maxMemory: String?

  /// Bytes asked for; nil for what the machine has.
  func requestedBytes() throws(UsageFailure) -> Int? {
    guard let maxMemory else { return nil }
    guard let bytes = ByteCount.parse(maxMemory) else {
      throw UsageFailure("--max-memory '\(maxMemory)' is not a size", remedy: "write bytes, or a number with K, M, G or T: 800M, 4G")
    }
    return bytes
  }
}

/// What to do with results that exist.
struct ExistingOptions: ParsableArguments {
  @Flag(name: .customLong("overwrite"), help: "Replace results that exist (default: refuse).")
  var overwrite = false

  @Flag(name: .customLong("resume"), help: "Keep results that exist, compute the others.")
  var resume = false

  func check() throws(UsageFailure) {
    if overwrite, resume { throw .contradiction("--overwrite", "--resume") }
  }

  var results: ExistingResults { overwrite ? .replace : resume ? .keep : .refuse }
}

/// `--dry-run`.
struct DryRunOption: ParsableArguments {
  @Flag(name: .customLong("dry-run"), help: "Say what would be done, write nothing.")
  var dryRun = false
}

/// What dry runs have in common.
enum DryRun {
  static func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// An estimate, which is no measurement; nil where nothing could be measured.
  static func text(_ seconds: Double?) -> String { seconds.map { "~" + Units.duration($0) } ?? "unknown" }
}

/// Sizes as people write them: `800M`, `4G`, `1.5GiB`, `123456`; units are powers of 1024.
enum ByteCount {
  static func parse(_ text: String) -> Int? {
    let units: [Character: Double] = ["k": 1024, "m": 1_048_576, "g": 1_073_741_824, "t": 1_099_511_627_776]
    var body = text.lowercased()
    if body.hasSuffix("ib") { body.removeLast(2) } else if body.hasSuffix("b") { body.removeLast() }
    var factor = 1.0
    if let last = body.last, let unit = units[last] {
      factor = unit
      body.removeLast()
    }
    guard let number = Double(body), number > 0, number * factor < 0x1p62 else { return nil }
    return Int(number * factor)
  }
}

/// What a command prints.
struct OutputOptions: ParsableArguments {
  @Flag(name: .customLong("json"), help: "One JSON document on standard output instead of text.")
  var json = false

  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "Only results, warnings and errors.")
  var quiet = false

  /// - progress: nil for a command that is over in a moment.
  func console(_ progress: ProgressOptions? = nil) throws(UsageFailure) -> Console {
    let isVerbose = progress?.verbose ?? false
    if quiet, isVerbose { throw .contradiction("--quiet", "--verbose") }
    let style = progress?.progress ?? .none
    return Console(
      detail: quiet ? .quiet : isVerbose ? .verbose : .normal, results: json ? .document : .text,
      progress: quiet && style == .auto ? .none : style)
  }
}

/// `--verbose`, where it takes no value, and `--progress`.
struct ProgressOptions: ParsableArguments {
  @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Say more.")
  var verbose = false

  @Option(
    name: .customLong("progress"),
    help: ArgumentHelp("Progress on standard error; auto is a bar on a terminal, else plain lines.", valueName: "style"))
  var progress: Progress.Style = .auto
}
