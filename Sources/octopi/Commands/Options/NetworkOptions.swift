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
    for path in paths where !overwrite { try Outputs.refuse(path) }
  }

  func write(_ bytes: [UInt8], to path: String, _ outputs: Outputs) throws {
    try outputs.write(bytes, to: path, existing: existing)
  }

  var existing: Outputs.Existing { overwrite ? .replace : .refuse }
}
