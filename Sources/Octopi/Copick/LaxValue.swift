/// A value of a JSON file, and the way to it: what messages need. Types are lax, as pydantic's default mode has it.
struct LaxValue {
  let file: String
  /// `pickable_objects[2].label`; empty for the whole file.
  let place: String
  /// Nil when the name is not there.
  let value: PythonValue?

  init(file: String, _ value: PythonValue) {
    self.init(file: file, place: "", value: value)
  }

  private init(file: String, place: String, value: PythonValue?) {
    self.file = file
    self.place = place
    self.value = value
  }

  /// The value of a name in this object.
  subscript(name: String) -> LaxValue {
    var found: PythonValue?
    if case .object(let members) = value { found = members.first { isSameText($0.name, name) }?.value }
    return LaxValue(file: file, place: place.isEmpty ? name : place + "." + name, value: found)
  }

  var isMissing: Bool { value == nil }
  var isNull: Bool { value == .null }

  // MARK: Required values

  /// Throws unless this is an object.
  func object(_ expected: String) throws(CopickError) {
    guard case .object = value else { throw wrong("an object", expected) }
  }

  func elements(_ expected: String) throws(CopickError) -> [LaxValue] {
    guard case .array(let elements) = value else { throw wrong("a list", expected) }
    return elements.enumerated().map { LaxValue(file: file, place: "\(place)[\($0.offset)]", value: $0.element) }
  }

  /// Numbers are never text.
  func text(_ expected: String) throws(CopickError) -> String {
    guard case .string(let text) = value else { throw wrong("text", expected) }
    return text
  }

  /// `3`, `3.0`, `"3"` and `true` are integers, `2.5` is none.
  func integer(_ expected: String) throws(CopickError) -> Int {
    let found: Int? =
      switch value {
      case .int(let number): number
      case .float(let number): Int(exactly: number)
      case .bool(let flag): flag ? 1 : 0
      case .string(let text): pydanticInteger(text)
      default: nil
      }
    guard let found else { throw wrong("an integer", expected) }
    return found
  }

  /// Finite: NaN and infinity, which Python reads, are refused.
  func number(_ expected: String) throws(CopickError) -> Double {
    let found: Double? =
      switch value {
      case .int(let number): Double(number)
      case .float(let number): number
      case .bool(let flag): flag ? 1 : 0
      case .string(let text): pythonFloat(text)
      default: nil
      }
    guard let found else { throw wrong("a number", expected) }
    guard found.isFinite else { throw wrong("a finite number", expected) }
    return found
  }

  /// Truth values, 1 and 0, and the words true, yes, on, t, y and their opposites in any letter case.
  func flag(_ expected: String) throws(CopickError) -> Bool {
    switch value {
    case .bool(let flag): return flag
    case .int(0), .float(0): return false
    case .int(1), .float(1): return true
    case .string(let text) where ["true", "yes", "on", "t", "y", "1"].contains(text.lowercased()): return true
    case .string(let text) where ["false", "no", "off", "f", "n", "0"].contains(text.lowercased()): return false
    default: throw wrong("true or false", expected)
    }
  }

  // MARK: Errors

  /// "PLACE: 2.5 is not an integer", or "PLACE is missing".
  func wrong(_ what: String, _ expected: String) -> CopickError {
    guard let value else { return problem(" is missing", expected) }
    return problem(": \(LaxValue.text(of: value)) is not \(what)", expected)
  }

  /// - problem: follows the place at once.
  func problem(_ problem: String, _ expected: String?) -> CopickError {
    let whole = place.isEmpty ? String(problem.trimmingPrefix(": ")) : place + problem
    return .invalid(file: file, problem: whole, expected: expected)
  }

  private static func text(of value: PythonValue) -> String {
    let text = PythonJSON.text(value)
    return text.count > 60 ? text.prefix(57) + "..." : text
  }
}
