import Foundation

/// STAR files as tests read them: blocks of loops, every cell as text. Knows nothing of how the program writes them.
struct StarTables {
  struct Block {
    var columns: [String] = []
    var rows: [[String]] = []

    subscript(column: String) -> [String] { columns.firstIndex(of: column).map { index in rows.map { $0[index] } } ?? [] }
  }

  private(set) var names: [String] = []
  private var blocks: [String: Block] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") && line != "loop_" {
      if line.hasPrefix("data_") {
        names.append(String(line.dropFirst(5)))
        blocks[names[names.count - 1]] = Block()
      } else if let name = names.last {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        if line.hasPrefix("_") { blocks[name]?.columns.append(String(words[0].dropFirst())) } else { blocks[name]?.rows.append(words) }
      }
    }
  }

  subscript(name: String) -> Block { blocks[name] ?? Block() }
}
