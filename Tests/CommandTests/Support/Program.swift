import Foundation
import Subprocess
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
  /// Beside the test bundle: `swift build --build-tests` puts both there.
  static let path: String = {
    let bundle = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folder = bundle.deletingLastPathComponent()
    for _ in 0..<5 {
      let candidate = folder.appending(path: "octopi").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    return "octopi"
  }()

  /// Runs `octopi` with these words in a folder of `scratch`.
  static func run(
    _ arguments: [String], in scratch: Scratch, folder: String = "", environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await run(path, arguments, in: scratch, folder: folder, environment: environment)
  }

  /// Runs another program, which may run `octopi`.
  static func run(
    _ program: String, _ arguments: [String], in scratch: Scratch, folder: String = "", environment: [String: String] = [:]
  ) async throws -> Outcome {
    let result = try await Subprocess.run(
      program.contains("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
      environment: .inherit.updating(settings(environment)), workingDirectory: FilePath(scratch.url.appending(path: folder).path),
      input: .none, output: .string(limit: 16 << 20), error: .string(limit: 16 << 20))
    return withExtendedLifetime(scratch) {
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

/// A folder that goes away with the test.
final class Scratch: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "octopi-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Copies a folder or file into this one.
  func add(_ source: URL, as name: String? = nil) throws {
    try FileManager.default.copyItem(at: source, to: url.appending(path: name ?? source.lastPathComponent))
  }

  func text(_ path: String) throws -> String { try String(contentsOf: url.appending(path: path), encoding: .utf8) }
  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url.appending(path: path).path) }

  /// Every file below, relative, sorted.
  func files(under path: String = "") -> [String] {
    let start = url.appending(path: path)
    guard let names = FileManager.default.enumerator(atPath: start.path) else { return [] }
    return names.compactMap { $0 as? String }.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: start.appending(path: name).path, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }
}
