import Graph

/// What the text at the start of a .npy file says: type, order and shape of the numbers behind it.
///
/// The text is a Python dictionary with exactly the keys `descr`, `fortran_order` and `shape` (NumPy enhancement proposal 1,
/// numpy `lib/format.py`).
struct NumPyHeader {
  let type: TensorType
  let isBigEndian: Bool
  /// The first axis is the fastest.
  let isFortran: Bool
  /// Where the numbers begin.
  let start: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy itself writes some hundred bytes.
  private static let longest = 1 << 16

  static func isAtStart(of bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  init(_ bytes: [UInt8], file: String) throws(NumPyError) {
    func damaged(_ reason: String) -> NumPyError { .damaged(file: file, reason: reason) }
    guard NumPyHeader.isAtStart(of: bytes) else { throw damaged("it does not begin with NumPy's mark") }
    guard bytes.count >= 8 else { throw damaged("it ends within its first line") }
    let major = bytes[6], minor = bytes[7]
    guard (1...3).contains(major), minor == 0 else { throw .unsupported(file: file, reason: "it has version \(major).\(minor) of the format") }
    let lengthBytes = major == 1 ? 2 : 4, prefix = 8 + lengthBytes
    guard bytes.count >= prefix else { throw damaged("it ends within its first line") }
    let length = bytes[8..<prefix].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NumPyHeader.longest else { throw damaged("its first line has \(length) bytes") }
    guard length <= bytes.count - prefix else { throw damaged("it ends within its first line") }
    start = prefix + length
    var literal = PythonLiteral(bytes[prefix..<start])
    guard let entries = literal.dictionary(), Set(entries.map(\.key)) == ["descr", "fortran_order", "shape"], entries.count == 3 else {
      throw damaged("its first line is no dictionary of descr, fortran_order and shape")
    }
    let values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    guard case .bool(let order)? = values["fortran_order"], case .tuple(let shape)? = values["shape"] else {
      throw damaged("its first line has a wrong fortran_order or shape")
    }
    guard case .string(let descr)? = values["descr"] else {
      throw .unsupported(file: file, reason: "its elements are records")
    }
    guard let (element, isBig) = NumPyHeader.element(descr) else { throw .unsupported(file: file, reason: "its elements are of type '\(descr)'") }
    isFortran = order
    isBigEndian = isBig
    do throws(GraphError) { type = try TensorType(element, shape).checked() } catch { throw damaged(error.reason) }
  }

  /// `<f4` and its like.
  private static func element(_ descr: String) -> (ElementType, isBigEndian: Bool)? {
    guard let mark = descr.first, "<>|=".contains(mark), let element = codes.first(where: { $0.code == descr.dropFirst() })?.element else { return nil }
    return mark == "|" && element.byteCount > 1 ? nil : (element, mark == ">")
  }

  static let codes: [(code: String, element: ElementType)] = [
    ("f4", .float32), ("f2", .float16), ("f8", .float64), ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64), ("u1", .uint8),
    ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("b1", .bool),
  ]

  /// The first bytes of a file, up to the numbers: little endian, row-major, a multiple of 64 bytes as NumPy writes it.
  static func bytes(for type: TensorType) -> [UInt8] {
    let code = codes.first { $0.element == type.element }?.code ?? "f4"
    let shape = type.shape.map(String.init).joined(separator: ", ") + (type.shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type.element.byteCount == 1 ? "|" : "<")\(code)', 'fortran_order': False, 'shape': (\(shape)), }"
    let unpadded = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = text.utf8.count
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// The few Python literals that stand in a header.
struct PythonLiteral {
  enum Value: Equatable {
    case string(String)
    case bool(Bool)
    case tuple([Int])
    /// Something else between brackets.
    case other
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The whole text as a dictionary with strings as keys; nil if it is none.
  mutating func dictionary() -> [(key: String, value: Value)]? {
    guard skip("{") else { return nil }
    var entries: [(String, Value)] = []
    while !skip("}") {
      guard let key = string(), skip(":"), let value = value() else { return nil }
      entries.append((key, value))
      if !skip(",") {
        guard skip("}") else { return nil }
        break
      }
    }
    skipSpace()
    return rest.isEmpty ? entries : nil
  }

  private mutating func value() -> Value? {
    if let text = string() { return .string(text) }
    if skip("True") { return .bool(true) }
    if skip("False") { return .bool(false) }
    if skip("(") { return tuple() }
    return skip("[") ? list() : nil
  }

  private mutating func tuple() -> Value? {
    var numbers: [Int] = []
    while !skip(")") {
      guard let number = number() else { return nil }
      numbers.append(number)
      if !skip(",") {
        // A single number in parentheses is no tuple in Python.
        guard numbers.count > 1, skip(")") else { return nil }
        break
      }
    }
    return .tuple(numbers)
  }

  /// Records: what they hold does not matter, only where they end.
  private mutating func list() -> Value? {
    var depth = 1
    while depth > 0, let byte = rest.popFirst() {
      if byte == UInt8(ascii: "[") { depth += 1 } else if byte == UInt8(ascii: "]") { depth -= 1 }
    }
    return depth == 0 ? .other : nil
  }

  private mutating func number() -> Int? {
    skipSpace()
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
    rest = rest.dropFirst(digits.count)
    _ = skip("L")  // as Python 2 wrote long integers
    return number
  }

  private mutating func string() -> String? {
    skipSpace()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    let body = rest.dropFirst()
    guard let end = body.firstIndex(of: quote), !body[..<end].contains(UInt8(ascii: "\\")) else { return nil }
    rest = body[(end + 1)...]
    return String(validating: body[..<end], as: UTF8.self)
  }

  private mutating func skip(_ text: String) -> Bool {
    skipSpace()
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}
