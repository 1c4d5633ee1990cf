import Foundation
import TestSupport
import Testing

/// A first look at some planes, before a long run.
@Suite("--preview-first", .tags(.command))
struct PreviewFirstTests {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private func project(bias: Float) throws -> TinyProject {
    let project = try TinyProject()
    try project.write(TinyProject.pointwise([0, 1], [0, bias]), to: "model.onnx")
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    return project
  }

  /// The picture has the labels: that of a network which finds nothing is another one.
  @Test func segmentShowsWhatItWillFind() async throws {
    var pictures: [[UInt8]] = []
    for bias in [-2, -2000] as [Float] {
      let project = try project(bias: bias)
      let outcome = try await Program.run(TinyProject.segment + ["--preview-first"], in: project.folder)
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("octopi: a first look at some planes: preview-first.png\n"), "\(outcome.errors)")
      #expect(FileManager.default.fileExists(atPath: project.labels("TS_1")))
      pictures.append(try project.folder.bytes("preview-first.png"))
      #expect(pictures.last?.starts(with: Self.signature) == true)
    }
    #expect(pictures[0] != pictures[1])
  }

  @Test func pickShowsItBesideItsResults() async throws {
    let project = try project(bias: -2)
    let words = ["pick", TinyProject.tomogram("TS_1"), "--objects", "config.json", "--model", "model.onnx", "--model-config", "model.yaml", "-o", "out"]
    let outcome = try await Program.run(words + ["--preview-first"], in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("octopi: a first look at some planes: out/preview-first.png\n"), "\(outcome.errors)")
    #expect(try project.folder.bytes("out/preview-first.png").starts(with: Self.signature))
  }

  /// Nothing is left to look at, and nothing is written.
  @Test func resultsThatStayNeedNoLook() async throws {
    let project = try project(bias: -2)
    #expect(try await Program.run(TinyProject.segment, in: project.folder).code == 0)
    let outcome = try await Program.run(TinyProject.segment + ["--resume", "--preview-first"], in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: project.folder.path("preview-first.png")))
  }

  /// The first tomogram cannot be read: no picture, and the others are segmented all the same.
  @Test func whatCannotBeReadCostsThePictureOnly() async throws {
    let project = try project(bias: -2)
    try project.add("TS_0", Array(littleEndianBytes(TinyProject.ball).dropLast(5)))
    let outcome = try await Program.run(TinyProject.segment + ["--preview-first"], in: project.folder)
    #expect(outcome.code == 3, "\(outcome.errors)")
    #expect(outcome.errors.contains("octopi: warning: no first look: ") && outcome.errors.contains("TS_0"), "\(outcome.errors)")
    #expect(FileManager.default.fileExists(atPath: project.labels("TS_1")))
    #expect(!FileManager.default.fileExists(atPath: project.folder.path("preview-first.png")))
  }
}
