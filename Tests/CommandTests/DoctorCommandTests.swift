import Foundation
import TestSupport
import Testing

@Suite("octopi doctor", .tags(.command))
struct DoctorCommandTests {
  struct Document: Decodable {
    struct Finding: Decodable {
      let topic, status, text: String
      let remedy: String?
    }
    let fine: Bool
    let findings: [Finding]
  }

  private static func document(_ environment: [String: String] = [:]) async throws -> (Document, Int) {
    let outcome = try await Program.run(["doctor", "--json"], in: TemporaryFolder(), environment: environment)
    return (try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8)), outcome.code)
  }

  @Test func looksAtEverything() async throws {
    let (document, code) = try await Self.document()
    #expect(code == 0 && document.fine)
    let topics: Set = [
      "processor", "instructions", "threads", "memory", "libblosc", "libzstd", "libzlib", "libpng", "libprotobuf-c", "current folder", "temporary folder",
      "caches", "demo",
    ]
    #expect(topics.isSubset(of: document.findings.map(\.topic)))
    #expect(document.findings.allSatisfy { $0.status == "fine" || $0.remedy != nil })
  }

  @Test func aSlowerInstructionSetIsARemark() async throws {
    let (document, code) = try await Self.document(["OCTOPI_ISA": "portable"])
    #expect(code == 0)
    let finding = try #require(document.findings.first { $0.topic == "instructions" })
    #expect(finding.status == "remark")
    #expect(finding.text.hasPrefix("portable is used, as OCTOPI_ISA says; available: portable"))
  }

  @Test func anInstructionSetThatIsNotThereIsAProblem() async throws {
    let (document, code) = try await Self.document(["OCTOPI_ISA": "sse9"])
    #expect(code == 69 && !document.fine)
    #expect(document.findings.first { $0.topic == "instructions" }?.status == "problem")
  }

  @Test func writesNothing() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(["doctor"], in: folder, environment: ["SLURM_CPUS_PER_TASK": "1"])
    #expect(folder.tree().isEmpty)
    #expect(outcome.output.contains("SLURM_CPUS_PER_TASK is 1"))
    #expect(outcome.output.contains("1 by default"))
  }
}
