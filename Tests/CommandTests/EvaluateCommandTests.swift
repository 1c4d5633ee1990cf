import Foundation
import TestSupport
import Testing

/// `octopi evaluate` writes and prints what octopi 1.7.0 writes and prints, byte for byte.
@Suite("octopi evaluate", .tags(.command))
struct EvaluateCommandTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String, arguments: [String], expected: String
    var testDescription: String { name }
  }

  private struct Cases: Decodable { let cases: [Case] }

  static let cases = (try? JSONDecoder().decode(Cases.self, from: Data(contentsOf: Projects.evaluate.appending(path: "cases.json"))).cases) ?? []

  @Test func vectorsAreThere() { #expect(Self.cases.count == 3) }

  @Test(arguments: cases)
  func vector(vector: Case) async throws {
    let folder = try Projects.copy(Projects.evaluate, ["config.json", "static", "overlay", "expected"])
    let outcome = try await Program.run(vector.arguments, in: folder)
    #expect(outcome.code == 0)
    #expect(try outcome.output == folder.text(vector.expected + "/stdout.txt"))
    for file in ["metrics.json", "average_metrics.yaml"] {
      #expect(try folder.text("\(vector.name)/\(file)") == folder.text("\(vector.expected)/\(file)"))
    }
  }

  /// Both judges of the demo, on octopi's own picks.
  @Test(arguments: [
    ("scores-watershed", "-psid 1"), ("scores-com", "-psid 2"),
    ("scores-strict", "-psid 1 -dts 0.12 -fb 2 --run-ids TS_6_6,TS_1_4 --object-names ribosome,apo-ferritin,virus-like-particle"),
  ])
  func demo(expected: String, options: String) async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    try Projects.add(Projects.demoExpected, ["overlay"], to: folder)
    let words = "evaluate -c config.json -gtuid data-portal -gtsid 0 -puid octopi -o scores \(options)".split(separator: " ").map(String.init)
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.errors == "")
    for file in ["metrics.json", "average_metrics.yaml"] {
      let wanted = try String(contentsOf: Projects.demoExpected.appending(path: "\(expected)/\(file)"), encoding: .utf8)
      #expect(try folder.text("scores/\(file)") == wanted)
    }
  }

  @Test func severalSessionsAreAWarning() async throws {
    let folder = try Projects.copy(Projects.evaluate, ["config.json", "static", "overlay"])
    let outcome = try await Program.run(["evaluate", "-c", "config.json", "-gtuid", "data-portal"], in: folder)
    #expect(outcome.code == 0)
    #expect(
      outcome.errors == """
        octopi: warning: picks of 'data-portal' have several sessions (0, 7); '0' was taken
                say which: --ground-truth-session-id 0

        """)
  }

  @Test func verboseSaysWhatThereIs() async throws {
    let folder = try Projects.copy(Projects.evaluate, ["config.json", "static", "overlay"])
    let words = ["evaluate", "-c", "config.json", "-gtuid", "data-portal", "-gtsid", "0", "-v", "yes", "-names", "vlp", "-puid", "nobody"]
    let outcome = try await Program.run(words, in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("octopi: run 'TS_1' has no picks vlp:nobody/1; it has: data-portal/0, octopi/1\n"))
  }

  @Test func jsonIsOneDocument() async throws {
    let folder = try Projects.copy(Projects.evaluate, ["config.json", "static", "overlay"])
    let outcome = try await Program.run(["evaluate", "-c", "config.json", "-gtuid", "data-portal", "-gtsid", "0", "--json"], in: folder)
    #expect(outcome.code == 0)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(outcome.output.contains("\"final_score\": 0.5050424883758217,"))
    #expect(document["files"] as? [String] == ["scores/average_metrics.yaml", "scores/metrics.json"])
    #expect((document["objects"] as? [[String: Any]])?.count == 5)
  }

  @Test func dryRunWritesNothing() async throws {
    let folder = try Projects.copy(Projects.evaluate, ["config.json", "static", "overlay"])
    let outcome = try await Program.run(["evaluate", "-c", "config.json", "-gtuid", "data-portal", "--dry-run"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.output.hasSuffix("would write scores/average_metrics.yaml and scores/metrics.json; nothing was written\n"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("scores")))
  }
}
