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
    return files + [Page(name: "octopi --help", text: OctopiCommand.helpMessage(columns: 200))]
      + OctopiCommand.configuration.subcommands.map { Page(name: "octopi \($0._commandName) --help", text: OctopiCommand.helpMessage(for: $0, columns: 200)) }
  }()

  @Test func thePagesAreThere() {
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
  @Test(arguments: pages)
  func commandsInSentencesExist(page: Page) {
    for match in page.text.matches(of: #/[`']?octopi ([a-z]+)((?: [^`'\n]+)?)/#) {
      let isQuoted = page.text[match.range].hasPrefix("`") || page.text[match.range].hasPrefix("'")
      let isUsage = page.text[..<match.range.lowerBound].hasSuffix("USAGE: ")
      guard isQuoted || isUsage else { continue }
      let name = String(match.output.1)
      if name == "help" { continue }
      // A command of several has its own name as the next word.
      let path = OctopiCommand.names(in: [name] + match.output.2.split(separator: " ").map(String.init))
      guard let type = OctopiCommand.type(named: path) else {
        Issue.record("\(page.name): there is no command '\(name)'")
        continue
      }
      let known = OptionNames.of(type)
      for word in match.output.2.split(whereSeparator: { " []()|,;.=".contains($0) }) where word.contains(#/^--?[a-zA-Z]/#) {
        #expect(known.contains(String(word)), "\(page.name): octopi \(name) \(word)")
      }
    }
  }

  /// Names that other programs have for our options lead to options that exist, in every command that has them.
  @Test func optionsOfOtherProgramsLeadSomewhere() throws {
    let commands = OctopiCommand.configuration.subcommands.map { (name: $0._commandName, options: OptionNames.of($0)) }
    #expect(UsageProblem.elsewhere.count > 40)
    for (foreign, ours) in UsageProblem.elsewhere {
      let having = commands.filter { $0.options.contains(ours) }
      #expect(!having.isEmpty, "no command has \(ours)")
      for command in having where !command.options.contains(foreign) {
        let words = [command.name, foreign, "x"]
        let error = try #require(throws: (any Error).self) { try OctopiCommand.parseAsRoot(words) }
        let problem = UsageProblem(parserMessage: OctopiCommand.message(for: error), command: command.name, words: words)
        #expect(problem.message == "unknown option '\(foreign)'")
        #expect(problem.remedy.hasPrefix("did you mean '\(ours)'? "), "\(words): \(problem.remedy)")
      }
    }
  }

  /// A letter wrong, a hyphen for an underscore, capitals: every long option of every command is guessed.
  @Test func slipsAreGuessed() throws {
    for type in OctopiCommand.configuration.subcommands {
      let known = OptionNames.of(type)
      for option in known where option.hasPrefix("--") && option.count > 6 && option != "--version" {
        for slip in [option.replacing("-", with: "_").replacing("__", with: "--"), option.uppercased(), option + "x"] where !known.contains(slip) {
          let problem = UsageProblem(parserMessage: "Unknown option '\(slip)'", command: type._commandName, words: [type._commandName, slip])
          #expect(problem.remedy.hasPrefix("did you mean '"), "octopi \(type._commandName) \(slip): \(problem.remedy)")
        }
      }
    }
  }
}
