import ArgumentParser
import Octopi

/// Whose picks: `--picks USER/SESSION`, or both apart.
struct PickOptions: ParsableArguments {
  @Option(
    name: .customLong("picks"), help: ArgumentHelp("Picks as user/session (default: octopi/1).", valueName: "user/session"))
  var picks: String?

  @Option(
    name: [.customLong("pui", withSingleDash: true), .customLong("pick-user-id")],
    help: ArgumentHelp("Their user alone (default: octopi).", valueName: "user"))
  var userID: String?

  @Option(
    name: [.customLong("psid", withSingleDash: true), .customLong("pick-session-id")],
    help: ArgumentHelp("Their session alone (default: 1).", valueName: "session"))
  var sessionID: String?

  /// The picks that all spellings agree on.
  func target() throws -> PicksTarget {
    guard let picks else { return try PicksTarget(user: userID ?? "octopi", session: sessionID ?? "1") }
    let parts = picks.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts.contains("") else {
      throw UsageFailure("--picks '\(picks)' is not a user and a session", remedy: "write it like --picks octopi/1")
    }
    for (option, value, part) in [("--pick-user-id", userID, parts[0]), ("--pick-session-id", sessionID, parts[1])] {
      if let value, value != part { throw UsageFailure.contradiction("--picks \(picks)", "\(option) \(value)") }
    }
    return try PicksTarget(user: parts[0], session: parts[1])
  }
}

/// `--pick-objects`.
struct ObjectsOption: ParsableArguments {
  @Option(
    name: [.customLong("obj", withSingleDash: true), .customLong("pick-objects")],
    help: ArgumentHelp("Only these objects: 'a,b' or '[a, b]' (default: all particles).", valueName: "list"))
  var pickObjects: String?

  /// The objects named, in order; nil for all particles.
  func names() throws(UsageFailure) -> [String]? { try NameList.parse(pickObjects, option: "--pick-objects") }
}

/// `--min-score`.
struct MinimumScoreOption: ParsableArguments {
  @Option(
    name: .customLong("min-score"), parsing: .unconditional,
    help: ArgumentHelp("Drop picks with a lower score (mean probability, 0 to 1); needs probabilities.", valueName: "score"))
  var minimumScore: Double?

  func score() throws(UsageFailure) -> Double? {
    if let minimumScore, !minimumScore.isFinite {
      throw UsageFailure("--min-score \(minimumScore) is not a score", remedy: "scores are mean probabilities, 0 to 1: e.g. --min-score 0.5")
    }
    return minimumScore
  }
}
