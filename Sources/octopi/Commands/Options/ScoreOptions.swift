import ArgumentParser
import Octopi

/// Which picks are the truth, and which are judged.
struct EvaluatedPicksOptions: ParsableArguments {
  @Option(
    name: [.customLong("gtuid", withSingleDash: true), .customLong("ground-truth-user-id")],
    help: ArgumentHelp("User of the true picks (required).", valueName: "user"))
  var truthUser: String?

  @Option(
    name: [.customLong("gtsid", withSingleDash: true), .customLong("ground-truth-session-id")],
    help: ArgumentHelp("Their session (default: any).", valueName: "session"))
  var truthSession: String?

  @Option(
    name: [.customLong("puid", withSingleDash: true), .customLong("predict-user-id")],
    help: ArgumentHelp("User of the picks that are judged.", valueName: "user"))
  var predictionUser = "octopi"

  @Option(
    name: [.customLong("psid", withSingleDash: true), .customLong("predict-session-id")],
    help: ArgumentHelp("Their session.", valueName: "session"))
  var predictionSession = "1"

  @Option(
    name: [.customLong("names", withSingleDash: true), .customLong("object-names")],
    help: ArgumentHelp("Only these objects: 'a,b' or '[a, b]' (default: all particles).", valueName: "list"))
  var objectNames: String?

  func requiredTruthUser() throws(UsageFailure) -> String {
    guard let truthUser else { throw .missing("--ground-truth-user-id", "the user of the true picks, e.g. -gtuid data-portal") }
    return truthUser
  }

  /// The objects named, in order; nil for all particles.
  func objects() throws(UsageFailure) -> [String]? { try NameList.parse(objectNames, option: "--object-names") }
}

/// What counts as a hit, and how much.
struct ScoreOptions: ParsableArguments {
  @Option(
    name: [.customLong("dts", withSingleDash: true), .customLong("distance-threshold-scale")], parsing: .unconditional,
    help: ArgumentHelp("A hit is nearer than this times the object's radius.", valueName: "scale"))
  var distanceThresholdScale = 0.8

  @Option(
    name: [.customLong("fb", withSingleDash: true), .customLong("fbeta")], parsing: .unconditional,
    help: ArgumentHelp("How many times recall counts in the score.", valueName: "beta"))
  var beta = 4
}

/// Where scores go.
struct ScoreOutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output"), .customLong("save-path")],
    help: ArgumentHelp("Folder for metrics.json and average_metrics.yaml.", valueName: "folder"), completion: .directory)
  var folder = "scores"

  @Option(
    name: [.customShort("v", allowingJoined: true), .customLong("verbose")],
    help: ArgumentHelp("Say which picks there are where some are missing: true or false.", valueName: "bool"))
  var verbose: Truth = .no

  /// A boolean as click reads it.
  enum Truth: String, ExpressibleByArgument {
    case yes = "true"
    case no = "false"

    init?(argument: String) {
      switch argument.lowercased() {
      case "true", "t", "1", "yes", "y", "on": self = .yes
      case "false", "f", "0", "no", "n", "off": self = .no
      default: return nil
      }
    }

    var defaultValueDescription: String { rawValue }
  }
}
