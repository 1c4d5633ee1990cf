/// Writes YAML with the bytes of PyYAML's pure-Python safe dumper (PyYAML 6.0, `emitter.py`), with `sort_keys=False`.
///
///     PythonYAML.log.text(["outputs": ["seg_session_id": "1"]])     // outputs:\n  seg_session_id: '1'\n
///
/// ASCII only, newline at the end. Collections are in block form, but empty ones are `[]` and `{}`; sequences are not indented below
/// a key. How scalars are quoted and folded: `PythonYAMLScalar.swift`.
public struct PythonYAML: Sendable, Hashable {
  /// Blanks per level, 2 to 9.
  public let indent: Int
  /// Column after which text with blanks and lists in one line are folded.
  public let width: Int
  /// Lists that hold only scalars are written in one line, `[a, b]`.
  public let inlineScalarLists: Bool

  /// The parameter files in a project's `logs` folder (octopi `utils/io.py: save_parameters_yaml`).
  public static let log = PythonYAML(indent: 2, width: 100, inlineScalarLists: true)
  /// `average_metrics.yaml` (octopi `processing/evaluate.py: evaluator.run`).
  public static let scores = PythonYAML(indent: 4, width: 80, inlineScalarLists: false)

  public func text(_ value: PythonValue) -> String {
    var emitter = YAMLEmitter(style: self)
    emitter.document(value)
    return String(decoding: emitter.out, as: UTF8.self)
  }
}

/// The state of PyYAML's emitter: where the line stands decides what comes next.
struct YAMLEmitter {
  let style: PythonYAML
  var out: [UInt8] = []
  /// Characters since the last line break.
  var column = 0
  /// The last character was a blank or a line break: an indicator needs no blank before it.
  var endsInWhitespace = true
  /// The line holds nothing but indentation, `-`, `?` and `:` so far.
  var isIndentation = true
  /// Depth of lists in one line.
  var flowLevel = 0

  init(style: PythonYAML) { self.style = style }

  /// What the node that is written is part of.
  enum Context { case root, sequence, mapping, simpleKey }

  mutating func document(_ value: PythonValue) {
    let mark = node(value, in: .root, indent: nil) == .plain
    indentLine(0)
    if mark { put("...\n") }
  }

  /// Writes one node. The result is the style of a scalar, nil for a collection.
  @discardableResult
  mutating func node(_ value: PythonValue, in context: Context, indent: Int?) -> YAMLScalarStyle? {
    switch value {
    case .array(let elements):
      if isInline(elements) { flowSequence(elements, indent: indent) } else { blockSequence(elements, in: context, indent: indent) }
    case .object(let members):
      if members.isEmpty || flowLevel > 0 { flowMapping(members, indent: indent) } else { blockMapping(members, indent: indent) }
    default:
      return scalar(YAMLScalar(value), in: context, indent: deeper(than: indent, flow: true))
    }
    return nil
  }

  private func isInline(_ elements: [PythonValue]) -> Bool {
    if flowLevel > 0 || elements.isEmpty { return true }
    return style.inlineScalarLists && elements.allSatisfy(\.isScalar)
  }

  private func deeper(than indent: Int?, flow: Bool) -> Int {
    guard let indent else { return flow ? style.indent : 0 }
    return indent + style.indent
  }

  // MARK: Block form

  private mutating func blockSequence(_ elements: [PythonValue], in context: Context, indent: Int?) {
    let isBelowKey = context == .mapping && !isIndentation
    let inner = isBelowKey ? indent ?? 0 : deeper(than: indent, flow: false)
    for element in elements {
      indentLine(inner)
      indicator("-", isIndentation: true)
      node(element, in: .sequence, indent: inner)
    }
  }

  private mutating func blockMapping(_ members: [PythonValue.Member], indent: Int?) {
    let inner = deeper(than: indent, flow: false)
    for member in members {
      indentLine(inner)
      let key = YAMLScalar(.string(member.name))
      if key.isSimpleKey {
        scalar(key, in: .simpleKey, indent: deeper(than: inner, flow: true))
        indicator(":", needsBlank: false)
      } else {
        indicator("?", isIndentation: true)
        scalar(key, in: .mapping, indent: deeper(than: inner, flow: true))
        indentLine(inner)
        indicator(":", isIndentation: true)
      }
      node(member.value, in: .mapping, indent: inner)
    }
  }

  // MARK: In one line

  private mutating func flowSequence(_ elements: [PythonValue], indent: Int?) {
    let inner = deeper(than: indent, flow: true)
    indicator("[", isWhitespace: true)
    flowLevel += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { indicator(",", needsBlank: false) }
      if column > style.width { indentLine(inner) }
      node(element, in: .sequence, indent: inner)
    }
    flowLevel -= 1
    indicator("]", needsBlank: false)
  }

  private mutating func flowMapping(_ members: [PythonValue.Member], indent: Int?) {
    let inner = deeper(than: indent, flow: true)
    indicator("{", isWhitespace: true)
    flowLevel += 1
    for (index, member) in members.enumerated() {
      if index > 0 { indicator(",", needsBlank: false) }
      if column > style.width { indentLine(inner) }
      let key = YAMLScalar(.string(member.name))
      if key.isSimpleKey {
        scalar(key, in: .simpleKey, indent: deeper(than: inner, flow: true))
        indicator(":", needsBlank: false)
      } else {
        indicator("?")
        scalar(key, in: .mapping, indent: deeper(than: inner, flow: true))
        if column > style.width { indentLine(inner) }
        indicator(":")
      }
      node(member.value, in: .mapping, indent: inner)
    }
    flowLevel -= 1
    indicator("}", needsBlank: false)
  }

  // MARK: Characters

  mutating func put(_ text: some StringProtocol) {
    out.append(contentsOf: text.utf8)
    column += text.utf8.count
  }

  mutating func indicator(_ text: String, needsBlank: Bool = true, isWhitespace: Bool = false, isIndentation mark: Bool = false) {
    if needsBlank && !endsInWhitespace { put(" ") }
    put(text)
    endsInWhitespace = isWhitespace
    isIndentation = isIndentation && mark
  }

  mutating func breakLine() {
    out.append(UInt8(ascii: "\n"))
    column = 0
    endsInWhitespace = true
    isIndentation = true
  }

  /// Goes to column `indent`, on a new line unless this one holds only indentation up to there.
  mutating func indentLine(_ indent: Int) {
    if !isIndentation || column > indent || (column == indent && !endsInWhitespace) { breakLine() }
    if column < indent {
      put(String(repeating: " ", count: indent - column))
      endsInWhitespace = true
    }
  }
}

extension PythonValue {
  fileprivate var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }
}
