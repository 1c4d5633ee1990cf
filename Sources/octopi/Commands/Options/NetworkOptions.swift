import ArgumentParser
import Octopi

/// `--exact`.
struct ExactOption: ParsableArguments {
  @Flag(name: .customLong("exact"), help: "Direct convolution only: slower, the least rounding.")
  var exact = false

  var plan: NetworkOptions { NetworkOptions(exact: exact) }
}

/// `--overwrite` for commands that have nothing to resume.
struct OverwriteOption: ParsableArguments {
  @Flag(name: .customLong("overwrite"), help: "Replace files that exist (default: refuse).")
  var overwrite = false

  /// Refuses what exists, before anything is computed.
  func check(_ paths: [String]) throws {
    for path in paths where !overwrite { try explained { () throws(OutputError) in try Outputs.refuse(path) } }
  }

  func write(_ bytes: [UInt8], to path: String, _ outputs: Outputs) throws {
    try explained { () throws(OutputError) in try outputs.write(bytes, to: path, existing: overwrite ? .replace : .refuse) }
  }

  private func explained(_ body: () throws(OutputError) -> Void) throws {
    do throws(OutputError) { try body() } catch {
      guard case .exists = error else { throw error }
      throw ExistingFile(message: error.message)
    }
  }

  private struct ExistingFile: Failure {
    let message: String
    var kind: FailureKind { .cannotCreate }
    var remedy: String? { "use --overwrite to replace it, or choose another name" }
  }
}
