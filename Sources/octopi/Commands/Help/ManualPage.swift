import Octopi

/// A command's manual as a man page: troff with the macros of man(7).
struct ManualPage {
  private let manual: CommandManual
  private let others: [String]

  /// - others: names of the pages to see also.
  init(_ manual: CommandManual, others: [String]) {
    self.manual = manual
    self.others = others.filter { $0 != manual.pageName }
  }

  /// The pages of all commands, by their file names.
  static var all: [(file: String, text: String)] {
    let manuals = CommandManual.all
    return manuals.map { ($0.pageName + ".1", ManualPage($0, others: manuals.map(\.pageName)).text) }
  }

  var text: String {
    let name = manual.pageName
    var lines = [
      // No date: the same page whenever it is made.
      ".TH \(name.uppercased()) 1 \"\" \"octopi \(ProgramVersion.text)\" \"octopi\"",
      // Words whole and lines ragged: options are copied.
      ".nh", ".ad l",
      ".SH NAME", "\(escaped(name)) \\- \(escaped(abstract))",
      ".SH SYNOPSIS",
    ]
    for (index, usage) in manual.usage.enumerated() { lines += (index == 0 ? [] : [".br"]) + [synopsis(usage)] }
    lines += [".SH DESCRIPTION", escaped(manual.abstract)]
    for block in manual.description { lines += self.block(block) }
    for group in manual.commands { lines += commands(group) }
    lines.append(".SH OPTIONS")
    for section in manual.sections {
      lines.append(".SS \(section.title)")
      for entry in section.entries { lines += [".TP", heading(entry), escaped(entry.text)] }
    }
    if !manual.examples.isEmpty { lines += [".SH EXAMPLES"] + manual.examples.flatMap(block).dropFirst() }
    lines.append(".SH EXIT STATUS")
    for code in ExitMeaning.all { lines += [".TP", ".B \(code.codes)", escaped(code.meaning) + "."] }
    lines.append(".SH ENVIRONMENT")
    for variable in EnvironmentVariable.all { lines += [".TP", ".B \(variable.name)", escaped(variable.meaning)] }
    lines += files + [".SH SEE ALSO"]
    lines += others.enumerated().map { ".BR \(escaped($1)) (1)" + ($0 + 1 < others.count ? "," : "") }
    return lines.joined(separator: "\n") + "\n"
  }

  private var abstract: String {
    let text = manual.abstract.hasSuffix(".") ? String(manual.abstract.dropLast()) : manual.abstract
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private var files: [String] {
    [".SH FILES", ".TP", ".I config.json", "A copick project: where its runs are, and its objects with labels and radii.",
      ".TP", ".I model.octopi", escaped("A network with its configuration and its objects; 'octopi convert' makes it of an ONNX file."),
      ".TP", ".I share/octopi/demo", escaped("Beside the program's folder: what 'octopi demo' copies.")]
  }

  private func synopsis(_ usage: String) -> String {
    let name = manual.path.joined(separator: " ")
    guard usage.hasPrefix(name) else { return escaped(usage) }
    return "\\fB\(escaped(name))\\fR" + escaped(String(usage.dropFirst(name.count)))
  }

  private func commands(_ group: CommandManual.CommandGroup) -> [String] {
    [".SS \(group.title)"] + group.commands.flatMap { [".TP", "\\fB\(escaped($0.name))\\fR", escaped($0.abstract)] }
  }

  private func heading(_ entry: CommandManual.Entry) -> String {
    let names = entry.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
    guard let value = entry.value else { return names }
    return names + (names.isEmpty ? "" : " ") + "\\fI\(escaped(value))\\fR"
  }

  private func block(_ block: CommandManual.Block) -> [String] {
    switch block {
    case .text(let text): [".PP", escaped(text)]
    case .lines(let lines): [".PP", ".RS 4", ".nf"] + lines.map { escaped($0) } + [".fi", ".RE"]
    }
  }

  /// Text in which nothing is a command of troff, and hyphens are the ASCII ones that can be copied.
  private func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
