/// A scalar of a YAML document: its text and what PyYAML finds out about it (`analyze_scalar`, `choose_scalar_style`, `resolver.py`).
struct YAMLScalar {
  let text: [Unicode.Scalar]
  /// Unquoted, the text would be read back as this very value.
  private let readsBackPlain: Bool
  private var mayBePlainInBlock = true
  private var mayBePlainInFlow = true
  private var maySingleQuote = true
  private var hasBreaks = false

  init(_ value: PythonValue) {
    switch value {
    case .null: (text, readsBackPlain) = (Array("null".unicodeScalars), true)
    case .bool(let flag): (text, readsBackPlain) = (Array((flag ? "true" : "false").unicodeScalars), true)
    case .int(let number): (text, readsBackPlain) = (Array(String(number).unicodeScalars), true)
    case .float(let number): (text, readsBackPlain) = (Array(YAMLScalar.text(of: number).unicodeScalars), true)
    case .string(let string): (text, readsBackPlain) = (Array(string.unicodeScalars), !YAML11.isSpecial(string))
    case .array, .object:
      assertionFailure("a collection is no scalar")
      (text, readsBackPlain) = ([], false)
    }
    analyze()
  }

  /// As a key it fits in one line before its colon. Five characters go to the invisible tag `!!str`.
  var isSimpleKey: Bool { text.count + 5 < 128 && !text.isEmpty && !hasBreaks }

  func style(inFlow: Bool, asKey: Bool) -> YAMLScalarStyle {
    let isPlain = readsBackPlain && (inFlow ? mayBePlainInFlow : mayBePlainInBlock) && !(asKey && (text.isEmpty || hasBreaks))
    if isPlain { return .plain }
    return maySingleQuote && !(asKey && hasBreaks) ? .singleQuoted : .doubleQuoted
  }

