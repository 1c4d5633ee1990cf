import Foundation
import TestSupport
import Testing

@Suite("octopi preview", .tags(.command))
struct PreviewCommandTests {
  private func project() throws -> TemporaryFolder {
    try Projects.copy(TestData.root.appending(path: "star/project"), ["config.json", "static", "overlay"])
  }

  private static let words = ["preview", "-c", "config.json", "--picks", "octopi/1", "-o", "seen"]

  @Test func aPictureAndOnePageAreTheSameForAnyThreads() async throws {
    // The command line stands in the files, so that the number of threads must not.
    let one = try project(), two = try project()
    let outcome = try await Program.run(Self.words, in: one, environment: ["SLURM_CPUS_PER_TASK": "1"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == "seen/preview.png\nseen/preview.html\n")
    let picture = try one.bytes("seen/preview.png")
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try one.text("seen/preview.html").contains("default-src 'none'"))
    #expect(try await Program.run(Self.words, in: two, environment: ["SLURM_CPUS_PER_TASK": "2"]).code == 0)
    #expect(try two.bytes("seen/preview.png") == picture)
    #expect(try two.bytes("seen/preview.html") == one.bytes("seen/preview.html"))
  }

  @Test func anOlderPreviewStays() async throws {
    let folder = try project()
    _ = try await Program.run(Self.words, in: folder)
    let before = try folder.bytes("seen/preview.html")
    let refused = try await Program.run(Self.words, in: folder)
    #expect(refused.code == 73)
    #expect(refused.errors == "octopi: 'seen/preview.png' exists already\n        use --overwrite to replace it, or choose another name\n")
    #expect(try folder.bytes("seen/preview.html") == before)
  }

  @Test func unknownPicksAreSaidWithThoseThatAreThere() async throws {
    let outcome = try await Program.run(["preview", "-c", "config.json", "--picks", "nobody/9", "-o", "seen"], in: try project())
    #expect(outcome.errors.contains("no run has picks of 'nobody/9'\n        there are: octopi/1\n"), "\(outcome.errors)")
  }

  /// A name is text wherever it stands.
  @Test func aHostileNameMakesNoElement() async throws {
    let folder = try project(), name = "<img src=x onerror=boom()>\"'&"
    for root in ["static", "overlay"] {
      let runs = folder.path("\(root)/ExperimentRuns/")
      try FileManager.default.moveItem(atPath: runs + "TS_1", toPath: runs + name)
    }
    let outcome = try await Program.run(Self.words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let page = try folder.text("seen/preview.html")
    #expect(!page.contains("<img src=x"))
    #expect(page.contains("&lt;img src=x onerror=boom()&gt;"))
    #expect(page.contains("\\u003cimg src=x"))
  }
}
