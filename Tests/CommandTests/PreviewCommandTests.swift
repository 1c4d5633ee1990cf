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
    #expect(page.contains("href=\"#run=%3Cimg%20src%3Dx%20onerror%3Dboom%28%29%3E%22%27%26\""))
  }

  /// Texts inside of the picture are ASCII, whatever the names are; control characters are seen as what they are on the page.
  @Test func namesOfOtherScripts() async throws {
    let folder = try project(), name = "\u{E9}\u{202E}gnp \u{4E00}"
    for root in ["static", "overlay"] {
      let runs = folder.path("\(root)/ExperimentRuns/")
      try FileManager.default.moveItem(atPath: runs + "TS_1", toPath: runs + name)
    }
    let outcome = try await Program.run(Self.words + ["--run-ids", name], in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let picture = try folder.bytes("seen/preview.png"), key = Array("tEXtComment\u{0}".utf8)
    let start = try #require(picture.indices.first { picture[$0...].starts(with: key) }) + key.count
    let text = picture[start...].prefix(400).prefix { $0 != 0 && ($0 < 0x7F || $0 > 0x7F) }
    #expect(String(decoding: text.prefix(60), as: UTF8.self).hasPrefix("octopi preview -c config.json --picks octopi/1"))
    #expect(text.prefix { (0x20...0x7E).contains($0) }.count > 60)
    let page = try folder.text("seen/preview.html")
    #expect(page.contains("<bdi>\u{E9}\u{FFFD}gnp \u{4E00}</bdi>") && !page.contains("\u{202E}"))
  }
}
