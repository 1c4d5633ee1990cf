import ArgumentParser
import Kernels
import Octopi

@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "octopi-benchmarks", abstract: "Time layers, whole jobs and localisation on this machine, as Markdown.",
    subcommands: [Machine.self, Layers.self, Job.self, Localisation.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as any Failure {
      exit(withError: Problem(description: [failure.message, failure.remedy].compactMap(\.self).joined(separator: "; ")))
    } catch {
      exit(withError: error)
    }
  }

  /// What the library says of an error, as the parser prints it.
  private struct Problem: Error, CustomStringConvertible {
    let description: String
  }
}

struct Common: ParsableArguments {
  @Option(help: "Threads; 0: the cores that this process may use.") var threads = 0
  @Option(help: "Repetitions that are timed.") var rounds = 7

  var pool: JobThreads { .forJob(threads > 0 ? threads : nil) }
}

/// Best and median of some times.
struct Times {
  private let sorted: [Double]

  init(_ seconds: [Double]) { sorted = seconds.sorted() }

  /// Runs `body` so often, after once that is not counted.
  init(rounds: Int, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    try body()
    var seconds: [Double] = []
    for _ in 0..<max(1, rounds) { seconds.append(try clock.measure { try body() } / .seconds(1)) }
    self.init(seconds)
  }

  var best: Double { sorted.first ?? 0 }
  var median: Double { sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2 }
}

/// A number with so many digits behind the point.
func decimals(_ value: Double, _ digits: Int = 1) -> String {
  guard value.isFinite, value.magnitude < 1e12 else { return "-" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let rounded = Int((value * scale).rounded()), whole = rounded / Int(scale), rest = String(rounded % Int(scale))
  return digits == 0 ? "\(whole)" : "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
}

/// `machine`: the denominators of all shares.
struct Machine: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Peak of multiply-adds and bandwidth of memory.")
  @OptionGroup var common: Common

  func run() throws {
    print("| instructions | threads | multiply-adds GFLOP/s | reading GB/s |\n|---|---|---|---|")
    let pool = common.pool
    for isa in ISA.available {
      let kernels = isa.table, peak = kernels.measuredPeak(on: pool) / 1e9, bandwidth = kernels.measuredReadBandwidth(on: pool) / 1e9
      print("| \(isa.rawValue) | \(pool.threads) | \(decimals(peak)) | \(decimals(bandwidth)) |")
    }
  }
}
