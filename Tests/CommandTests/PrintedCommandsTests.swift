import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import OctopiCommand

/// What documents and help texts print can be typed.
@Suite("printed commands", .tags(.command))
struct PrintedCommandsTests {
  struct Page: Sendable, CustomTestStringConvertible {
    let name: String, text: String
    var testDescription: String { name }
  }

  static let pages: [Page] = {
    let names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
      + ((try? FileManager.default.contentsOfDirectory(atPath: Projects.repository.appending(path: "Docs").path)) ?? []).map { "Docs/" + $0 }
    let files = names.filter { $0.hasSuffix(".md") }.compactMap { name in
      (try? String(contentsOf: Projects.repository.appending(path: name), encoding: .utf8)).map { Page(name: name, text: $0) }
    }
    let manuals = CommandManual.all
    return files + manuals.map { manual in
      Page(name: manual.path.joined(separator: " ") + " --help", text: HelpText(manual, .long, columns: 200).text)
    } + ManualPage.all.map { Page(name: $0.file, text: plain($0.text)) }
  }()

  /// Literals of the sources: messages and remedies. What is put into them is one word here.
  static let sources: [Page] = {
    let root = Projects.repository.appending(path: "Sources")
    let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.lowercased().hasPrefix("octopi/") && $0.hasSuffix(".swift") }.sorted().compactMap { name in
      guard let text = try? String(contentsOf: root.appending(path: name), encoding: .utf8) else { return nil }
      // Innermost parentheses first, so that what stands in one literal after the other stays apart.
      let words = text.replacing(#/\\\((?:[^()"]|\([^()]*\))*\)/#, with: "x")
      let literals = words.matches(of: #/"((?:[^"\\\n]|\\.)+)"/#).map { String($0.output.1) }
      return literals.contains { $0.contains("octopi ") } ? Page(name: name, text: literals.joined(separator: "\n")) : nil
    }
  }()

  /// A man page without its macros.
  static func plain(_ page: String) -> String {
    page.replacing("\\-", with: "-").replacing("\\e", with: "\\").replacing(#/\\f[A-Z]/#, with: "").replacing(#/\.B[A-Z]? [^\n]*/#, with: "")
  }

  @Test func thePagesAreThere() {
    #expect(Self.sources.count > 10)
    #expect(Self.pages.count > 10)
    #expect(Self.pages.count { !CommandLines.printed(in: $0.text).isEmpty } > 8)
  }

  /// Whole command lines, in blocks and examples.
  @Test(arguments: pages)
  func commandLinesAreParsed(page: Page) throws {
    for words in CommandLines.printed(in: page.text) {
      // Forms with placeholders are checked below.
      guard !words.contains(where: { $0.contains("...") || $0.hasPrefix("[") }) else { continue }
      do {
        let command = try OctopiCommand.parseAsRoot(Array(words.dropFirst()))
        #expect(!(command is OctopiCommand), "\(words)")
      } catch {
        #expect(OctopiCommand.exitCode(for: error) == .success, "\(words.joined(separator: " ")): \(OctopiCommand.message(for: error))")
      }
    }
  }

  /// `octopi X --option` inside of sentences, tables and usage lines: the command exists and knows the options.
  @Test(arguments: pages + sources)
  func commandsInSentencesExist(page: Page) {
    for match in page.text.matches(of: #/[`']?octopi ([a-z]+)((?: [^`'\n]+)?)/#) {
      let isQuoted = page.text[match.range].hasPrefix("`") || page.text[match.range].hasPrefix("'")
      let isUsage = page.text[..<match.range.lowerBound].hasSuffix("USAGE: ") || page.text[..<match.range.lowerBound].hasSuffix(".SH SYNOPSIS\n")
      guard isQuoted || isUsage else { continue }
      let name = String(match.output.1)
      // 'x' stands for what a message puts in.
      if name == "help" || name == "x" { continue }
      // A command of several has its own name as the next word.
      let path = OctopiCommand.names(in: [name] + match.output.2.split(separator: " ").map(String.init))
      guard !path.isEmpty else {
        Issue.record("\(page.name): there is no command '\(name)'")
        continue
      }
      let known = CommandManual(path)?.optionNames ?? []
      for word in match.output.2.split(whereSeparator: { " []()|,;.=".contains($0) }) where word.contains(#/^--?[a-zA-Z]/#) {
        #expect(known.contains(String(word)), "\(page.name): octopi \(name) \(word)")
      }
    }
  }

  /// Names that other programs have for our options lead to options that exist, in every command that has them.
  @Test func optionsOfOtherProgramsLeadSomewhere() throws {
    let commands = CommandManual.all.dropFirst().map { (name: $0.path.dropFirst().joined(separator: " "), options: $0.optionNames) }
    #expect(UsageProblem.elsewhere.count > 40)
    for (foreign, ours) in UsageProblem.elsewhere {
      let having = commands.filter { $0.options.contains(ours) }
      #expect(!having.isEmpty, "no command has \(ours)")
      for command in having where !command.options.contains(foreign) {
        let problem = UsageProblem(parserMessage: "Unknown option '\(foreign)'", command: command.name, words: [command.name, foreign, "x"])
        #expect(problem.message == "unknown option '\(foreign)'")
        #expect(problem.remedy.hasPrefix("did you mean '\(ours)'? "), "octopi \(command.name) \(foreign): \(problem.remedy)")
      }
    }
  }

  /// A letter wrong, a hyphen for an underscore, capitals: every long option of every command is guessed.
  @Test func slipsAreGuessed() throws {
    for manual in CommandManual.all {
      let known = manual.optionNames, name = manual.path.dropFirst().joined(separator: " ")
      for option in known where option.hasPrefix("--") && option.count > 6 && option != "--version" {
        for slip in [option.replacing("-", with: "_").replacing("__", with: "--"), option.uppercased(), option + "x"] where !known.contains(slip) {
          let problem = UsageProblem(parserMessage: "Unknown option '\(slip)'", command: name.isEmpty ? nil : name, words: [name, slip])
          #expect(problem.remedy.hasPrefix("did you mean '"), "octopi \(name) \(slip): \(problem.remedy)")
        }
      }
    }
  }
}
