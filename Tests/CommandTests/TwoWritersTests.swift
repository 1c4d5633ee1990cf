import Foundation
import TestSupport
import Testing

@testable import Octopi

/// Two processes on one output, and processes that end in the middle of their work.
@Suite("two writers", .tags(.command), .serialized)
struct TwoWritersTests {
  /// Many small windows: work enough to be met in the middle of it.
  private static let slow = TinyProject.segment + ["--ntta", "1", "--overlap", "0.99", "--threads", "1"]
  /// Windows of this run are being computed.
  private static func isAt(_ run: String) -> String { "ls overlay/ExperimentRuns/\(run)/Segmentations/.*.partial >/dev/null 2>&1" }
  private static let store = "overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_1_predict-multilabel.zarr"

  private func project(_ runs: String...) throws -> TinyProject {
    let project = try TinyProject()
    for run in runs { try project.add(run, littleEndianBytes(TinyProject.ball)) }
    return project
  }

  private func expectTheBall(_ project: TinyProject, _ run: String = "TS_1") throws {
    #expect(try LabelFiles.labels(project.labels(run)).voxels.count { $0 == 1 } == 257)
    #expect(project.folder.tree().allSatisfy { !$0.hasSuffix(".lock") && !$0.contains(".partial") })
  }

  /// The first is stopped while it works, so that nothing here depends on how fast the machine is.
  @Test func theSecondEndsAtOnceAndNamesTheFirst() async throws {
    let project = try project("TS_1", "TS_2"), folder = project.folder
    let words = Self.slow + ["--run-ids", "TS_1"]
    let first = try await WatchedProgram.run(words, in: folder, when: Self.isAt("TS_1"), send: "STOP") { process in
      let before = folder.tree()
      let refusal = """
        octopi: '\(Self.store)' is being written by process \(process) on host '\(FileSystem.hostName)'
                wait until it has ended, or choose another name

        """
      for more in [[], ["--run-ids", "TS_1"], ["--run-ids", "TS_2,TS_1"], ["--overwrite"], ["--resume"]] {
        let second = try await Program.run(TinyProject.segment + more, in: folder)
        #expect(second.code == 75, "\(more)")
        #expect(second.errors == refusal)
        #expect(second.output == "")
        #expect(folder.tree() == before)
      }
      // Other runs and other names side by side.
      #expect(try await Program.run(TinyProject.segment + ["--run-ids", "TS_2"], in: folder).code == 0)
      #expect(try await Program.run(TinyProject.segment + ["--seg-uri", "other"], in: folder).code == 0)
      #expect(try await Program.run(TinyProject.segment + ["--seg-uri", "predict:octopi/2"], in: folder).code == 0)
      #expect(kill(pid_t(process), SIGCONT) == 0)
    }
    #expect(first.code == 0)
    try expectTheBall(project)
    try expectTheBall(project, "TS_2")
  }

  /// Started together: one works, the other is turned away, and the result is as from one.
  @Test func oneOfTwoWorks() async throws {
    let project = try project("TS_1")
    async let first = Program.run(TinyProject.segment, in: project.folder)
    async let second = Program.run(TinyProject.segment, in: project.folder)
    let codes = try await [first.code, second.code].sorted()
    // The later one may find that the other has the result complete already.
    #expect(codes == [0, 75] || codes == [0, 73])
    try expectTheBall(project)
  }

  /// What is no living process of ours does not hold, whatever the lock file says.
  @Test(arguments: [
    "", "garbage", "999999", "{\"pid\": 999999}",
    LockOwner(host: FileSystem.hostName, process: 999_999, start: 1, boot: FileSystem.bootID).text,
    // A number that belongs to another program by now: this one, and process 1.
    LockOwner(host: FileSystem.hostName, process: FileSystem.processID, start: 5, boot: FileSystem.bootID).text,
    LockOwner(host: FileSystem.hostName, process: 1, start: 5_000_000, boot: FileSystem.bootID).text,
    LockOwner(host: FileSystem.hostName, process: FileSystem.processID, start: 5, boot: "before the last start").text,
  ])
  func aDeadOwnerDoesNotBlock(record: String) async throws {
    let project = try project("TS_1")
    try project.folder.write(record, to: LockFile.path(for: Self.store))
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    try expectTheBall(project)
    let picks = "overlay/ExperimentRuns/TS_1/Picks/octopi_1"
    try project.folder.write(record, to: LockFile.path(for: picks))
    let localized = try await Program.run(TinyProject.localize, in: project.folder)
    #expect(localized.code == 0, "\(localized.errors)")
    #expect(FileManager.default.fileExists(atPath: project.folder.path(picks + "_ribosome.json")))
    #expect(project.folder.tree().allSatisfy { !$0.hasSuffix(".lock") })
  }

