import ArgumentParser
import Octopi

/// `--config`.
struct ConfigOption: ParsableArguments {
  @Option(
    name: [.customShort("c", allowingJoined: true), .customLong("config")],
    help: ArgumentHelp("The copick project (JSON; required).", valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?

  /// The project's file as typed.
  func required() throws(UsageFailure) -> String {
    guard let config else { throw .missing("--config", "the project's copick configuration, e.g. --config config.json") }
    return config
  }
}

/// Which runs; absent: all that have what is needed.
struct RunOptions: ParsableArguments {
  @Option(
    name: [.customLong("runs", withSingleDash: true), .customLong("run-ids"), .customLong("runIDs")],
    help: ArgumentHelp("Only these runs: 'a,b' or '[a, b]' (default: all).", valueName: "list"))
  var runIDs: String?

  /// The names given, in order; nil for all runs.
  func names() throws(UsageFailure) -> [String]? { try NameList.parse(runIDs, option: "--run-ids") }
}

/// Lists as octopi reads them: brackets taken off both ends, split at commas, blanks trimmed.
enum NameList {
  static func parse(_ text: String?, option: String) throws(UsageFailure) -> [String]? {
    guard let text, !text.isEmpty else { return nil }
    var body = Substring(text)
    while let first = body.first, "[]".contains(first) { body.removeFirst() }
    while let last = body.last, "[]".contains(last) { body.removeLast() }
    let items = body.split(separator: ",", omittingEmptySubsequences: false).map { item in
      String(item.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
    guard !items.contains("") else {
      throw UsageFailure("\(option) '\(text)' has an empty name in it", remedy: "write the names with commas between them: TS_1,TS_2")
    }
    return items
  }
}

extension UsageFailure {
  static func missing(_ option: String, _ what: String) -> UsageFailure { UsageFailure("\(option) is missing", remedy: "give \(what)") }

  /// Two spellings of one thing that say different things.
  static func contradiction(_ first: String, _ second: String) -> UsageFailure {
    UsageFailure("'\(first)' and '\(second)' contradict each other", remedy: "give one of them")
  }
}
