import ArgumentParser
import Octopi

/// `octopi segment`: tomograms -> label volumes.
struct Segment: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Label every voxel of a project's tomograms with a trained network.",
    usage: "octopi segment --config FILE --model-weights MODEL.onnx --model-config FILE.yaml [options]",
    discussion: """
      Examples:

        octopi segment --config config.json \\
            --model-config best_model_config.yaml --model-weights best_model.onnx \\
            --voxel-size 10 --tomo-alg wbp --seg-info predict,unet,1
        octopi segment -c config.json -mc model_config.yaml -mw a.onnx,b.onnx \\
            --tomo-uri wbp@10.0 --seg-uri predict:unet/1 -runs TS_1,TS_2

      Writes one label volume per run and a log into the project's overlay. Results that exist are refused (exit 73) unless \
      --overwrite or --resume is given. Scripts/export_onnx.py makes the ONNX file.
      """)

  @OptionGroup(title: "Project") var project: ConfigOption
  @OptionGroup(title: "Project") var tomogram: TomogramOptions
  @OptionGroup(title: "Project") var runs: RunOptions
  @OptionGroup(title: "Project") var segmentation: SegmentationOptions
  @OptionGroup(title: "Network") var model: ModelOptions
  @OptionGroup(title: "Windows") var windows: WindowOptions
  @OptionGroup(title: "Job") var existing: ExistingOptions
  @OptionGroup(title: "Job") var threads: ThreadsOption
  @OptionGroup(title: "Job") var memory: MemoryOption
  @OptionGroup(title: "Job") var dryRun: DryRunOption
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var progress: ProgressOptions

  func run() throws {
    let console = try output.console(isVerbose: progress.verbose, progress: progress.progress)
    try existing.check()
    let config = try project.required()
    let tomogram = try tomogram.resolved()
    let name = try segmentation.resolved()
    let ntta = try windows.checked(console)
    let threads = try threads.requested(), memory = try memory.requestedBytes()
    let runs = try runs.names()
    let models = try model.pairs()
    _ = (config, tomogram, name, ntta, threads, memory, runs, models)
    throw NotYet()
  }
}
