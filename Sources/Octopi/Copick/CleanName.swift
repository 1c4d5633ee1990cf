/// Names that copick can put into file names: of objects, users, sessions, tomograms and segmentations, never of runs.
public enum CleanName {
  /// The name that copick writes for a text (copick `util/escape.py: sanitize_name`): each of `< > : " / \ | ? *`, control characters,
  /// white space and `_` becomes `-`, then `-` goes away at both ends. Nil when nothing is left, which copick refuses.
  public static func sanitized(_ text: String) -> String? {
    var scalars = text.unicodeScalars.map { isForbidden($0) ? "-" : $0 }[...]
    while scalars.first == "-" { scalars.removeFirst() }
    while scalars.last == "-" { scalars.removeLast() }
    if scalars.isEmpty { return nil }
    var name = String.UnicodeScalarView()
    name.append(contentsOf: scalars)
    return String(name)
  }

  /// Whether copick writes the name as it is.
  static func isClean(_ text: String) -> Bool { sanitized(text).map { isSameText($0, text) } ?? false }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "<", ">", ":", "\"", "/", "\\", "|", "?", "*", "_", "\u{0}"..."\u{1f}", "\u{7f}": true
    default: scalar.properties.isWhitespace
    }
  }
}

/// Python's `float()` of a text: blanks around it, `_` between digits, `nan` and `inf` in any letter case, no hexadecimal digits.
func pythonFloat(_ text: some StringProtocol) -> Double? {
  guard let digits = withoutSeparators(text) else { return nil }
  let magnitude = digits.drop { $0 == "+" || $0 == "-" }.lowercased()
  let isWord = ["nan", "inf", "infinity"].contains(magnitude) && digits.count - magnitude.count <= 1
  guard isWord || digits.allSatisfy({ "0123456789.eE+-".contains($0) }) else { return nil }
  return Double(digits)
}

/// An integer as text, as pydantic reads it: blanks around it, a sign, `_` between digits, and zeros behind a point.
func pydanticInteger(_ text: String) -> Int? {
  guard let digits = withoutSeparators(text) else { return nil }
  let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
  guard let whole = parts.first, whole.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
  if parts.count > 1, parts.count > 2 || parts[1].isEmpty || !parts[1].allSatisfy({ $0 == "0" }) { return nil }
  return Int(whole)
}

/// The text without blanks at its ends and without `_`, each of which must stand between two digits.
private func withoutSeparators(_ text: some StringProtocol) -> String? {
  var all = Array(text.unicodeScalars)[...]
  while all.first?.properties.isWhitespace == true { all.removeFirst() }
  while all.last?.properties.isWhitespace == true { all.removeLast() }
  for index in all.indices where all[index] == "_" {
    guard index > all.startIndex, index + 1 < all.endIndex, all[index - 1].isDigit, all[index + 1].isDigit else { return nil }
  }
  var view = String.UnicodeScalarView()
  view.append(contentsOf: all.lazy.filter { $0 != "_" })
  return String(view)
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
