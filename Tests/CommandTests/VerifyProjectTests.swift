import Foundation
import TestSupport
import Testing

/// `octopi verify --project` on the demo, whole and damaged.
@Suite("octopi verify --project", .tags(.command))
struct VerifyProjectTests {
  private static let tomogram = "static/ExperimentRuns/TS_6_6/VoxelSpacing10.000/wbp.zarr"
  private static let picks = "static/ExperimentRuns/TS_6_6/Picks/data-portal_0_ribosome.json"

  @Test func readsEverything() async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    let outcome = try await Program.run(["verify", "--project", "config.json"], in: folder)
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("ok     '\(Self.tomogram)': 72 x 150 x 132 int8\n"))
    #expect(outcome.output.contains("ok     '\(Self.picks)': 8 picks\n"))
    #expect(outcome.output.hasSuffix("\n17 readable, 0 not\n"))
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int
    let part: String
    let change: @Sendable (TemporaryFolder) throws -> Void
  }

  static let damages = [
    Damage(testDescription: "a chunk cut short", code: 65, part: "failed '\(tomogram)/0/0/0/0'") { folder in
      let chunk = URL(filePath: folder.path(tomogram + "/0/0/0/0"))
      try Data(contentsOf: chunk).dropLast(1000).write(to: chunk)
    },
    Damage(testDescription: "metadata that are no JSON", code: 65, part: "failed '\(tomogram)/0/.zarray'") { try $0.write("{", to: tomogram + "/0/.zarray") },
    Damage(testDescription: "picks that are no JSON", code: 65, part: "failed '\(picks)'") { try $0.write("[1, ", to: picks) },
    Damage(testDescription: "a point without a number", code: 65, part: "failed '\(picks)'") {
      try $0.write(#"{"pickable_object_name": "ribosome", "user_id": "u", "session_id": "0", "points": [{"location": {"x": 1, "y": 2}}]}"#, to: picks)
    },
  ]

  /// One damaged file costs one line; all others are still read.
  @Test(arguments: damages)
  func namesWhatIsDamaged(damage: Damage) async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    try damage.change(folder)
    let outcome = try await Program.run(["verify", "--project", "config.json"], in: folder)
    #expect(outcome.code == damage.code)
    #expect(outcome.output.contains(damage.part), "\(outcome.output)")
    #expect(outcome.output.hasSuffix("\n16 readable, 1 not\n"))
  }

  @Test func isNotForNetworks() async throws {
    let outcome = try await Program.run(["verify", "--project", "config.json", "folder"], in: TemporaryFolder())
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix("octopi: --project checks files, not networks\n"))
  }
}
