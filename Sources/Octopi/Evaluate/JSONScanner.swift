/// The marks, plain strings and numbers of a JSON text, one after the other. What is not there, or not plain, is nil or false.
struct JSONScanner {
  let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether nothing but blanks is left.
  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return position == bytes.count
    }
  }

  /// Skips blanks, and `text` if it comes next.
  mutating func take(_ text: String) -> Bool {
    skipBlanks()
    var end = position
    for byte in text.utf8 {
      guard end < bytes.count, bytes[end] == byte else { return false }
      end += 1
    }
    position = end
    return true
  }

  /// Where the text of a string lies that is all printable ASCII without escapes.
  mutating func string() -> Range<Int>? {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      guard 0x20..<0x7F ~= bytes[end], bytes[end] != UInt8(ascii: "\\") else { return nil }
      end += 1
    }
    guard end < bytes.count else { return nil }
    defer { position = end + 1 }
    return position + 1..<end
  }

  /// Whether an integer of at most 18 digits was there.
  mutating func integer() -> Bool {
    skipBlanks()
    guard let number = decimal(), number.isWhole, number.digits <= 18 else { return false }
    position = number.end
    return true
  }

  /// A finite number, correctly rounded.
  mutating func number() -> Double? {
    skipBlanks()
    guard let number = decimal() else { return nil }
    let start = position
    position = number.end
    // Two exact operands and one rounding.
    if number.digits <= 15, -22...22 ~= number.exponent {
      let value = Double(number.significand), scale = Self.powers[Int(number.exponent.magnitude)]
      return (number.isNegative ? -1 : 1) * (number.exponent < 0 ? value / scale : value * scale)
    }
    guard let value = Double(String(decoding: bytes[start..<number.end], as: UTF8.self)), value.isFinite else { return nil }
    return value
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// `significand * 10^exponent`; the significand is meaningless with more than 18 digits.
  private struct Decimal {
    var isNegative = false
    var isWhole = true
    var significand: UInt64 = 0
    /// Digits without leading zeros.
    var digits = 0
    var exponent = 0
    var end: Int
  }

  /// A number by the grammar of JSON from `position`.
  private func decimal() -> Decimal? {
    var number = Decimal(end: position)
    if byte(at: number.end) == UInt8(ascii: "-") {
      number.isNegative = true
      number.end += 1
    }
    let whole = digits(&number)
    if whole == 0 || (whole > 1 && byte(at: number.end - whole) == UInt8(ascii: "0")) { return nil }
    if byte(at: number.end) == UInt8(ascii: ".") {
      number.isWhole = false
      number.end += 1
      let fraction = digits(&number)
      if fraction == 0 { return nil }
      number.exponent = -fraction
    }
    if byte(at: number.end) | 0x20 == UInt8(ascii: "e") {
      number.isWhole = false
      number.end += 1
      let sign = byte(at: number.end)
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { number.end += 1 }
      var exponent = Decimal(end: number.end)
      let count = digits(&exponent)
      if count == 0 || exponent.digits > 9 { return nil }
      number.end = exponent.end
      number.exponent += (sign == UInt8(ascii: "-") ? -1 : 1) * Int(exponent.significand)
    }
    return number
  }

  /// Reads digits on, and says how many.
  private func digits(_ number: inout Decimal) -> Int {
    let start = number.end
    while number.end < bytes.count {
      let digit = bytes[number.end] &- UInt8(ascii: "0")
      if digit > 9 { break }
      number.significand = number.significand &* 10 &+ UInt64(digit)
      if number.digits > 0 || digit > 0 { number.digits += 1 }
      number.end += 1
    }
    return number.end - start
  }

  /// 0 behind the end.
  private func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  private mutating func skipBlanks() {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0A || bytes[position] == 0x0D || bytes[position] == 0x09 {
      position += 1
    }
  }
}
