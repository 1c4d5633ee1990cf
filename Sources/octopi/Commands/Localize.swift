import ArgumentParser
import Octopi

/// `octopi localize`: label volumes -> picks.
struct Localize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the particles in a project's label volumes.",
    usage: "octopi localize --config FILE [--seg-uri NAME:USER/SESSION] [options]",
    discussion: """
      Examples:

        octopi localize --config config.json --seg-info predict,unet,1 \\
            --pick-session-id 1 --pick-user-id octopi
        octopi localize -c config.json -suri predict:unet/1 -m com -psid 2

      Writes one picks file per run and object, and a log, into the project's overlay. Results that exist are refused (exit 73) \
      unless --overwrite or --resume is given.
      """)

  @OptionGroup(title: "Project") var project: ConfigOption
  @OptionGroup(title: "Project") var segmentation: SegmentationOptions
  @OptionGroup(title: "Project") var spacing: LabelSpacingOption
  @OptionGroup(title: "Project") var runs: RunOptions
  @OptionGroup(title: "Particles") var particles: ParticleOptions
  @OptionGroup(title: "Result") var result: PickOptions
  @OptionGroup(title: "Job") var existing: ExistingOptions
  @OptionGroup(title: "Job") var threads: ThreadsOption
  @OptionGroup(title: "Job") var processes: ProcessesOption
  @OptionGroup(title: "Job") var dryRun: DryRunOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var progress: ProgressOptions

  func run() throws {
    let console = try output.console(isVerbose: progress.verbose, progress: progress.progress)
    try existing.check()
    let config = try project.required()
    let name = try segmentation.resolved(), spacing = try spacing.spacing()
    let runs = try runs.names()
    let method = try particles.localizeMethod(), objects = try particles.objects()
    let threads = try threads.requested()
    processes.say(to: console)
    _ = (config, name, spacing, runs, method, objects, threads)
    throw NotYet()
  }
}
