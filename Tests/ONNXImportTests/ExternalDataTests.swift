import Foundation
import Graph
import ONNXImport
import TestSupport
import Testing

@Suite("External data")
struct ExternalDataTests {
  /// `model/m.onnx` with one tensor of three floats in another file, `outside.bin` beside the folder, and links.
  private let folder: TemporaryFolder
  private let values = littleEndianBytes([0, 1.5, -2, 4] as [Float])

  init() throws {
    folder = try TemporaryFolder()
    let files = FileManager.default
    try files.createDirectory(atPath: folder.path("model/deeper"), withIntermediateDirectories: true)
    for name in ["model/data.bin", "model/deeper/data.bin", "outside.bin"] { try Data(values).write(to: URL(filePath: folder.path(name))) }
    try files.createSymbolicLink(atPath: folder.path("model/out.bin"), withDestinationPath: "../outside.bin")
    try files.createSymbolicLink(atPath: folder.path("model/in.bin"), withDestinationPath: "data.bin")
    try files.createSymbolicLink(atPath: folder.path("model/up"), withDestinationPath: "..")
    try files.createSymbolicLink(atPath: folder.path("linked"), withDestinationPath: "model")
  }

  private func load(_ entries: [(key: String, value: String)], in place: String = "model") throws -> Graph {
    let tensor = ONNXTensor("t", type: 1, dims: [3], .external(entries))
    let model = Examples.chain([ONNXNode("Add", ["x", "t"], ["y"])], initialisers: [tensor])
    let path = folder.path(place + "/m.onnx")
    try Data(model.bytes).write(to: URL(filePath: path))
    return try ONNXImport.load(path: path)
  }

  @Test(arguments: ["data.bin", "./data.bin", "deeper/data.bin", "in.bin"])
  func readsFilesInsideTheFolder(location: String) throws {
    let graph = try load([("location", location), ("offset", "4"), ("length", "12"), ("checksum", "0")])
    #expect(graph.values.first { $0.name == "t" }?.constant?.floats == [1.5, -2, 4])
  }

  @Test func readsThroughALinkToTheFolderAndWithoutLength() throws {
    let graph = try load([("location", "data.bin")], in: "linked")
    #expect(graph.values.first { $0.name == "t" }?.constant?.floats == [0, 1.5, -2])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let entries: [(key: String, value: String)]
    let message: String
  }

  @Test(arguments: [
    Case(testDescription: "dots", entries: [("location", "../outside.bin")], message: "must lie in the model's folder"),
    Case(testDescription: "dots inside", entries: [("location", "deeper/../../outside.bin")], message: "must lie in the model's folder"),
    Case(testDescription: "absolute", entries: [("location", "/etc/hostname")], message: "must lie in the model's folder"),
    Case(testDescription: "link out", entries: [("location", "out.bin")], message: "a symbolic link leads out"),
    Case(testDescription: "folder link out", entries: [("location", "up/outside.bin")], message: "a symbolic link leads out"),
    Case(testDescription: "no location", entries: [("offset", "0")], message: "must lie in the model's folder"),
    Case(
      testDescription: "short", entries: [("location", "data.bin"), ("offset", "8")], message: "12 bytes from byte 8 on are needed, the file has 16"),
    Case(testDescription: "offset beyond", entries: [("location", "data.bin"), ("offset", "9223372036854775807")], message: "the file has 16"),
    Case(testDescription: "negative offset", entries: [("location", "data.bin"), ("offset", "-4")], message: "'-4' is no offset"),
    Case(
      testDescription: "other length", entries: [("location", "data.bin"), ("length", "8")],
      message: "8 bytes of data where shape [3] of float takes 12"),
  ])
  func refusesWhatIsNotTheModelsOwn(test: Case) {
    let error = #expect(throws: ImportError.self) { try load(test.entries) }
    guard case .damaged? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(error?.message.contains(test.message) == true, "\(error?.message ?? "")")
  }

  @Test func saysWhichFileIsMissing() {
    let error = #expect(throws: ImportError.self) { try load([("location", "gone.bin")]) }
    #expect(error == .missing(file: folder.path("model/gone.bin")))
    #expect(throws: ImportError.missing(file: folder.path("no.onnx"))) { try ONNXImport.load(path: folder.path("no.onnx")) }
    #expect(throws: ImportError.self) { try ONNXImport.load(path: folder.path("model")) }
  }
}
