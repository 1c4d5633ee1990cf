import Foundation
import TestSupport
import Testing

/// Places that cannot be written: somebody else's folder, a read-only file system, a file where a folder should be, a full disk.
@Suite("unwritable", .tags(.command))
struct UnwritableTests {
  private static let isRoot = getuid() == 0
  private static let store = "overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_1_predict-multilabel.zarr"

  /// Whether this system lets us do something at all; tests that need it are skipped with a message otherwise.
  private static func can(_ command: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command + " >/dev/null 2>&1"]
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
  private static let canDropPrivileges = !isRoot || can("setpriv --reuid=65534 --regid=65534 --clear-groups true")
  private static let canMount = can("unshare -rm mount -t tmpfs -o size=1m none /mnt")

  private func project() throws -> TinyProject {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    return project
  }

  /// As a user who may read everything and write nothing.
  private func withoutPrivileges(_ words: [String], in folder: TemporaryFolder) async throws -> Outcome {
    guard Self.isRoot else { return try await Program.run(words, in: folder) }
    return try await Program.run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Program.path] + words, in: folder)
  }

  @Test(.enabled(if: canDropPrivileges, "'setpriv' is not there or not allowed"))
  func somebodyElsesOverlay() async throws {
    let project = try project(), folder = project.folder
    try FileManager.default.createDirectory(atPath: folder.path("overlay"), withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path("overlay"))
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("overlay")) }
    let before = folder.tree()
    let outcome = try await withoutPrivileges(TinyProject.segment, in: folder)
    #expect(outcome.code == 73)
    #expect(outcome.errors == "octopi: cannot write '\(Self.store)': Permission denied\n        nothing was changed; check the folders above it and their permissions\n")
    #expect(outcome.output == "")
    #expect(folder.tree() == before)
  }

  @Test(.enabled(if: canDropPrivileges, "'setpriv' is not there or not allowed"), arguments: ["config.json", "model.onnx", "model.yaml"])
  func inputsThatMayNotBeRead(file: String) async throws {
    let project = try project(), folder = project.folder
    try FileManager.default.setAttributes([.posixPermissions: 0o000], ofItemAtPath: folder.path(file))
    let before = folder.tree()
    let outcome = try await withoutPrivileges(TinyProject.segment + ["--dry-run"], in: folder)
    #expect(outcome.code == 74, "\(outcome.errors)")
    #expect(outcome.errors.contains("'\(file)'") && outcome.errors.contains("Permission denied"), "\(outcome.errors)")
    #expect(folder.tree() == before)
  }

  /// A file, or a link that leads nowhere, where a folder should be.
  @Test(arguments: ["overlay/ExperimentRuns", "overlay/ExperimentRuns/TS_1"])
  func aFileInTheWay(place: String) async throws {
    let project = try project(), folder = project.folder
    try folder.write("in the way", to: place)
    let before = folder.tree()
    let outcome = try await Program.run(TinyProject.segment, in: folder)
    #expect(outcome.code == 73, "\(outcome.errors)")
    #expect(outcome.errors.contains("'overlay"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 2)
    #expect(folder.tree() == before)
  }

  @Test(arguments: [["segment"], ["localize"]])
  func existingResults(words: [String]) async throws {
    let project = try project(), folder = project.folder
    #expect(try await Program.run(TinyProject.segment, in: folder).code == 0)
    #expect(try await Program.run(TinyProject.localize, in: folder).code == 0)
    let before = folder.tree(), command = words == ["segment"] ? TinyProject.segment : TinyProject.localize
    let outcome = try await Program.run(command, in: folder)
    #expect(outcome.code == 73)
    #expect(outcome.errors.contains("exists already\n        use --overwrite to replace it, or --resume to go on with what is missing\n"))
    #expect(folder.tree() == before)
  }

  /// Every size of disk up to what the results need: refused with the system's words, and nothing but whole results on it.
  @Test(.enabled(if: canMount, "'unshare -rm' with a file system of its own is not allowed here"), arguments: [4, 8, 16, 24, 32, 40, 48])
  func aFullDisk(kibibytes: Int) async throws {
    let project = try project(), folder = project.folder
    try FileManager.default.createDirectory(atPath: folder.path("overlay"), withIntermediateDirectories: true)
    // Noise above two deviations here and there: labels that do not compress away.
    let words = (TinyProject.segment + ["--quiet"]).joined(separator: " ")
    let script = """
      mount -t tmpfs -o size=\(kibibytes)k none overlay || exit 99
      '\(Program.path)' \(words); code=$?
      find overlay -mindepth 1 | sort
      exit $code
      """
    let outcome = try await Program.run("unshare", ["-rm", "/bin/sh", "-c", script], in: folder)
    let left = outcome.output.split(separator: "\n").filter { $0.hasPrefix("overlay/") }
    if outcome.code == 0 {
      #expect(left.contains { $0.hasSuffix("/.zattrs") } && left.contains { $0.hasSuffix(".yaml") })
      #expect(!left.contains { $0.contains(".partial") || $0.hasSuffix(".lock") })
    } else {
      #expect(outcome.code == 74, "\(outcome.errors)")
      #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count >= 2)
      #expect(left.isEmpty || left.allSatisfy { $0.hasPrefix("overlay/logs") }, "\(left)")
    }
  }
}
