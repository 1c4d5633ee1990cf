/// Rows and columns as text: words flush left, numbers flush right, two blanks between.
struct Table {
  enum Alignment { case left, right }

  private let heads: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  init(_ columns: [(head: String, alignment: Alignment)]) {
    heads = columns.map(\.head)
    alignments = columns.map(\.alignment)
  }

  /// Adds a row; cells beyond the columns are dropped, missing ones are empty.
  mutating func add(_ cells: [String]) {
    rows.append(Array((cells + Array(repeating: "", count: max(0, heads.count - cells.count))).prefix(heads.count)))
  }

  /// The table with a line of heads, each line ended by a line feed.
  func text(indent: Int = 0) -> String {
    let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
    return ([heads] + rows).map { cells in
      var line = String(repeating: " ", count: indent)
      for (column, cell) in cells.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (alignments[column] == .left ? cell + blanks : blanks + cell)
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
