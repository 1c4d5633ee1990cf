import Foundation
import TestSupport
import Testing

@testable import OctopiCommand

/// `make install` puts everything where systems look for it, and `make uninstall` takes all of it away.
@Suite("installation", .tags(.command))
struct InstallTests {
  /// Without building: `-o build` takes the program for finished.
  private static func make(_ target: String, into folder: TemporaryFolder) async throws -> Outcome {
    let settings = ["DESTDIR=\(folder.path(""))", "PREFIX=/usr", "RELEASE=\(Program.path)"]
    return try await Program.run("make", ["-s", "-C", Projects.repository.path, "-o", "build", target] + settings, in: folder)
  }

  @Test func installsAndUninstalls() async throws {
    let folder = try TemporaryFolder()
    let installed = try await Self.make("install", into: folder)
    #expect(installed.code == 0 && installed.errors == "", "\(installed.errors)")
    let files = Set(folder.tree().filter { !$0.hasSuffix("/") })
    let expected = [
      "usr/bin/octopi", "usr/share/octopi/demo/config.json", "usr/share/bash-completion/completions/octopi",
      "usr/share/zsh/site-functions/_octopi", "usr/share/fish/vendor_completions.d/octopi.fish",
    ] + CommandManual.all.map { "usr/share/man/man1/\($0.pageName).1" }
    for file in expected { #expect(files.contains(file), "\(file)") }
    #expect(files.allSatisfy { expected.contains($0) || $0.hasPrefix("usr/share/octopi/demo/") })
    let doctor = try await Program.run(folder.path("usr/bin/octopi"), ["doctor"], in: folder)
    #expect(doctor.output.contains(folder.path("usr/share/octopi/demo")), "the program finds its example")

    // What others have put there stays.
    try folder.write("", to: "usr/share/man/man1/other.1")
    let removed = try await Self.make("uninstall", into: folder)
    #expect(removed.code == 0 && removed.errors == "")
    #expect(folder.tree().filter { !$0.hasSuffix("/") } == ["usr/share/man/man1/other.1"])
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsKnowCommandsAndOptions(shell: String) async throws {
    let outcome = try await Program.run(["--generate-completion-script", shell], in: TemporaryFolder())
    #expect(outcome.code == 0 && outcome.errors == "")
    for name in OctopiCommand.names { #expect(outcome.output.contains(name)) }
    for option in ["overlap", "radius-min-scale", "star-flavour", "dry-run"] { #expect(outcome.output.contains(option)) }
  }
}
