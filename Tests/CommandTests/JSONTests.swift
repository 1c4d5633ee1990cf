import Foundation
import TestSupport
import Testing

@testable import OctopiCommand

/// `--json`: one document on standard output, whatever the command.
@Suite("json", .tags(.command))
struct JSONTests {
  /// In an order in which each finds what it needs. The demo does the same on a larger project.
  static let lines = [
    "segment -c config.json -mc model.yaml -mw model.onnx --dry-run", "segment -c config.json -mc model.yaml -mw model.onnx",
    "localize -c config.json --dry-run", "localize -c config.json", "evaluate -c config.json -gtuid octopi --dry-run",
    "evaluate -c config.json -gtuid octopi", "export -c config.json -o picks --dry-run", "export -c config.json -o picks",
    "export -c config.json --seg-uri predict -o labels", "preview -c config.json --picks octopi/1 -o preview", "extract seg -c config.json -n ribosome --dry-run",
    "extract seg -c config.json -n ribosome", "convert model.onnx -mc model.yaml -o model.octopi",
    "pick -c config.json -mc model.yaml -mw model.onnx --dry-run --overwrite", "pick -c config.json -mc model.yaml -mw model.onnx --overwrite",
    "info model.onnx", "info model.onnx --plan --size 16", "info config.json", "info \(TinyProject.tomogram("TS_1"))", "run model.onnx -i input=window.npy -o out",
    "verify --project config.json", "bench model.onnx --size 16 --rounds 1", "doctor",
  ]

  @Test func everyCommandGivesOneDocument() async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    try project.write(JSONTests.window, to: "window.npy")
    for line in Self.lines {
      let words = line.split(separator: " ").map(String.init), name = OctopiCommand.names(in: words).joined(separator: " ")
      let outcome = try await Program.run(words + ["--json"], in: project.folder)
      #expect(outcome.code == 0, "\(line): \(outcome.errors)")
      let document = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      #expect(document?["command"] as? String == name, "\(line): \(outcome.output.prefix(200))")
      #expect(document?["dry_run"] as? Bool ?? false == words.contains("--dry-run"), "\(line)")
    }
  }

  /// No command is forgotten here.
  @Test func allCommandsHaveIt() throws {
    let tried = Set(Self.lines.map { OctopiCommand.names(in: $0.split(separator: " ").map(String.init)).joined(separator: " ") })
    let manuals = CommandManual.all.filter { $0.commands.isEmpty }
    #expect(manuals.allSatisfy { $0.optionNames.contains("--json") })
    #expect(Set(manuals.map { $0.path.dropFirst().joined(separator: " ") }) == tried.union(["demo"]))
  }

  /// A failure leaves standard output empty.
  @Test(arguments: ["segment -c none.json -mw x.onnx", "info none.onnx", "verify none", "export -c none.json -o x"])
  func failuresGiveNone(line: String) async throws {
    let outcome = try await Program.run(line.split(separator: " ").map(String.init) + ["--json"], in: TemporaryFolder())
    #expect(outcome.code == 66 && outcome.output == "" && outcome.errors.hasPrefix("octopi: "))
  }

  /// A window of zeros, 1 x 1 x 16 x 16 x 16, as NumPy writes it.
  static var window: [UInt8] {
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 16, 16, 16), }"
    header += String(repeating: " ", count: 118 - header.count - 1) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + Array(repeating: 0, count: 4 * 4096)
  }
}
