import Foundation
import Subprocess
import Testing
import TestSupport

@testable import Octopi

/// Locks between processes: OutputHolder is the other one.
@Suite("Locks")
struct LockTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  var store: String { folder.path("r/s.zarr") }

  func take(_ path: String? = nil) throws { try Outputs().lock(path ?? store) }

  /// Runs OutputHolder until it holds the store, then `body`, and gives its end.
  func whileHeld(_ body: (_ process: Int, _ end: (Signal?) async throws -> Void) async throws -> Void) async throws -> TerminationStatus {
    let result = try await run(
      .path(.init(BuiltExecutable.path("OutputHolder"))), arguments: [store], input: .inputWriter, output: .sequence, error: .discarded
    ) { execution in
      for try await line in execution.standardOutput.strings() {
        #expect(line.hasPrefix("ready"))
        break
      }
      try await body(Int(execution.processIdentifier.value)) { signal in
        if let signal { try execution.send(signal: signal) } else { _ = try await execution.standardInputWriter.write("end\n") }
      }
    }
    return result.terminationStatus
  }

  @Test func secondProcessIsToldWhoHolds() async throws {
    let status = try await whileHeld { process, end in
      let error = #expect(throws: OutputError.self) { try take() }
      #expect(error?.kind == .held)
      #expect(error?.message == "'\(store)' is being written by process \(process) on host '\(FileSystem.hostName)'")
      #expect(error?.remedy == "wait until it has ended, or choose another name")
      try take(folder.path("r/other.zarr"))
      try await end(nil)
    }
    #expect(status == .exited(0))
    #expect(folder.tree() == ["r/", "r/s.zarr/", "r/s.zarr/0/", "r/s.zarr/0/0"])
    try take()
  }

  @Test func killedProcessBlocksNobody() async throws {
    let status = try await whileHeld { _, end in try await end(.kill) }
    #expect(status == .signaled(9))
    #expect(folder.tree().contains("r/.s.zarr.lock"))
    #expect(folder.tree().contains { $0.hasSuffix(".partial/") })
    let outputs = Outputs()
    let folder = try outputs.folder(at: store, existing: .refuse)
    try folder.write([1], to: "x")
    try folder.commit()
    #expect(self.folder.tree() == ["r/", "r/s.zarr/", "r/s.zarr/x"])
  }

  @Test(arguments: [(Signal.interrupt, CInt(130)), (.terminate, 143)])
  func interruptedProcessLeavesNothing(signal: Signal, code: CInt) async throws {
    let status = try await whileHeld { _, end in try await end(signal) }
    #expect(status == .exited(code))
    #expect(folder.tree() == [])
  }

  @Test func sameProcessHoldsToo() throws {
    let first = Outputs()
    try first.lock(store)
    try first.lock(store + "/")
    let error = #expect(throws: OutputError.self) { try take() }
    #expect(error?.kind == .held)
    first.unlock(store)
    #expect(folder.tree() == [])
    try take()
  }

  static let boot = FileSystem.bootID
  static let host = FileSystem.hostName
  static let start = FileSystem.startTime(of: FileSystem.processID) ?? 0

  /// Records that hold nothing: dead, another program's number now, before the machine started, not ours.
  @Test(arguments: [
    "", "x", "{}", "999999", #"{"host": "\#(host)", "pid": 999999}"#,
    LockOwner(host: host, process: 999_999, start: 1, boot: boot).text,
    LockOwner(host: host, process: 1, start: start + 1, boot: boot).text,
    LockOwner(host: host, process: FileSystem.processID, start: start + 1, boot: boot).text,
    LockOwner(host: host, process: FileSystem.processID, start: start, boot: "before").text,
    LockOwner(host: "container", process: 999_999, start: 1, boot: boot).text,
    LockOwner(host: host, process: -1, start: 0, boot: boot).text,
  ])
  func doesNotHold(record: String) throws {
    try folder.write(record, to: "r/.s.zarr.lock")
    let outputs = Outputs()
    try outputs.lock(store)
    let owner = try #require(LockOwner(Array(folder.text("r/.s.zarr.lock").utf8)))
    #expect(owner == LockOwner.current)
  }

  /// Without the help of the kernel: the process runs that the record names.
  @Test func runningOwnerHolds() throws {
    try folder.write(LockOwner.current.text, to: "r/.s.zarr.lock")
    let error = #expect(throws: OutputError.self) { try take() }
    #expect(error?.kind == .held)
  }

  @Test func otherHostHolds() throws {
    try folder.write(LockOwner(host: "node7", process: 41, start: 5, boot: "there").text, to: "r/.s.zarr.lock")
    let error = #expect(throws: OutputError.self) { try take() }
    #expect(error?.message == "'\(store)' is being written by process 41 on host 'node7'")
    #expect(error?.remedy == "if that process no longer runs on 'node7', delete '\(folder.path("r/.s.zarr.lock"))'")
  }

  /// More outputs than a process may have files open.
  @Test func manyLocks() throws {
    let outputs = Outputs()
    for index in 0..<300 { try outputs.lock(folder.path("r/\(index)")) }
    #expect(throws: OutputError.self) { try take(folder.path("r/299")) }
    #expect(folder.tree().count == 301)
    outputs.abandon()
    #expect(folder.tree() == [])
  }

  @Test func recordOnlyLockHolds() throws {
    try folder.write("", to: "r/x")
    let lock = try LockFile(for: store, keepsOpen: false)
    #expect(throws: OutputError.self) { try take() }
    withExtendedLifetime(lock) {}
  }
}

extension LockOwner {
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
