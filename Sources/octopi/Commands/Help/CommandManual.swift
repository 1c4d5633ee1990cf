import ArgumentParser
import Foundation

/// Everything that help texts and man pages say of one command; all of it comes from the command's declaration.
struct CommandManual {
  /// A paragraph, which may be wrapped, or lines that stay as they are.
  enum Block: Equatable {
    case text(String)
    case lines([String])
  }

  /// One option or argument.
  struct Entry {
    /// As typed, `-c`, `--config`; none for an argument.
    let names: [String]
    /// What the value stands for; nil for a flag.
    let value: String?
    /// What it does, with its values and its default.
    let text: String
  }

  struct Section {
    let title: String
    var entries: [Entry]
  }

  /// Commands that this one consists of.
  struct CommandGroup {
    let title: String
    let commands: [(name: String, abstract: String)]
  }

  /// The words that call it: `["octopi", "segment"]`.
  let path: [String]
  let abstract: String
  let usage: [String]
  let description: [Block]
  let examples: [Block]
  let sections: [Section]
  let commands: [CommandGroup]

  /// The words of the command as one: `octopi-extract-seg`.
  var pageName: String { path.joined(separator: "-") }

  /// - names: as `OctopiCommand.names(in:)` gives them; none for the program itself.
  init?(_ names: [String] = []) {
    guard let type = names.isEmpty ? OctopiCommand.self : OctopiCommand.type(named: names) else { return nil }
    guard var declared = Declaration.program?.command else { return nil }
    for name in names {
      guard let next = declared.subcommands?.first(where: { $0.commandName == name }) else { return nil }
      declared = next
    }
    let configuration = type.configuration
    path = ["octopi"] + names
    abstract = configuration.abstract
    usage = (configuration.usage ?? "").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let blocks = CommandManual.blocks(configuration.discussion)
    let start = blocks.firstIndex(of: .text("Examples:")) ?? blocks.endIndex
    let end = blocks[start...].dropFirst().firstIndex { if case .text = $0 { true } else { false } } ?? blocks.endIndex
    description = Array(blocks[..<start] + blocks[end...])
    examples = Array(blocks[start..<end].dropFirst())
    sections = CommandManual.sections(declared.arguments ?? [])
    let groups = configuration.groupedSubcommands.map { (title: $0.name, types: $0.subcommands) }
    let others = groups.isEmpty ? [(title: "Commands", types: configuration.subcommands)] : groups
    commands = others.filter { !$0.types.isEmpty }.map { group in
      CommandGroup(title: group.title, commands: group.types.map { ($0._commandName, $0.configuration.abstract) })
    }
  }

  /// The program and all its commands.
  static var all: [CommandManual] {
    var names: [[String]] = [[]]
    for type in OctopiCommand.configuration.subcommands {
      names.append([type._commandName])
      names += type.configuration.subcommands.map { [type._commandName, $0._commandName] }
    }
    return names.compactMap(CommandManual.init)
  }

  /// All spellings of all options.
  var optionNames: [String] { sections.flatMap { $0.entries.flatMap(\.names) } }

  // MARK: From the declaration

  /// Paragraphs are apart by empty lines; those that begin with blanks stay as they are.
  private static func blocks(_ discussion: String) -> [Block] {
    discussion.split(separator: "\n\n").map { part in
      guard part.hasPrefix(" ") else { return .text(part.trimmingCharacters(in: .whitespacesAndNewlines)) }
      let lines = part.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let indent = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
      return .lines(lines.map { String($0.dropFirst(indent)) })
    }
  }

  /// Titles of options in the order in which a job meets them. Options without a title are the command's own.
  static let titles = [
    "Arguments", "Options", "Input", "Labels", "Model", "Windows", "Picking", "Score", "Output", "Look", "Performance", "Messages", "Help",
  ]

  /// Options by their titles; within one in the order of their declaration.
  private static func sections(_ arguments: [Declaration.Argument]) -> [Section] {
    var titled: [Section] = [], common: [Entry] = []
    func add(_ entry: Entry, to title: String) {
      if let index = titled.firstIndex(where: { $0.title == title }) {
        titled[index].entries.append(entry)
      } else {
        titled.append(Section(title: title, entries: [entry]))
      }
    }
    for argument in arguments.filter(\.shouldDisplay).filter({ $0.kind == "positional" }) { add(argument.entry, to: "Arguments") }
    for isTitled in [false, true] {
      for argument in arguments.filter(\.shouldDisplay) where argument.kind != "positional" && (argument.sectionTitle != nil) == isTitled {
        let entry = argument.entry
        if entry.names.contains("--help") || entry.names.contains("--version") {
          common.append(entry)
        } else {
          add(entry, to: argument.sectionTitle ?? "Options")
        }
      }
    }
    let all = titled + [Section(title: "Help", entries: common)]
    return titles.compactMap { title in all.first { $0.title == title } } + all.filter { !titles.contains($0.title) }
  }
}

/// The parser's description of the program, as far as it is of use here (ArgumentParser's ToolInfoV0).
private struct Declaration: Decodable {
  struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String, name: String
    }

    let kind: String
    let shouldDisplay: Bool
    let sectionTitle: String?
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let abstract: String?
    let isRepeating: Bool
  }

  let command: Command

  /// All commands: what `--experimental-dump-help` prints. The program's own text, so it can be decoded.
  static let program = try? JSONDecoder().decode(Declaration.self, from: Data(OctopiCommand._dumpHelp().utf8))
}

extension Declaration.Argument {
  var entry: CommandManual.Entry {
    let names = (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
    return CommandManual.Entry(names: names, value: kind == "flag" ? nil : valueName, text: names.contains("--help") ? Self.help : text)
  }

  private static let help = "Show help: -h the options, --help also examples and exit codes."

  private var text: String {
    let facts = [
      (allValues ?? []).isEmpty ? nil : "values: " + (allValues ?? []).joined(separator: ", "),
      kind == "flag" ? nil : defaultValue.map { "default: " + $0 },
    ].compactMap(\.self)
    guard var text = abstract, !facts.isEmpty else { return abstract ?? "" }
    if text.hasSuffix(".") { text.removeLast() }
    return text + " (" + facts.joined(separator: "; ") + ")."
  }
}
