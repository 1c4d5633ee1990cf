import Foundation
import TestSupport
import Testing

@testable import OctopiCommand

/// Help texts and man pages say all there is, in any width.
@Suite("help", .tags(.command))
struct HelpTests {
  static let manuals = CommandManual.all
  static let names = manuals.map { $0.path.dropFirst().joined(separator: " ") }

  static func manual(_ name: String) throws -> CommandManual {
    try #require(CommandManual(name.split(separator: " ").map(String.init)))
  }

  @Test func everyCommandHasAManual() {
    #expect(Self.names.first == "" && Self.names.contains("segment") && Self.names.contains("extract seg"))
    #expect(Self.manuals.count == 2 + OctopiCommand.configuration.subcommands.count)
  }

  /// A new title has its place in the order of titles.
  @Test func sectionsAreInOrder() {
    for manual in Self.manuals {
      let places = manual.sections.map { CommandManual.titles.firstIndex(of: $0.title) }
      #expect(places.allSatisfy { $0 != nil } && places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(manual.pageName)")
    }
  }

  /// All three ways to ask give the same.
  @Test(arguments: names)
  func longHelpSaysEverything(name: String) async throws {
    let manual = try Self.manual(name), words = name.split(separator: " ").map(String.init), folder = try TemporaryFolder()
    let outcome = try await Program.run(words + ["--help"], in: folder)
    let asked = try await Program.run(["help"] + words, in: folder)
    #expect(outcome.code == 0 && outcome.errors == "" && asked.output == outcome.output && folder.tree().isEmpty)
    #expect(outcome.output.contains("\nUSAGE: octopi"))
    #expect(outcome.output.contains("\nEXIT CODES:\n"))
    for option in manual.optionNames { #expect(outcome.output.contains(option), "\(option)") }
    for section in manual.sections { #expect(outcome.output.contains("\n\(section.title.uppercased()):\n")) }
    // A command of commands has no examples of its own.
    let isLeaf = manual.commands.isEmpty && !["demo", "doctor"].contains(name)
    #expect(!isLeaf || outcome.output.contains("\nEXAMPLES:\n  octopi \(name) "))
    #expect(!outcome.output.contains("  \n") && !outcome.output.contains(" \n"), "blanks end no line")
  }

  @Test(arguments: names)
  func shortHelpHasTheOptionsOnly(name: String) async throws {
    let manual = try Self.manual(name), words = name.split(separator: " ").map(String.init)
    let outcome = try await Program.run(words + ["-h"], in: TemporaryFolder())
    #expect(outcome.code == 0 && outcome.errors == "")
    for option in manual.optionNames { #expect(outcome.output.contains(option)) }
    #expect(!outcome.output.contains("EXAMPLES:") && !outcome.output.contains("EXIT CODES:") && outcome.output.contains("--help'"))
  }

  /// Only what is to be copied, and words that are too long, may be wider than the terminal.
  @Test(arguments: names, [40, 60, 80, 132])
  func linesFitTheTerminal(name: String, columns: Int) throws {
    let manual = try Self.manual(name), text = HelpText(manual, .long, columns: columns).text
    let verbatim = (manual.description + manual.examples).flatMap { if case .lines(let lines) = $0 { lines } else { [] as [String] } }
    for line in text.split(separator: "\n") where line.count >= columns {
      let words = line.trimmingCharacters(in: .whitespaces)
      #expect(verbatim.contains { $0.hasSuffix(words) } || words.hasPrefix("-") || !words.contains(" "), "\(line)")
    }
    #expect(text.split(separator: "\n").contains { $0.count > min(columns, 100) * 3 / 5 }, "the width is used")
  }

  @Test func theWidthIsTheTerminals() async throws {
    let outcome = try await Program.run(["localize", "--help"], in: TemporaryFolder(), environment: ["COLUMNS": "132"])
    #expect(outcome.output == HelpText(try Self.manual("localize"), .long, columns: 132).text)
    let other = try await Program.run(["localize", "-h"], in: TemporaryFolder(), environment: ["COLUMNS": "wide"])
    #expect(other.output == HelpText(try Self.manual("localize"), .short, columns: 80).text, "80 where nobody says")
  }

  @Test(arguments: names)
  func examplesFitAPage(name: String) throws {
    let manual = try Self.manual(name)
    for case .lines(let lines) in manual.description + manual.examples { for line in lines { #expect(line.count <= 77, "\(line)") } }
  }

  /// What an option does, with its values and its default, once.
  @Test func optionsShowTheirDefaults() throws {
    let entries = try Self.manual("localize").sections.flatMap(\.entries)
    let method = try #require(entries.first { $0.names.contains("--method") })
    #expect(method.text.hasSuffix(" (values: watershed, com; default: watershed)."))
    let scale = try #require(entries.first { $0.names.contains("--radius-min-scale") })
    #expect(scale.text.hasSuffix(" (default: 0.5)."))
    for entry in Self.manuals.flatMap({ $0.sections.flatMap(\.entries) }) {
      #expect(entry.text.hasSuffix("."), "\(entry.names): \(entry.text)")
      #expect(entry.text.components(separatedBy: "default").count <= 2, "\(entry.names): \(entry.text)")
    }
  }

  // MARK: Man pages

  @Test func manPagesAreWritten() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(["--generate-manual", "man"], in: folder)
    let pages = Self.manuals.map { "man/\($0.pageName).1" }
    #expect(outcome.code == 0 && outcome.errors == "")
    #expect(outcome.output.split(separator: "\n").map(String.init) == pages)
    #expect(folder.tree().filter { !$0.hasSuffix("/") } == pages.sorted())
    let again = try await Program.run(["--generate-manual", "man"], in: folder)
    #expect(again.code == 0, "pages are replaced")
  }

  @Test(arguments: ManualPage.all.map(\.file))
  func pagesHaveTheirParts(file: String) throws {
    let page = try #require(ManualPage.all.first { $0.file == file }).text, manual = try #require(Self.manuals.first { $0.pageName + ".1" == file })
    let titles = page.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map { $0.dropFirst(4) }
    let all = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"]
    #expect(titles.map(String.init) == all.filter { $0 != "EXAMPLES" || !manual.examples.isEmpty })
    #expect(page.hasPrefix(".TH \(manual.pageName.uppercased()) 1 "))
    let plain = PrintedCommandsTests.plain(page)
    for option in manual.optionNames { #expect(plain.contains(option)) }
    // A line that begins with a dot is a macro: these and no others, so that no text has become one.
    let macros = Set(page.split(separator: "\n").filter { $0.hasPrefix(".") || $0.hasPrefix("'") }.map { String($0.prefix { $0 != " " }) })
    #expect(macros.isSubset(of: [".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".BR", ".br", ".RS", ".RE", ".nf", ".fi", ".nh", ".ad"]), "\(macros)")
    #expect(!page.contains("\n\n") && page.allSatisfy(\.isASCII))
  }

  /// Where the readers of man pages are there: they have nothing to say.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/groff")), arguments: ManualPage.all.map(\.file))
  func groffReadsPages(file: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(try #require(ManualPage.all.first { $0.file == file }).text, to: file)
    let outcome = try await Program.run("/usr/bin/groff", ["-man", "-Tascii", "-ww", "-z", file], in: folder)
    #expect(outcome.code == 0 && outcome.errors == "")
  }
}
