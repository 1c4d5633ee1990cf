/// Writes JSON with the bytes of Python's `json.dumps` (CPython `Lib/json/encoder.py`).
///
/// ASCII only: other characters become `\uXXXX` in lower case, above U+FFFF as a surrogate pair; `/` stays. Floats are written as
/// Python does (`1.0`, `1e-05`), those that are not finite as the bare words `NaN`, `Infinity` and `-Infinity`, which strict readers
/// refuse. There is no newline at the end.
public enum PythonJSON {
  /// - indent: blanks per level with one element a line, as `json.dumps(value, indent: n)`; nil: all in one line, `, ` and `: ` between.
  public static func text(_ value: PythonValue, indent: Int? = nil) -> String {
    var out = ""
    write(value, indent: indent, level: 0, to: &out)
    return out
  }

  private static func write(_ value: PythonValue, indent: Int?, level: Int, to out: inout String) {
    switch value {
    case .null: out += "null"
    case .bool(let flag): out += flag ? "true" : "false"
    case .int(let number): out += String(number)
    case .float(let number): out += text(of: number)
    case .string(let text): quote(text, to: &out)
    case .array(let elements):
      list(elements, "[", "]", indent: indent, level: level, to: &out) { element, out in
        write(element, indent: indent, level: level + 1, to: &out)
      }
    case .object(let members):
      list(members, "{", "}", indent: indent, level: level, to: &out) { member, out in
        quote(member.name, to: &out)
        out += ": "
        write(member.value, indent: indent, level: level + 1, to: &out)
      }
    }
  }

  /// An empty list has no blanks inside, whatever the indentation.
  private static func list<Element>(
    _ elements: [Element], _ open: String, _ close: String, indent: Int?, level: Int, to out: inout String,
    element write: (Element, inout String) -> Void
  ) {
    out += open
    for (index, element) in elements.enumerated() {
      if index > 0 { out += indent == nil ? ", " : "," }
      if let indent { out += "\n" + String(repeating: " ", count: indent * (level + 1)) }
      write(element, &out)
    }
    if let indent, !elements.isEmpty { out += "\n" + String(repeating: " ", count: indent * level) }
    out += close
  }

  private static func text(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
    return pythonText(ofFinite: number)
  }

  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{8}": out += "\\b"
      case "\u{c}": out += "\\f"
      case " "..."~": out.unicodeScalars.append(scalar)
      default:
        for unit in UTF16.encode(scalar) ?? UTF16.EncodedScalar() { out += "\\u" + hexadecimal(UInt32(unit), digits: 4) }
      }
    }
    out += "\""
  }
}

/// Lower-case hexadecimal digits, filled with zeros from the left.
func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
