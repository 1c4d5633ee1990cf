import Foundation
import Subprocess
import TestSupport
import Testing

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// What the program did.
struct Outcome: Sendable {
  /// The exit code, or the negative number of the signal that ended it.
  let code: Int
  let output: String
  let errors: String
}

/// The built `octopi`, run as a user runs it.
enum Program {
  static let path = BuiltExecutable.path("octopi")

  /// Runs `octopi` with these words in a folder, or in one `below` it.
  static func run(
    _ arguments: [String], in folder: TemporaryFolder, below: String = "", environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await run(path, arguments, in: folder, below: below, environment: environment)
  }

  /// Runs another program, which may run `octopi`.
  static func run(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder, below: String = "", environment: [String: String] = [:]
  ) async throws -> Outcome {
    await Slots.shared.take()
    defer { Task { await Slots.shared.give() } }
    let result = try await Subprocess.run(
      program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
      environment: .inherit.updating(settings(environment)), workingDirectory: FilePath(folder.path(below)),
      input: .none, output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
    return withExtendedLifetime(folder) {
      Outcome(code: code(result.terminationStatus), output: result.standardOutput, errors: result.standardError)
    }
  }

  /// Settings of the tester's shell must not change what tests see.
  static func settings(_ environment: [String: String]) -> [Environment.Key: String?] {
    var settings: [Environment.Key: String?] = ["NO_COLOR": nil, "OCTOPI_ISA": nil, "SLURM_CPUS_PER_TASK": nil]
    for (name, value) in environment { settings[Environment.Key(stringLiteral: name)] = value }
    return settings
  }

  static func code(_ status: TerminationStatus) -> Int {
    switch status {
    case .exited(let code): Int(code)
    case .signaled(let number): -Int(number)
    }
  }
}

/// Tests run side by side; programs that each use all cores should not.
private actor Slots {
  static let shared = Slots()
  private var free = 4
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func give() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
