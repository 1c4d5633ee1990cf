import ArgumentParser
import Octopi

/// `octopi evaluate`: picks against ground truth.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score picks against ground truth.",
    usage: "octopi evaluate --config FILE --ground-truth-user-id USER [options]",
    discussion: """
      Examples:

        octopi evaluate --config config.json \\
            --ground-truth-user-id data-portal --ground-truth-session-id 0 \\
            --predict-user-id octopi --predict-session-id 1 --save-path results
        octopi evaluate -c config.json -gtuid data-portal -gtsid 0 -o scores

      Prints the scores and writes metrics.json and average_metrics.yaml; older ones are replaced.
      """)

  @OptionGroup(title: "Project") var project: ConfigOption
  @OptionGroup(title: "Project") var runs: RunOptions
  @OptionGroup(title: "Picks") var picks: EvaluatedPicksOptions
  @OptionGroup(title: "Score") var score: ScoreOptions
  @OptionGroup(title: "Job") var threads: ThreadsOption
  @OptionGroup(title: "Job") var dryRun: DryRunOption
  @OptionGroup(title: "Output") var results: ScoreOutputOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    let config = try project.required()
    let user = try picks.requiredTruthUser()
    let runs = try runs.names(), objects = try picks.objects()
    let threads = try threads.requested()
    _ = (console, config, user, runs, objects, threads)
    throw NotYet()
  }
}
