/// A command's manual on the terminal.
struct HelpText {
  /// `-h`: what it is, and its options. `--help`: also its description, examples and exit codes.
  enum Length { case short, long }

  private let manual: CommandManual
  private let columns: Int
  private let length: Length
  /// Where the texts of options begin.
  private let indent: Int

  /// - columns: of the terminal; lines get no longer than that, nor than 100, but for examples.
  init(_ manual: CommandManual, _ length: Length, columns: Int) {
    self.manual = manual
    self.length = length
    self.columns = min(max(columns - 1, 30), 100)
    indent = self.columns < 60 ? 6 : 26
  }

  var text: String {
    var parts = [wrapped(manual.abstract), usage]
    if length == .long {
      parts += manual.description.map { block($0, indent: 0) }
      if !manual.examples.isEmpty { parts.append("EXAMPLES:\n" + manual.examples.map { block($0, indent: 2) }.joined(separator: "\n\n")) }
    }
    for group in manual.commands { parts.append(list(group.title, group.commands.map { ($0.name, $0.abstract) })) }
    for section in manual.sections { parts.append(list(section.title, section.entries.map { (heading($0), $0.text) })) }
    parts.append(isProgram ? programEnd : commandEnd)
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var isProgram: Bool { manual.path.count == 1 }
  private var name: String { manual.path.joined(separator: " ") }

  private var usage: String {
    let hanging = "USAGE: ".count
    let lines = manual.usage.map { wrapped(HelpText.units($0), indent: hanging, hanging: columns < 60 ? 4 : hanging + name.count + 1) }
    return "USAGE: " + lines.joined(separator: "\n").dropFirst(hanging)
  }

  /// Exit codes are the same for all commands: a table in one place, a sentence in the others.
  private var commandEnd: String {
    guard length == .long else { return wrapped("'\(name) --help' says more, with examples; 'octopi --help' is about the whole program.") }
    let codes = ExitMeaning.all.map { "\($0.codes) \($0.meaning)" }.joined(separator: ", ")
    return "EXIT CODES:\n" + wrapped(codes + ".", indent: 2, hanging: 2)
  }

  private var programEnd: String {
    guard length == .long else { return wrapped("'octopi COMMAND --help' explains a command; 'octopi --help' also says exit codes and environment.") }
    return list("Exit codes", ExitMeaning.all.map { ($0.codes, $0.meaning) }) + "\n\n"
      + list("Environment", EnvironmentVariable.all.map { ($0.name, $0.meaning) })
  }

  // MARK: Layout

  private func heading(_ entry: CommandManual.Entry) -> String {
    let value = entry.value.map { "<\($0)>" }
    return ([entry.names.joined(separator: ", ")].filter { !$0.isEmpty } + [value].compactMap(\.self)).joined(separator: " ")
  }

  private func block(_ block: CommandManual.Block, indent: Int) -> String {
    switch block {
    case .text(let text): wrapped(text, indent: indent, hanging: indent)
    case .lines(let lines): lines.map { String(repeating: " ", count: max(2, indent)) + $0 }.joined(separator: "\n")
    }
  }

  /// A title and two columns.
  private func list(_ title: String, _ rows: [(head: String, text: String)]) -> String {
    let lines = rows.map { head, text -> String in
      let start = "  " + head, body = wrapped(text, indent: indent, hanging: indent)
      guard start.count < indent - 1 else { return start + "\n" + body }
      return start + body.dropFirst(start.count)
    }
    return title.uppercased() + ":\n" + lines.joined(separator: "\n")
  }

  /// What of a usage line stays together: an option and its value, and what is in brackets.
  private static func units(_ usage: String) -> [Substring] {
    var units: [Substring] = [], isOpen = false, wantsValue = false
    for word in usage.split(separator: " ") {
      if let last = units.last, isOpen || wantsValue && !word.hasPrefix("-") && !word.hasPrefix("[") {
        units[units.count - 1] = last + " " + word
      } else {
        units.append(word)
      }
      isOpen = (isOpen || word.hasPrefix("[")) && !word.hasSuffix("]")
      wantsValue = word.hasPrefix("-")
    }
    return units
  }

  private func wrapped(_ text: String, indent: Int = 0, hanging: Int = 0) -> String {
    wrapped(text.split(separator: " "), indent: indent, hanging: hanging)
  }

  /// Words in lines: the first begins at `indent`, the others at `hanging`.
  private func wrapped(_ words: [Substring], indent: Int, hanging: Int) -> String {
    var lines: [String] = [], line = String(repeating: " ", count: indent), isEmpty = true
    for word in words {
      if !isEmpty, line.count + 1 + word.count > columns {
        lines.append(line)
        line = String(repeating: " ", count: hanging)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return (lines + [line]).joined(separator: "\n")
  }
}
