import Foundation
import TestSupport
import Testing

@testable import OctopiCommand

/// What a job says while it works: a bar on a terminal, a line per run elsewhere, JSON where it is asked for.
@Suite("progress", .tags(.command))
struct ProgressCommandTests {
  private static func project() throws -> TinyProject {
    let project = try TinyProject()
    for run in ["TS_1", "TS_2"] { try project.add(run, littleEndianBytes(TinyProject.ball)) }
    return project
  }

  @Test func aPipeGetsOneLinePerRun() async throws {
    let project = try Self.project(), outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 0 && !outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
    let lines = outcome.errors.split(separator: "\n").filter { $0.contains("segmented in") }
    #expect(lines.count == 2 && lines[0].hasPrefix("octopi: TS_1: ") && lines[0].hasSuffix("(1 of 2)") && lines[1].hasSuffix("(2 of 2)"))
    #expect(outcome.output.split(separator: "\n").count == 3, "a table at the end")
  }

  @Test func quietSaysNothing() async throws {
    let project = try Self.project(), outcome = try await Program.run(TinyProject.segment + ["--quiet"], in: project.folder)
    #expect(outcome.code == 0 && outcome.errors == "" && outcome.output.contains("TS_2"))
  }

  @Test func jsonIsOneObjectALine() async throws {
    let project = try Self.project(), outcome = try await Program.run(TinyProject.segment + ["--progress", "json", "--json"], in: project.folder)
    let events = try outcome.errors.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    let names = events.compactMap { $0["event"] as? String }
    #expect(names.first == "begin" && names.filter { $0 == "run" }.count == 2 && names.filter { $0 == "complete" }.count == 2)
    #expect(events.first?["runs"] as? Int == 2 && events.first?["windows"] as? Int ?? 0 > 0)
    let times = events.compactMap { $0["seconds"] as? Double }
    #expect(times.count == events.count && times == times.sorted())
  }

  /// A terminal of 50 columns, made by the system's `script`; the bar fits, goes away before each line, and has no colour if none is wanted.
  @Test(.enabled(if: hasScript, "this system has no 'script' of util-linux"), arguments: ["", "1"])
  func aTerminalGetsABarThatFits(noColour: String) async throws {
    let project = try Self.project()
    let words = ([Program.path] + TinyProject.segment + ["--overlap", "0.9"]).map { "'\($0)'" }.joined(separator: " ")
    let outcome = try await Program.run(
      "/usr/bin/script", ["-qec", "stty cols 50; \(words)", "/dev/null"], in: project.folder, environment: ["NO_COLOR": noColour, "TERM": "xterm"])
    #expect(outcome.code == 0)
    let bars = outcome.output.components(separatedBy: "\r").filter { $0.contains(" %") && $0.hasPrefix("TS_") }
    #expect(bars.contains { $0.hasPrefix("TS_1 1/2 ") } && bars.contains { $0.hasPrefix("TS_2 2/2 ") })
    for bar in bars { #expect(bar.replacing(#/\x1B\[[0-9]*[mK]/#, with: "").count < 50, "\(bar.debugDescription)") }
    #expect(outcome.output.contains("\r\u{1B}[Koctopi: TS_1: segmented in"), "the bar is gone where a line is")
    #expect(noColour.isEmpty || !outcome.output.contains("\u{1B}[36m"))
  }

  static let hasScript: Bool = {
    #if os(Linux)
      FileManager.default.isExecutableFile(atPath: "/usr/bin/script") && FileManager.default.isExecutableFile(atPath: "/usr/bin/stty")
    #else
      false
    #endif
  }()
}
