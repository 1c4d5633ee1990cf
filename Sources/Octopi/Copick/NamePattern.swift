/// Names that a tomogram may have: one, all, or those that fit a pattern (copick `util/uri.py`, Python `fnmatch` and `re.match`).
public struct NamePattern: Sendable, Hashable {
  private enum Kind: Sendable, Hashable {
    case any
    case exact(String)
    case shell([Unicode.Scalar])
    case regularExpression(String)
  }

  private let kind: Kind

  /// Empty or `*`: any; with `*`, `?` or `[`: a pattern of the shell over the whole name; else this name, letter by letter.
  init(_ text: String) {
    if text.isEmpty || text == "*" {
      kind = .any
    } else if text.contains(where: { "*?[".contains($0) }) {
      kind = .shell(Array(text.unicodeScalars))
    } else {
      kind = .exact(text)
    }
  }

  /// A regular expression, which must fit at the start of the name; nil if it is none.
  init?(regularExpression text: String) {
    guard (try? Regex(text)) != nil else { return nil }
    kind = .regularExpression(text)
  }

  /// The name, if there is but one.
  var exactName: String? { if case .exact(let name) = kind { name } else { nil } }

  public func matches(_ name: String) -> Bool {
    switch kind {
    case .any: true
    case .exact(let other): isSameText(name, other)
    case .shell(let pattern): ShellPattern.matches(Array(name.unicodeScalars)[...], pattern[...])
    // It has been compiled before; by code points, as in Python.
    case .regularExpression(let text): (try? Regex(text).matchingSemantics(.unicodeScalar).prefixMatch(in: name)) != nil
    }
  }
}

/// Python's `fnmatch`: `*` any text, `?` one character, `[a-z]` one of these, `[!a-z]` one of the others.
private enum ShellPattern {
  /// Time grows with the product of the lengths: only the last `*` is ever taken back.
  static func matches(_ name: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
    var name = name, pattern = pattern
    var retry: (name: ArraySlice<Unicode.Scalar>, pattern: ArraySlice<Unicode.Scalar>)?
    while true {
      if pattern.first == "*" {
        pattern.removeFirst()
        retry = (name, pattern)
      } else if name.isEmpty && pattern.isEmpty {
        return true
      } else if let scalar = name.first, let rest = step(scalar, pattern) {
        name.removeFirst()
        pattern = rest
      } else if let last = retry, !last.name.isEmpty {
        name = last.name.dropFirst()
        pattern = last.pattern
        retry = (name, pattern)
      } else {
        return false
      }
    }
  }

  /// The pattern behind the element that takes this character; nil if it does not.
  private static func step(_ scalar: Unicode.Scalar, _ pattern: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar>? {
    guard let first = pattern.first else { return nil }
    let rest = pattern.dropFirst()
    if first == "?" { return rest }
    guard first == "[" else { return first == scalar ? rest : nil }
    let isNegated = rest.first == "!"
    let list = isNegated ? rest.dropFirst() : rest
    // A `]` that comes first belongs to the list.
    guard let end = list.dropFirst().firstIndex(of: "]") else { return scalar == "[" ? rest : nil }
    return contains(scalar, list[..<end]) != isNegated ? list[(end + 1)...] : nil
  }

  private static func contains(_ scalar: Unicode.Scalar, _ list: ArraySlice<Unicode.Scalar>) -> Bool {
    var list = list
    while let low = list.popFirst() {
      if list.first == "-", list.count > 1 {
        let high = list[list.startIndex + 1]
        list = list.dropFirst(2)
        if low <= high, (low...high).contains(scalar) { return true }
      } else if low == scalar {
        return true
      }
    }
    return false
  }
}
