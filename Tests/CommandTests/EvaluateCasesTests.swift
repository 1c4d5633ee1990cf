import Foundation
import TestSupport
import Testing

@testable import Octopi

/// Objects without picks, missed completely, without weight, and picks that are no numbers.
@Suite("cases of evaluate", .tags(.command))
struct EvaluateCasesTests {
  private static let command = ["evaluate", "-c", "config.json", "-gtuid", "me", "-gtsid", "0", "-o", "scores/"]
  private static let places = [[100.0, 100, 100], [300, 300, 300]]

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try configure(weights: ["1", "1", "1"])
    try write("A", "me", "0", Self.places)
    try write("A", "octopi", "1", Self.places)
    try write("C", "me", "0", Self.places)
  }

  private func configure(weights: [String]) throws {
    let objects = zip(["A", "B", "C"], weights).enumerated().map { index, object in
      #"{"name": "\#(object.0)", "is_particle": true, "label": \#(index + 1), "radius": 60, "metadata": {"weight": \#(object.1)}}"#
    }
    try folder.write(
      #"{"config_type": "filesystem", "overlay_root": "overlay", "pickable_objects": [\#(objects.joined(separator: ", "))]}"#, to: "config.json")
  }

  /// - points: coordinates as they stand in the file.
  private func write(_ object: String, _ user: String, _ session: String, _ points: [[any CustomStringConvertible]]) throws {
    let points = points.map { #"{"location": {"x": \#($0[0]), "y": \#($0[1]), "z": \#($0[2])}}"# }.joined(separator: ", ")
    try folder.write(
      #"{"pickable_object_name": "\#(object)", "user_id": "\#(user)", "session_id": "\#(session)", "points": [\#(points)]}"#,
      to: path(object, user, session))
  }

  private func path(_ object: String, _ user: String, _ session: String) -> String {
    "overlay/ExperimentRuns/TS_1/Picks/\(user)_\(session)_\(object).json"
  }

  private func finalScore() throws -> Double {
    let yaml = try folder.text("scores/average_metrics.yaml")
    let line = try #require(yaml.split(separator: "\n").first { $0.hasPrefix("final_fbeta_score: ") })
    return try #require(Double(line.dropFirst("final_fbeta_score: ".count)))
  }

  /// A is found, B is nowhere, C is missed: B and C count with zero, and nothing is NaN but the summary of C.
  @Test func missedObjectsCountWithZero() async throws {
    let outcome = try await Program.run(Self.command, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try finalScore() == 0.3333333333333333)
    let metrics = try folder.text("scores/metrics.json")
    #expect(!metrics.lowercased().contains("nan"))
    let document = try #require(JSONSerialization.jsonObject(with: Data(metrics.utf8)) as? [String: Any])
    let metricsOfRuns = document["metrics"] as? [String: Any]
    let run = try #require(metricsOfRuns?["TS_1"] as? [String: [String: Any]])
    let none = ["precision", "recall", "fbeta_score", "true_positives", "false_positives", "false_negatives"]
    for (object, missed) in [("B", 0), ("C", 2)] {
      let entry = (run[object] ?? [:]).compactMapValues { $0 as? Int }
      #expect(entry.keys.sorted() == none.sorted(), "\(object)")
      for (key, value) in entry { #expect(value == (key == "false_negatives" ? missed : 0), "\(object) \(key)") }
    }
    #expect(metrics.contains("\"precision\": 0,"))
    let yaml = try folder.text("scores/average_metrics.yaml")
    let summary = try #require(yaml.range(of: "    C:\n", options: .backwards)?.upperBound)
    #expect(yaml[summary...].hasPrefix("        precision:\n            mean: .nan\n            std: .nan\n"), "\(yaml)")
    #expect(outcome.output.contains("scores/average_metrics.yaml") && !outcome.output.contains("//"))
  }

  @Test(arguments: [("0 0 0", 0.0), ("1 0 0", 1), ("0 1 1", 0), ("2 1 1", 0.5), ("0.5 0.25 0.25", 0.5)])
  func weights(weights: String, score: Double) async throws {
    try configure(weights: weights.split(separator: " ").map(String.init))
    #expect(try await Program.run(Self.command, in: folder).code == 0)
    #expect(try finalScore() == score)
  }

  /// Files with an empty list, or without one, are as no file.
  @Test(arguments: ["truth", "prediction", "both"])
  func emptyFilesAreAsNone(side: String) async throws {
    if side != "prediction" { try write("B", "me", "0", []) }
    if side != "truth" { try write("B", "octopi", "1", []) }
    try write("C", "octopi", "1", [])
    #expect(try await Program.run(Self.command, in: folder).code == 0)
    #expect(try finalScore() == 0.3333333333333333)
  }

  @Test func predictionsWithoutTruthAreFalse() async throws {
    try write("B", "octopi", "1", Self.places)
    let outcome = try await Program.run(Self.command + ["--json"], in: folder)
    #expect(outcome.code == 0)
    #expect(try finalScore() == 0.3333333333333333)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let b = try #require((document["objects"] as? [[String: Any]])?.first { $0["object"] as? String == "B" })
    #expect(b["false_positives"] as? Int == 2)
  }

  /// Nothing at all on one side: zero, and a person is told.
  @Test func noPredictionsAtAll() async throws {
    try FileManager.default.removeItem(atPath: folder.path(path("A", "octopi", "1")))
    let outcome = try await Program.run(Self.command, in: folder)
    #expect(outcome.code == 0)
    #expect(try finalScore() == 0)
    #expect(outcome.errors.contains("warning: no run has picks of 'octopi' with session '1'"))
  }

  /// Python's JSON has words for what is no number; a score from them would mean nothing.
  @Test(arguments: ["NaN", "Infinity", "-Infinity", "1e999", "null", "\"here\"", "[1]"], ["me", "octopi"])
  func coordinatesThatAreNoNumbers(value: String, user: String) async throws {
    let session = user == "me" ? "0" : "1"
    try write("A", user, session, [[value, "100", "100"]])
    let before = folder.tree()
    let outcome = try await Program.run(Self.command, in: folder)
    #expect(outcome.code == 65)
    #expect(outcome.errors.hasPrefix("octopi: '\(path("A", user, session))'"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count >= 2, "\(outcome.errors)")
    #expect(folder.tree() == before)
  }

  @Test func numbersAsTextAreNumbers() async throws {
    try write("A", "octopi", "1", [["\"100\"", "100", "100"], ["300", "3e2", "300.0"]])
    #expect(try await Program.run(Self.command, in: folder).code == 0)
    #expect(try finalScore() == 0.3333333333333333)
  }

  @Test(arguments: [
    ("-names A", 0, ""), ("-names D", 66, "no particle of the project is called 'D'"), ("-runs TS_9", 66, "project has no run 'TS_9'"),
    ("-fb 0", 0, ""), ("-dts 0", 0, ""), ("-gtuid nobody", 0, "no run has picks of 'nobody'"),
  ])
  func choices(words: String, code: Int, message: String) async throws {
    let outcome = try await Program.run(Self.command + words.split(separator: " ").map(String.init), in: folder)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(message.isEmpty || outcome.errors.contains(message), "\(outcome.errors)")
    #expect(!outcome.output.contains("nan") || code == 0)
  }
}
