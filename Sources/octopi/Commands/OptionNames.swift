import ArgumentParser

/// The names of a command's options, as its help shows them.
enum OptionNames {
  static func of(_ command: any ParsableCommand.Type) -> [String] {
    let help = OctopiCommand.helpMessage(for: command, includeHidden: true, columns: 200)
    var names: [String] = []
    for line in help.split(separator: "\n") where line.hasPrefix("  -") {
      for word in line.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "/" }) {
        guard word.hasPrefix("-") else { break }
        names.append(String(word))
      }
    }
    return names
  }
}
