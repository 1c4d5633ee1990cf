/// What Python's `json` and `yaml` modules write: an ordered tree of plain values.
///
///     let log: PythonValue = ["inputs": ["voxel_size": 10.0], "labels": .object(labels)]
///     PythonJSON.text(log, indent: 4)
///     PythonYAML.log.text(log)
///
/// Integers and floating-point numbers are different things (`1` and `1.0`), as they are in Python. Names of an object keep their
/// order and are compared as bytes nowhere: a name that is given twice is written twice.
public indirect enum PythonValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case array([PythonValue])
  case object([Member])

  /// One name of an object and its value.
  public struct Member: Sendable, Hashable {
    public let name: String
    public let value: PythonValue
    public init(_ name: String, _ value: PythonValue) {
      self.name = name
      self.value = value
    }
  }

  /// A string, or null for nil.
  public static func optional(_ text: String?) -> PythonValue { text.map(PythonValue.string) ?? .null }
}

extension PythonValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: PythonValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, PythonValue)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
}

/// Python's `repr` of a finite float: the shortest digits that read back as the same number, always with a point or an exponent.
///
/// Positional from 1e-4 up to, not including, 1e16 (Swift's own description turns to exponents at 2^53 already); the exponent has a
/// sign and two digits or more (`float_repr_style` "short", CPython `Python/pystrtod.c`, format code `r`).
func pythonText(ofFinite value: Double) -> String {
  assert(value.isFinite)
  let sign = value.sign == .minus ? "-" : ""
  if value == 0 { return sign + "0.0" }
  var (digits, point) = shortestDigits(of: value.magnitude)
  if point > 16 || point < -3 {
    let mantissa = digits.count == 1 ? digits : String(digits.removeFirst()) + "." + digits
    let exponent = String((point - 1).magnitude)
    return sign + mantissa + "e" + (point > 0 ? "+" : "-") + (exponent.count == 1 ? "0" : "") + exponent
  }
  if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
  if digits.count <= point { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
  return sign + digits.prefix(point) + "." + digits.dropFirst(point)
}

/// The digits d of a positive finite number and p, such that the number is 0.d x 10^p; the first and the last digit are not zero.
private func shortestDigits(of value: Double) -> (digits: String, point: Int) {
  let parts = value.description.split(separator: "e", maxSplits: 1)
  let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  let whole = mantissa[0]
  let fraction = mantissa.count > 1 ? mantissa[1] : ""
  var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
  let all = whole + fraction
  let leading = all.prefix { $0 == "0" }.count
  point -= leading
  var digits = String(all.dropFirst(leading))
  while digits.last == "0" { digits.removeLast() }
  return (digits, point)
}
