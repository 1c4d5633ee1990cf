import Octopi

/// A first word that is no command: what was meant, or why there is no such command here.
enum UnknownCommand {
  /// Commands of Python octopi that are no inference.
  private static let upstream = [
    "train", "model-explore", "create-targets", "import", "download", "mcp", "import-mrc-volumes", "download-dataportal",
  ]
  /// What 1.7 calls 'extract mb-picks'.
  private static let renamed = ["membrane-extract", "extract-mb-picks"]

  static func check(_ arguments: [String]) throws(CommandFailure) {
    if arguments.starts(with: ["extract", "mb-picks"]) { throw .notHere("extract mb-picks") }
    let known = OctopiCommand.names(in: arguments)
    let parent = known.isEmpty ? OctopiCommand.self : OctopiCommand.type(named: known) ?? OctopiCommand.self
    let names = parent.configuration.subcommands.map { $0._commandName }
    guard !names.isEmpty, let word = arguments.dropFirst(known.count).first, !word.hasPrefix("-"), word != "help" else { return }
    if upstream.contains(word) || renamed.contains(word) { throw .notHere(word) }
    let start = known.map { $0 + " " }.joined()
    throw .unknown(start + word, nearest: Suggestion.nearest(to: word, among: names).map { start + $0 }, all: names.map { start + $0 })
  }
}

/// The first word is no command of this program.
enum CommandFailure: Failure {
  case notHere(String)
  case unknown(String, nearest: String?, all: [String])

  var kind: FailureKind {
    switch self {
    case .notHere: .unsupported
    case .unknown: .usage
    }
  }

  var message: String {
    switch self {
    case .notHere(let word): "'octopi \(word)' is a command of Python octopi that this program does not have: it only infers"
    case .unknown(let word, _, _): "unknown command '\(word)'"
    }
  }

  var remedy: String? {
    switch self {
    case .notHere: return "run it with Python octopi on the same project. Here: \(OctopiCommand.names.joined(separator: ", "))"
    case .unknown(_, let nearest, let all):
      return (nearest.map { "did you mean 'octopi \($0)'? " } ?? "") + "commands: " + all.joined(separator: ", ")
    }
  }
}

/// What the parser found wrong, in this program's words.
struct UsageProblem {
  let message: String
  let remedy: String

  /// What other programs of the field call an option of ours.
  static let elsewhere = [
    "--input-pixel-size": "--voxel-size", "--in-pixel-size": "--voxel-size", "--pixel-size": "--voxel-size", "--angpix": "--voxel-size",
    "--apix": "--voxel-size", "--voxel-spacing": "--voxel-size", "--spacing": "--voxel-size", "--tomogram": "--tomo-uri",
    "--tomo-type": "--tomo-alg", "--algorithm": "--tomo-alg", "--tomogram-path": "--tomo-uri", "--copick-config": "--config",
    "--copick": "--config", "--project": "--config", "--checkpoint": "--model-weights", "--ckpt": "--model-weights",
    "--ckpt-path": "--model-weights", "--weights": "--model-weights", "--model-path": "--model-weights", "--network": "--model-weights",
    "--model-yaml": "--model-config", "--seg": "--seg-uri", "--segmentation": "--seg-uri", "--segmentation-uri": "--seg-uri",
    "--runs": "--run-ids", "--run": "--run-ids", "--run-names": "--run-ids", "--tta": "--ntta", "--test-time-augmentation": "--ntta",
    "--batch-size": "--sliding-window-batch-size", "--sw-batch-size": "--sliding-window-batch-size", "--swbs": "--sliding-window-batch-size",
    "--window-overlap": "--overlap", "--stride": "--overlap", "--cpus": "--threads", "--num-threads": "--threads", "--jobs": "--threads",
    "--nprocs": "--threads", "--num-workers": "--threads", "--workers": "--threads", "--force": "--overwrite", "--exist-ok": "--overwrite",
    "--objects": "--pick-objects", "--object": "--pick-objects", "--radius-scale": "--radius-max-scale", "--beta": "--fbeta",
    "--output-dir": "--output", "--out": "--output", "--save-dir": "--output", "--user-id": "--pick-user-id",
    "--session-id": "--pick-session-id", "--gt-user-id": "--ground-truth-user-id", "--gt-session-id": "--ground-truth-session-id",
    "--distance-threshold": "--distance-threshold-scale",
  ]

  /// - words: of the whole command line.
  init(parserMessage: String, command: String?, words: [String]) {
    let help = "'octopi \(command.map { $0 + " " } ?? "")--help' lists all options"
    let known = CommandManual(command.map { $0.split(separator: " ").map(String.init) } ?? [])?.optionNames ?? []
    let text = parserMessage.split(separator: "\n").first.map(String.init) ?? parserMessage
    // '-config' reads as '-c onfig': the word after it is then left over.
    let halved = words.first { !known.contains($0) && known.contains("-" + $0) }
    if let option = Self.quoted(after: "Unknown option '", in: text) ?? halved {
      message = "unknown option '\(option)'"
      remedy = Self.meant(by: option, known).map { "did you mean '\($0)'? \(help)" } ?? help
    } else if let end = text.range(of: ". Please provide one of "), let value = Self.quoted(after: "value '", in: text) {
      // 'a', 'b' or 'c'.
      let values = text[end.upperBound...].split(separator: "'").enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }.filter { $0 != "." }
      message = text.prefix(1).lowercased() + text[..<end.lowerBound].dropFirst()
      remedy = (Suggestion.nearest(to: value, among: values).map { "did you mean '\($0)'? " } ?? "")
        + "values: \(values.joined(separator: ", ")). \(help)"
    } else if let range = text.range(of: "nexpected argument") {
      let names = text[range.upperBound...].drop { $0 != "'" }
      message = "unexpected word\(text.first == "U" ? "" : "s") \(names)"
      remedy = "several runs or objects are one word with commas: a,b,c. \(help)"
    } else {
      message = text.prefix(1).lowercased() + text.dropFirst()
      remedy = help
    }
  }

  private static func quoted(after start: String, in text: String) -> String? {
    guard let range = text.range(of: start), let end = text[range.upperBound...].firstIndex(of: "'") else { return nil }
    return String(text[range.upperBound..<end])
  }

  /// The known option that an unknown one was most likely meant to be.
  private static func meant(by option: String, _ known: [String]) -> String? {
    if let name = elsewhere[option.lowercased()], known.contains(name) { return name }
    if known.contains("-" + option) { return "-" + option }
    return Suggestion.nearest(to: option, among: known.filter { $0.hasPrefix("--") && option.hasPrefix("--") })
  }
}
