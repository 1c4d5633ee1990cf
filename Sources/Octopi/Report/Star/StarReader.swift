/// The first block of a STAR file that has what is needed, as text.
struct StarTable {
  /// Of the first row's line, and of each row.
  let lines: [Int]
  let columns: [String]
  let rows: [[String]]

  func column(_ name: String) -> Int? { columns.firstIndex(of: name) }
}

/// Reads blocks of STAR files: loops, and lists of `_name value`, which become one row.
enum StarReader {
  /// The blocks of a file by name, in its order.
  static func blocks(file: String) throws(StarError) -> [(name: String, table: StarTable)] {
    let bytes: [UInt8]
    do throws(InputError) { bytes = try InputFile.bytes(of: file, what: "STAR file", limit: 1 << 28) } catch { throw .input(error) }
    var found: [(name: String, table: StarTable)] = []
    var block: Block?
    for (index, raw) in String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = try words(raw, file: file, line: index + 1)
      guard let first = words.first else { continue }
      if first.hasPrefix("data_") {
        if let block { found.append((block.name, block.table)) }
        block = Block(name: String(first.dropFirst("data_".count)))
      } else {
        guard block != nil else { throw .syntax(file: file, line: index + 1, problem: "'\(first)' stands before the first 'data_'") }
        if let problem = block?.take(words, line: index + 1) { throw .syntax(file: file, line: index + 1, problem: problem) }
      }
    }
    if let block { found.append((block.name, block.table)) }
    return found
  }

  /// Words between blanks, or in quotes; nothing behind `#`.
  private static func words(_ line: Substring, file: String, line number: Int) throws(StarError) -> [String] {
    var words: [String] = [], rest = line
    while true {
      rest = rest.drop { $0.isWhitespace }
      guard let first = rest.first, first != "#" else { return words }
      if first == "'" || first == "\"" {
        let inner = rest.dropFirst()
        guard let end = inner.firstIndex(of: first) else { throw .syntax(file: file, line: number, problem: "a quote is not closed") }
        words.append(String(inner[..<end]))
        rest = inner[inner.index(after: end)...]
      } else {
        let word = rest.prefix { !$0.isWhitespace }
        words.append(String(word))
        rest = rest[word.endIndex...]
      }
    }
  }

  private struct Block {
    let name: String
    private var isLoop = false
    private var columns: [String] = []
    private var single: [String] = []
    private var rows: [[String]] = []
    private var lines: [Int] = []

    init(name: String) { self.name = name }

    var table: StarTable { StarTable(lines: isLoop ? lines : [lines.first ?? 0], columns: columns, rows: isLoop ? rows : [single]) }

    /// Takes a line; says what is wrong with it.
    mutating func take(_ words: [String], line: Int) -> String? {
      if words[0] == "loop_" {
        isLoop = true
        return columns.isEmpty ? nil : "a second table in one block"
      }
      if words[0].hasPrefix("_"), rows.isEmpty {
        columns.append(String(words[0].dropFirst()))
        if isLoop { return words.count == 1 ? nil : "'\(words[0])' has a value inside of a loop" }
        lines.append(line)
        single.append(words.count > 1 ? words[1] : "")
        return words.count == 2 ? nil : "'\(words[0])' has \(words.count - 1) values"
      }
      guard isLoop else { return "'\(words[0])' belongs to no name" }
      guard words.count == columns.count else { return "\(words.count) values where the loop has \(columns.count) names" }
      rows.append(words)
      lines.append(line)
      return nil
    }
  }
}
