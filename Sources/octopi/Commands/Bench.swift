import ArgumentParser
import Octopi

/// `octopi bench`: how fast a network is on this machine.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time a network on this machine: per window and per layer.",
    usage: "octopi bench MODEL [--size N] [--rounds N] [options]",
    discussion: """
      Examples:

        octopi bench model.onnx
        octopi bench model.onnx --size 128 --threads 1 --json

      Runs windows of noise. The share of the peak is that of the multiply-adds that the threads do at best, measured between the \
      windows; operations are counted as the plain definitions of the operators need them, so that forms of convolution that need \
      fewer can reach more than 100 %.
      """)

  @Argument(help: ArgumentHelp("The network.", valueName: "model"), completion: .file(extensions: ["onnx", "octopi"]))
  var model: String?

  @OptionGroup var window: WindowSizeOption

  @Option(name: .customLong("rounds"), parsing: .unconditional, help: ArgumentHelp("Windows that are timed.", valueName: "n"))
  var rounds = 7

  @OptionGroup(title: "Performance") var exact: ExactOption
  @OptionGroup(title: "Performance") var threads: ThreadsOption
  @OptionGroup(title: "Messages") var output: OutputOptions

  func run() throws {
    let console = try output.console()
    guard let model else { throw UsageFailure.missing("MODEL", "a network, e.g. octopi bench model.onnx") }
    guard (1...100_000).contains(rounds) else { throw UsageFailure("--rounds \(rounds) is not a number of windows", remedy: "7 is the default") }
    let size = try window.requested(), threads = try threads.requested(), kernels = try JobKernels.forJob()
    let pool = JobThreads.forJob(threads)
    let result = try NetworkBenchmark(path: model, size: size, rounds: rounds, options: exact.plan, kernels: kernels, pool: pool)
    let text = BenchText(result: result, model: model, isa: "\(kernels.name)", threads: pool.threads, peakBytes: MemoryBudget.peakResident)
    console.result(text.text)
    console.document(text.document)
  }
}

/// What `bench` prints.
struct BenchText {
  let result: NetworkBenchmark
  let model: String
  let isa: String
  let threads: Int
  let peakBytes: Int

  private var total: Double { result.layers.reduce(0) { $0 + $1.seconds } }
  private func rate(_ flops: Double, _ seconds: Double) -> Double { seconds > 0 ? flops / seconds : 0 }
  private func share(_ rate: Double) -> Double { result.peak > 0 ? rate / result.peak : 0 }

  var text: String {
    let shapes = result.inputShapes.map { $0.map(String.init).joined(separator: " x ") }.joined(separator: ", ")
    let rate = rate(result.flops, result.best)
    let text = """
      \(model): \(shapes), \(isa), \(Units.plural(threads, "thread"))
      ready after \(Units.duration(milli: result.loading))
      window: best \(Units.duration(milli: result.best)), median \(Units.duration(milli: result.median)) of \(result.windows.count)
      \(Units.decimals(result.flops / 1e9)) GFLOP: \(Units.decimals(rate / 1e9)) GFLOP/s, \(Units.percent(share(rate))) of the peak \
      (\(Units.decimals(result.peak / 1e9)) GFLOP/s)
      memory: \(binarySize(peakBytes)) at most, \(binarySize(result.plannedBytes)) of it planned


      """
    var table = Table([("layer", .left), ("kernel", .left), ("result", .left), ("time", .right), ("share", .right), ("GFLOP/s", .right), ("of peak", .right)])
    for layer in result.layers {
      let rate = self.rate(layer.step.flops, layer.seconds), hasWork = layer.step.flops > 0
      table.add([
        PlanText.short(layer.step.name), PlanText.kernel(layer.step), layer.step.shape, Units.duration(milli: layer.seconds),
        Units.percent(self.rate(layer.seconds, total)), hasWork ? Units.decimals(rate / 1e9) : "", hasWork ? Units.percent(share(rate)) : "",
      ])
    }
    return text + table.text()
  }

  var document: PythonValue {
    let rate = rate(result.flops, result.best)
    return [
      "command": "bench", "model": .string(model), "isa": .string(isa), "threads": .int(threads),
      "window": [
        "shape": .array((result.inputShapes.first ?? []).map(PythonValue.int)), "best_seconds": .float(result.best),
        "median_seconds": .float(result.median), "gflop": .float(result.flops / 1e9), "gflop_per_second": .float(rate / 1e9),
        "share_of_peak": .float(share(rate)), "seconds": .array(result.windows.map(PythonValue.float)),
      ],
      "load_seconds": .float(result.loading), "peak_gflop_per_second": .float(result.peak / 1e9), "peak_memory_bytes": .int(peakBytes), "planned_bytes": .int(result.plannedBytes),
      "layers": .array(result.layers.map(document)),
    ]
  }

  private func document(_ layer: NetworkBenchmark.Layer) -> PythonValue {
    let rate = self.rate(layer.step.flops, layer.seconds)
    return [
      "name": .string(layer.step.name), "kernel": .string(layer.step.kernel), "shape": .string(layer.step.shape),
      "reference": .bool(layer.step.isReference), "seconds": .float(layer.seconds), "share": .float(self.rate(layer.seconds, total)),
      "gflop_per_second": .float(rate / 1e9), "share_of_peak": .float(share(rate)),
    ]
  }
}
