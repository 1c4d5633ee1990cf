import Foundation
import Testing
import TestSupport

@testable import Octopi

@Suite("Outputs")
struct OutputsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  func store(_ content: UInt8, _ outputs: Outputs, existing: Outputs.Existing = .refuse) throws {
    let store = try outputs.folder(at: folder.path("a/b/s.zarr"), existing: existing)
    try store.write([content], to: ".zgroup")
    try store.write([content], to: "0/0/1")
    try store.commit()
  }

  @Test func folderAppearsWhole() throws {
    let outputs = Outputs()
    let path = folder.path("a/b/s.zarr")
    let store = try outputs.folder(at: path + "/", existing: .refuse)
    try store.write([1], to: "0/0/0/1")
    try store.write([2], to: "0/0/0/2")
    let process = FileSystem.processID
    #expect(folder.tree().filter { $0.hasSuffix("2") } == ["a/b/.s.zarr.\(process).partial/0/0/0/2"])
    #expect(!FileManager.default.fileExists(atPath: path))
    try store.commit()
    #expect(folder.tree() == ["a/", "a/b/", "a/b/s.zarr/", "a/b/s.zarr/0/", "a/b/s.zarr/0/0/", "a/b/s.zarr/0/0/0/", "a/b/s.zarr/0/0/0/1", "a/b/s.zarr/0/0/0/2"])
  }

  @Test func folderThatIsGivenUpLeavesNothing() throws {
    let outputs = Outputs()
    do {
      let store = try outputs.folder(at: folder.path("a/b/s.zarr"), existing: .refuse)
      try store.write([1], to: "0/0")
    }
    #expect(folder.tree() == [])
  }

  @Test func keepsAnExistingFolderUnlessToldOtherwise() throws {
    let outputs = Outputs()
    try store(1, outputs)
    let error = #expect(throws: OutputError.self) { try store(2, outputs) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.message == "'\(folder.path("a/b/s.zarr"))' exists already")
    #expect(try folder.text("a/b/s.zarr/0/0/1") == "\u{1}")
    try store(3, outputs, existing: .replace)
    #expect(try folder.text("a/b/s.zarr/0/0/1") == "\u{3}")
    #expect(folder.tree() == ["a/", "a/b/", "a/b/s.zarr/", "a/b/s.zarr/.zgroup", "a/b/s.zarr/0/", "a/b/s.zarr/0/0/", "a/b/s.zarr/0/0/1"])
  }

  @Test func refusesAFolderThatAppearedMeanwhile() throws {
    let outputs = Outputs()
    let path = folder.path("s.zarr")
    do {
      let store = try outputs.folder(at: path, existing: .refuse)
      try store.write([1], to: "x")
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(throws: OutputError.exists(path: path)) { try store.commit() }
    }
    #expect(folder.tree() == ["s.zarr/"])
  }

  @Test func exchangesInStepsWhereTheSystemCannot() throws {
    try folder.write("old", to: "s/x")
    try folder.write("new", to: ".s.1.partial/x")
    try FileSystem.exchangeInSteps(folder.path(".s.1.partial"), folder.path("s"))
    #expect(try folder.text("s/x") == "new")
    #expect(try folder.text(".s.1.partial/x") == "old")
    #expect(folder.tree().count == 4)
  }

  @Test func writesFilesWhole() throws {
    let outputs = Outputs()
    let path = folder.path("logs/a.yaml")
    try outputs.write(Array("one".utf8), to: path, existing: .refuse)
    #expect(throws: OutputError.exists(path: path)) { try outputs.write([], to: path, existing: .refuse) }
    try outputs.write(Array("two".utf8), to: path, existing: .replace)
    #expect(try folder.text("logs/a.yaml") == "two")
    #expect(folder.tree() == ["logs/", "logs/a.yaml"])
  }

  @Test func permissionsFollowTheMask() throws {
    let outputs = Outputs()
    try store(1, outputs)
    func mode(_ name: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: folder.path(name))[.posixPermissions] as? Int
    }
    let mask = umask(0)
    umask(mask)
    #expect(try mode("a/b/s.zarr/.zgroup") == 0o644 & ~Int(mask))
    #expect(try mode("a/b/s.zarr") == 0o755 & ~Int(mask))
  }

  @Test func aFileWhereAFolderShouldBe() throws {
    try folder.write("x", to: "a")
    let outputs = Outputs()
    let error = #expect(throws: OutputError.self) { try store(1, outputs) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.message == "cannot write '\(folder.path("a/b/s.zarr"))': Not a directory")
    #expect(error?.remedy == "nothing was changed; check the folders above it and their permissions")
    #expect(throws: OutputError.self) { try outputs.write([1], to: folder.path("a/log"), existing: .replace) }
    #expect(folder.tree() == ["a"])
  }

  @Test func sizeOfWhatDidNotFit() {
    let error = OutputError(.noSpace, path: "p/0/0", neededBytes: 16 << 20)
    #expect(error.kind == .inputOutput)
    #expect(error.message == "cannot write 'p/0/0': No space left on device (needs 16 MiB)")
    #expect(OutputError(.readOnlyFileSystem, path: "p").kind == .cannotCreate)
    #expect(OutputError(.permissionDenied, path: "p").kind == .cannotCreate)
    #expect(OutputError(.ioError, path: "p").kind == .inputOutput)
  }

  @Test func leftoversOfTheDeadGoAway() throws {
    let process = FileSystem.processID
    for name in [".s.zarr.999999.partial/0/0", ".s.zarr.\(process).partial/x", ".s.zarr.1.partial/x", ".t.zarr.999999.partial/x", "a.partial"] {
      try folder.write("x", to: "a/b/" + name)
    }
    try store(1, Outputs())
    #expect(folder.tree().filter { $0.contains("partial") } == ["a/b/.t.zarr.999999.partial/", "a/b/.t.zarr.999999.partial/x", "a/b/a.partial"])
  }

  /// Without a lock only what nobody can be building any more: process 1 always runs.
  @Test func leftoversBesideFiles() throws {
    for name in [".a.yaml.999999.partial", ".a.yaml.\(FileSystem.processID).partial", ".a.yaml.1.partial", ".b.yaml.999999.partial"] {
      try folder.write("x", to: name)
    }
    try Outputs().write([1], to: folder.path("a.yaml"), existing: .replace)
    #expect(folder.tree() == [".a.yaml.1.partial", ".b.yaml.999999.partial", "a.yaml"])
  }

  @Test func leftoversOfASet() throws {
    for name in [".octopi_1_ribosome.json.999999.partial", ".octopi_10_ribosome.json.999999.partial"] { try folder.write("x", to: name) }
    let outputs = Outputs()
    try outputs.lock(folder.path("octopi_1"))
    #expect(folder.tree() == [".octopi_1.lock", ".octopi_10_ribosome.json.999999.partial"])
  }

  /// Killed between the steps of an exchange: the old output has no name, and gets it back.
  @Test func whatWasSetAsideComesBack() throws {
    try folder.write("old", to: ".s.999999.partial.old/x")
    try folder.write("new", to: ".s.999999.partial/x")
    let outputs = Outputs()
    try outputs.lock(folder.path("s"))
    #expect(folder.tree() == [".s.lock", "s/", "s/x"])
    #expect(try folder.text("s/x") == "old")
  }

  @Test func abandonGivesUpEverything() throws {
    let outputs = Outputs()
    try outputs.lock(folder.path("x/y/other"))
    let store = try outputs.folder(at: folder.path("a/b/s.zarr"), existing: .refuse)
    try store.write([1], to: "0/0")
    outputs.abandon()
    #expect(folder.tree() == [])
    let interrupted = OutputError.interrupted(path: folder.path("a/b/s.zarr"))
    #expect(throws: interrupted) { try store.write([1], to: "0/1") }
    #expect(throws: interrupted) { try store.commit() }
    #expect(throws: OutputError.self) { try outputs.lock(folder.path("z")) }
    #expect(throws: OutputError.self) { try outputs.write([1], to: folder.path("z"), existing: .replace) }
    #expect(folder.tree() == [])
  }
}