  /// This test is the other process: it runs, and the lock says so.
  @Test func picksAreHeldToo() async throws {
    let project = try project("TS_1")
    #expect(try await Program.run(TinyProject.segment, in: project.folder).code == 0)
    let picks = "overlay/ExperimentRuns/TS_1/Picks/octopi_1"
    try project.folder.write(LockOwner.current.text, to: LockFile.path(for: picks))
    let before = project.folder.tree()
    let outcome = try await Program.run(TinyProject.localize, in: project.folder)
    #expect(outcome.code == 75)
    #expect(outcome.errors.hasPrefix("octopi: '\(picks)' is being written by process \(FileSystem.processID) on host '\(FileSystem.hostName)'\n"))
    #expect(project.folder.tree() == before)
    #expect(try await Program.run(TinyProject.localize + ["-psid", "2"], in: project.folder).code == 0)
  }

  /// Another machine on a shared disk cannot be asked.
  @Test func anotherHostIsRespected() async throws {
    let project = try project("TS_1"), lock = LockFile.path(for: Self.store)
    try project.folder.write(LockOwner(host: "node7", process: 41, start: 5, boot: "there").text, to: lock)
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 75)
    #expect(
      outcome.errors == """
        octopi: '\(Self.store)' is being written by process 41 on host 'node7'
                if that process no longer runs on 'node7', delete '\(lock)'

        """)
  }

  @Test func afterAKillTheNextOneWorks() async throws {
    let project = try project("TS_1"), folder = project.folder
    let killed = try await WatchedProgram.run(Self.slow, in: folder, when: Self.isAt("TS_1"), send: "KILL")
    #expect(killed.code == 128 + 9)
    #expect(folder.tree().contains { $0.hasSuffix(".lock") })
    #expect(!FileManager.default.fileExists(atPath: folder.path(Self.store)))
    #expect(try await Program.run(TinyProject.segment, in: folder).code == 0)
    try expectTheBall(project)
  }

  // MARK: Interrupts

  @Test(arguments: [("INT", 130), ("TERM", 143)])
  func anInterruptLeavesNothing(signal: String, code: Int) async throws {
    let project = try project("TS_1"), before = project.folder.tree()
    let outcome = try await WatchedProgram.run(Self.slow, in: project.folder, when: Self.isAt("TS_1"), send: signal)
    #expect(outcome.code == code)
    #expect(outcome.errors.hasSuffix("octopi: interrupted; nothing is half written\n        to go on: octopi \(Self.slow.joined(separator: " ")) --resume\n"))
    #expect(project.folder.tree() == before)
  }

  /// Interrupted in the second of three runs: the first stays, and the command that is printed does the others.
  @Test(arguments: [("INT", 130, [String]()), ("TERM", 143, ["--overwrite"])])
  func theCommandThatIsPrintedGoesOn(signal: String, code: Int, more: [String]) async throws {
    let project = try project("TS_1", "TS_2", "TS_3"), folder = project.folder
    let outcome = try await WatchedProgram.run(Self.slow + more, in: folder, when: Self.isAt("TS_2"), send: signal)
    #expect(outcome.code == code)
    try expectTheBall(project)
    #expect(!FileManager.default.fileExists(atPath: project.labels("TS_2")))
    try folder.write("kept", to: Self.store + "/note")

    let line = try #require(outcome.errors.split(separator: "\n").last)
    #expect(line.hasPrefix("        to go on: octopi segment "))
    #expect(!line.contains("--overwrite"))
    let words = line.dropFirst("        to go on: octopi ".count).split(separator: " ").map(String.init)
    // Fewer windows than before, so that the test is short: the last of a repeated option counts.
    let resumed = try await Program.run(words + ["--overlap", "0"], in: folder)
    #expect(resumed.code == 0, "\(resumed.errors)")
    for run in ["TS_1", "TS_2", "TS_3"] { try expectTheBall(project, run) }
    #expect(try folder.text(Self.store + "/note") == "kept")
  }
}

extension LockOwner {
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
