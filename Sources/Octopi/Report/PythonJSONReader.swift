/// Why a text is not JSON. Lines and columns count from 1, columns in Unicode scalars, as Python counts them.
public struct JSONSyntaxError: Error, Sendable, Hashable {
  public let line: Int
  public let column: Int
  public let reason: String
}

extension PythonJSON {
  /// Reads what Python's `json.loads` reads, to the same values: the last of repeated names counts (in the place of the first), `2`
  /// and `2.0` are different, the bare words `NaN`, `Infinity` and `-Infinity` are numbers. Foundation's readers differ in all of
  /// these between platforms, take trailing commas for granted, and do not say where a text is wrong.
  ///
  /// Strict otherwise (RFC 8259, UTF-8): no comments, no trailing commas, nothing after the value. A byte-order mark is skipped. An
  /// integer beyond 64 bits becomes a float. Half a surrogate pair and more than `maximumDepth` nested lists are refused.
  public static func value(_ bytes: [UInt8]) throws(JSONSyntaxError) -> PythonValue {
    var reader = JSONReader(bytes)
    return try reader.document()
  }

  static let maximumDepth = 500
}

private struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() throws(JSONSyntaxError) -> PythonValue {
    let value = try value()
    skipBlanks()
    if next != nil { throw error("something follows the value") }
    return value
  }

  private mutating func value() throws(JSONSyntaxError) -> PythonValue {
    skipBlanks()
    guard let next else { throw error("the text ends where a value is expected") }
    switch next {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default:
      for (word, value) in JSONReader.words where take(word) { return value }
      throw error("a value is expected")
    }
  }

  private static let words: [(String, PythonValue)] = [
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("NaN", .float(.nan)), ("Infinity", .float(.infinity)),
  ]

  // MARK: Lists

  private mutating func object() throws(JSONSyntaxError) -> [PythonValue.Member] {
    try enter()
    var members: [PythonValue.Member] = []
    var places: [[UInt8]: Int] = [:]
    if !closes("}") {
      repeat {
        skipBlanks()
        guard next == UInt8(ascii: "\"") else {
          throw error(members.isEmpty ? "a name in double quotes is expected" : "a name in double quotes is expected after the comma")
        }
        let name = try string()
        skipBlanks()
        guard take(":") else { throw error("':' is expected after a name") }
        let member = PythonValue.Member(name, try value())
        if let place = places.updateValue(members.count, forKey: Array(name.utf8)) {
          members[place] = member
          places[Array(name.utf8)] = place
        } else {
          members.append(member)
        }
      } while try separates("}")
    }
    depth -= 1
    return members
  }

  private mutating func array() throws(JSONSyntaxError) -> [PythonValue] {
    try enter()
    var elements: [PythonValue] = []
    if !closes("]") {
      repeat { elements.append(try value()) } while try separates("]")
    }
    depth -= 1
    return elements
  }

  private mutating func enter() throws(JSONSyntaxError) {
    if depth == PythonJSON.maximumDepth { throw error("more than \(PythonJSON.maximumDepth) lists in each other") }
    depth += 1
    position += 1
  }

  private mutating func closes(_ mark: String) -> Bool {
    skipBlanks()
    return take(mark)
  }

  /// True after a comma, false after the closing mark.
  private mutating func separates(_ mark: String) throws(JSONSyntaxError) -> Bool {
    skipBlanks()
    if take(",") { return true }
    if take(mark) { return false }
    throw error(next == nil ? "the text ends before '\(mark)'" : "',' or '\(mark)' is expected")
  }

  // MARK: Numbers and strings

  private mutating func number() throws(JSONSyntaxError) -> PythonValue {
    if take("-Infinity") { return .float(-.infinity) }
    let start = position
    _ = take("-")
    let whole = digits()
    if whole == 0 { throw error("a digit is expected") }
    var isInteger = true
    if bytes[position - whole] == UInt8(ascii: "0") && whole > 1 { throw error("a number cannot start with 0", at: position - whole) }
    if take(".") {
      isInteger = false
      if digits() == 0 { throw error("a digit is expected after the point") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw error("a digit is expected in the exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let integer = Int(text) { return .int(integer) }
    guard let float = Double(text) else { throw error("'\(text)' is no number", at: start) }
    return .float(float)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8", at: start) }
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: Array(String(try escape()).utf8))
      case 0..<0x20:
        throw error("a control character must be escaped in a string")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw error("a string does not end", at: start)
  }

  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let letter = next else { throw error("a string does not end", at: start) }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw error("unknown escape in a string", at: start)
    }
    let first = try unit(from: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    if UTF16.isLeadSurrogate(UInt16(truncatingIfNeeded: first)), take("\\u") {
      let second = try unit(from: start)
      if (0xDC00...0xDFFF).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) {
        return scalar
      }
    }
    throw error("half a surrogate pair in a string", at: start)
  }

  /// Four hexadecimal digits.
  private mutating func unit(from start: Int) throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("four hexadecimal digits are expected after '\\u'", at: start)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Characters

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private mutating func take(_ text: String) -> Bool {
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  private func error(_ reason: String, at place: Int? = nil) -> JSONSyntaxError {
    let before = bytes[..<(place ?? position)]
    let line = before.count { $0 == 0x0A } + 1
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let isMark = start == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + (isMark ? 0 : 1)
    return JSONSyntaxError(line: line, column: column, reason: reason)
  }
}
