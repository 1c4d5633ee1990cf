import Foundation
import TestSupport
import Testing

/// What a compiler on one system does not see in the sources.
@Suite("sources", .tags(.command))
struct SourceTests {
  /// Swift files of the library and the program, by path.
  private static func sources() throws -> [(path: String, text: String)] {
    let root = Projects.repository.appending(path: "Sources").path
    let paths = try #require(FileManager.default.enumerator(atPath: root)).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
    return try paths.map { ($0, try String(contentsOfFile: root + "/" + $0, encoding: .utf8)) }
  }

  /// A variable that steers the program and is in no manual is left from an experiment.
  @Test func documentsItsEnvironmentVariables() async throws {
    let sources = try Self.sources(), manual = try await Program.run(["--help"], in: TemporaryFolder()).output
    #expect(sources.count > 300)
    let names = Set(sources.flatMap { $0.text.matches(of: /"(OCTOPI_[A-Z_]+)"/).map { String($0.1) } })
    #expect(names.contains("OCTOPI_ISA"))
    for name in names { #expect(manual.contains(name), "\(name) is not in the help") }
  }

  /// The C library has another name on each system.
  @Test func importsTheCLibraryByCondition() throws {
    for (path, text) in try Self.sources() {
      let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      for (index, line) in lines.enumerated() where ["import Glibc", "import Darwin", "import Musl"].contains(line) {
        let before = lines[..<index].last { !$0.hasPrefix("import ") && !$0.hasPrefix("//") } ?? ""
        #expect(before.hasPrefix("#if") || before.hasPrefix("#el"), "\(path): \(line)")
      }
    }
  }
}
