import Foundation

/// A STAR file that other programs read: comments, then blocks of one loop each.
///
/// Numbers have six decimals, cells stand between tabs. RELION and `starfile` split rows at white space, take `#` for a comment, and find
/// blocks by `data_`, so that not every text can be a cell: see `StarText.isCell`.
struct StarFile {
  /// What stands behind `#` in the first lines.
  var comments: [String] = []
  var blocks: [StarBlock] = []

  var text: String {
    comments.map { "# " + StarText.comment($0) + "\n" }.joined() + blocks.map { "\n" + $0.text }.joined()
  }
}

/// One block with one loop.
struct StarBlock {
  enum Cell {
    case text(String)
    case integer(Int)
    case number(Double)

    var text: String {
      switch self {
      case .text(let text): text
      case .integer(let number): String(number)
      case .number(let number): String(format: "%.6f", number)
      }
    }
  }

  /// Without `data_`.
  let name: String
  /// Without the underscore; in every row one cell each.
  let columns: [String]
  private(set) var rows: [[Cell]] = []

  init(_ name: String, columns: [String]) {
    self.name = name
    self.columns = columns
  }

  mutating func add(_ row: [Cell]) {
    assert(row.count == columns.count)
    rows.append(row)
  }

  var text: String {
    var text = "data_\(name)\n\nloop_\n"
    for (index, column) in columns.enumerated() { text += "_\(column) #\(index + 1)\n" }
    for row in rows { text += row.map(\.text).joined(separator: "\t") + "\n" }
    return text + "\n"
  }
}

enum StarText {
  /// Whether readers of STAR files take a text for one cell, whatever stands around it.
  static func isCell(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, !"_$;[]".unicodeScalars.contains(first) else { return false }
    let lower = text.lowercased()
    if ["data_", "loop_", "save_", "global_", "stop_"].contains(where: lower.hasPrefix) { return false }
    return text.unicodeScalars.allSatisfy { scalar in
      !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control && !"#'\"".unicodeScalars.contains(scalar)
    }
  }

  /// RELION takes any line with `data_` in it for the head of a block.
  static func comment(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })).replacing("data_", with: "data-")
  }
}