  private static func text(of number: Double) -> String {
    if number.isNaN { return ".nan" }
    if number.isInfinite { return number > 0 ? ".inf" : "-.inf" }
    let text = pythonText(ofFinite: number)
    guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  private mutating func analyze() {
    guard let first = text.first, let last = text.last else {
      mayBePlainInFlow = false
      return
    }
    var hasSpecial = false, hasBlankAfterBreak = false, hasBreakAfterBlank = false
    var inFlow = false, inBlock = false
    if text.starts(with: "---".unicodeScalars) || text.starts(with: "...".unicodeScalars) { (inFlow, inBlock) = (true, true) }
    for (index, scalar) in text.enumerated() {
      let previous = index > 0 ? text[index - 1] : nil
      let next = index + 1 < text.count ? text[index + 1] : nil
      let found = index == 0 ? YAMLScalar.leadingIndicator(scalar, next: next) : YAMLScalar.innerIndicator(scalar, previous: previous, next: next)
      inFlow = inFlow || found.inFlow
      inBlock = inBlock || found.inBlock
      if scalar.isYAMLBreak { hasBreaks = true }
      if !(scalar == "\n" || (" "..."~").contains(scalar)) { hasSpecial = true }
      if let previous, previous.isYAMLBreak, scalar == " " { hasBlankAfterBreak = true }
      if let previous, previous == " ", scalar.isYAMLBreak { hasBreakAfterBlank = true }
    }
    let hasOuterBlank = first == " " || last == " " || first.isYAMLBreak || last.isYAMLBreak
    maySingleQuote = !hasBlankAfterBreak && !hasBreakAfterBlank && !hasSpecial
    let mayBePlain = maySingleQuote && !hasOuterBlank && !hasBreaks
    mayBePlainInFlow = mayBePlain && !inFlow
    mayBePlainInBlock = mayBePlain && !inBlock
  }

  private typealias Indicator = (inFlow: Bool, inBlock: Bool)

  private static func leadingIndicator(_ scalar: Unicode.Scalar, next: Unicode.Scalar?) -> Indicator {
    switch scalar {
    case "#", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`": (true, true)
    case "?", ":": (true, endsWord(next))
    case "-": (endsWord(next), endsWord(next))
    default: (false, false)
    }
  }

  private static func innerIndicator(_ scalar: Unicode.Scalar, previous: Unicode.Scalar?, next: Unicode.Scalar?) -> Indicator {
    switch scalar {
    case ",", "?", "[", "]", "{", "}": (true, false)
    case ":": (true, endsWord(next))
    case "#": (endsWord(previous), endsWord(previous))
    default: (false, false)
    }
  }

  private static func endsWord(_ neighbour: Unicode.Scalar?) -> Bool {
    guard let neighbour else { return true }
    return ["\0", " ", "\t", "\r"].contains(neighbour) || neighbour.isYAMLBreak
  }
}

enum YAMLScalarStyle { case plain, singleQuoted, doubleQuoted }

extension Unicode.Scalar {
  fileprivate var isYAMLBreak: Bool { ["\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(self) }
}

extension YAMLEmitter {
  /// Writes a scalar whose continuation lines start at column `indent`; keys are never folded.
  @discardableResult
  mutating func scalar(_ scalar: YAMLScalar, in context: Context, indent: Int) -> YAMLScalarStyle {
    let isKey = context == .simpleKey
    let style = scalar.style(inFlow: flowLevel > 0, asKey: isKey)
    switch style {
    case .plain: plain(scalar.text, indent: indent, folds: !isKey)
    case .singleQuoted: singleQuoted(scalar.text, indent: indent, folds: !isKey)
    case .doubleQuoted: doubleQuoted(scalar.text, indent: indent, folds: !isKey)
    }
    return style
  }

  /// Unquoted text has no line breaks and no blanks at its ends; a single blank beyond the width becomes a line break.
  private mutating func plain(_ text: [Unicode.Scalar], indent: Int, folds: Bool) {
    if text.isEmpty { return }
    if !endsInWhitespace { put(" ") }
    for run in Runs(text) {
      if folds && run.count == 1 && text[run.lowerBound] == " " && column > style.width {
        indentLine(indent)
      } else {
        put(text[run])
      }
      endsInWhitespace = false
      isIndentation = false
    }
  }

  private mutating func singleQuoted(_ text: [Unicode.Scalar], indent: Int, folds: Bool) {
    indicator("'")
    for run in Runs(text) {
      switch text[run.lowerBound] {
      case " " where folds && run.count == 1 && column > style.width && run.lowerBound > 0 && run.upperBound < text.count:
        indentLine(indent)
      case "\n":
        for _ in 0...run.count { breakLine() }
        indentLine(indent)
      default:
        for scalar in text[run] { put(scalar == "'" ? "''" : String(scalar)) }
      }
    }
    indicator("'", needsBlank: false)
  }

  /// Beyond the width a line ends in `\` at a blank or after an escaped character; the next starts with `\` if a blank follows.
  private mutating func doubleQuoted(_ text: [Unicode.Scalar], indent: Int, folds: Bool) {
    indicator("\"")
    var start = 0
    for end in 0...text.count {
      let scalar = end < text.count ? text[end] : nil
      if scalar.map(YAMLEmitter.needsEscape) ?? true {
        put(text[start..<end])
        start = end
        if let scalar {
          put(YAMLEmitter.escape(scalar))
          start = end + 1
        }
      }
      let mayBreak = folds && end > 0 && end < text.count - 1 && (scalar == " " || start >= end)
      if mayBreak && column + (end - start) > style.width {
        if start < end {
          put(text[start..<end])
          start = end
        }
        put("\\")
        indentLine(indent)
        endsInWhitespace = false
        isIndentation = false
        if text[start] == " " { put("\\") }
      }
    }
    indicator("\"", needsBlank: false)
  }

  private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\"" || scalar == "\\" || !(" "..."~").contains(scalar)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\0": "\\0"
    case "\u{7}": "\\a"
    case "\u{8}": "\\b"
    case "\t": "\\t"
    case "\n": "\\n"
    case "\u{b}": "\\v"
    case "\u{c}": "\\f"
    case "\r": "\\r"
    case "\u{1b}": "\\e"
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\u{85}": "\\N"
    case "\u{a0}": "\\_"
    case "\u{2028}": "\\L"
    case "\u{2029}": "\\P"
    case _ where scalar.value <= 0xFF: "\\x" + hexadecimal(scalar.value, digits: 2).uppercased()
    case _ where scalar.value <= 0xFFFF: "\\u" + hexadecimal(scalar.value, digits: 4).uppercased()
    default: "\\U" + hexadecimal(scalar.value, digits: 8).uppercased()
    }
  }

  private mutating func put(_ scalars: ArraySlice<Unicode.Scalar>) {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    put(String(text))
  }
}

/// Splits text into runs of blanks, of line breaks and of neither.
private struct Runs: Sequence, IteratorProtocol {
  private let text: [Unicode.Scalar]
  private var position = 0

  init(_ text: [Unicode.Scalar]) { self.text = text }

  mutating func next() -> Range<Int>? {
    guard position < text.count else { return nil }
    let start = position
    let kind = Runs.kind(text[start])
    while position < text.count, Runs.kind(text[position]) == kind { position += 1 }
    return start..<position
  }

  private static func kind(_ scalar: Unicode.Scalar) -> Int { scalar == " " ? 0 : scalar == "\n" ? 1 : 2 }
}

/// What YAML 1.1 reads as something other than text (PyYAML `resolver.py`, implicit resolvers).
enum YAML11 {
  static func isSpecial(_ text: String) -> Bool {
    isWord(text) || isInteger(text) || isFloat(text) || isTimestamp(text)
  }

  /// Truth values in the three usual spellings, null, merge and default keys.
  private static func isWord(_ text: String) -> Bool {
    if ["", "~", "<<", "=", "!", "&", "*"].contains(text) { return true }
    let words = ["yes", "no", "true", "false", "on", "off", "null"]
    guard let word = words.first(where: { $0 == text.lowercased() }) else { return false }
    return [word, word.uppercased(), word.prefix(1).uppercased() + word.dropFirst()].contains(text)
  }

  private static func isInteger(_ text: String) -> Bool {
    text.wholeMatch(of: /[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+/) != nil
  }

  private static func isFloat(_ text: String) -> Bool {
    text.wholeMatch(of: /[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?/) != nil
      || text.wholeMatch(of: /[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)/) != nil
  }

  private static func isTimestamp(_ text: String) -> Bool {
    let time = /[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?/
    return text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil || text.wholeMatch(of: time) != nil
  }
}
