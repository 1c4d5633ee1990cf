/// One of an array's or a group's metadata files, with errors that name the file and the key.
struct MetadataFile {
  /// For messages; that of the array is one folder up.
  let path: String
  let folder: String
  let root: PythonValue

  /// - Returns: nil when the file is not there.
  init?(_ name: String, in folder: String) throws(ZarrError) {
    path = folder + "/" + name
    self.folder = folder
    guard let bytes = try StoreFile.contents(of: path, limit: ArrayLimits.metadataBytes) else { return nil }
    do {
      root = try PythonJSON.value(bytes)
    } catch {
      throw .notJSON(file: path, detail: "line \(error.line), column \(error.column): \(error.reason)")
    }
  }

  /// The members of the document.
  func members() throws(ZarrError) -> [PythonValue.Member] {
    guard case .object(let members) = root else { throw invalid("", "it is \(root.brief), not an object") }
    return members
  }

  func invalid(_ key: String, _ problem: String, allowed: String? = nil) -> ZarrError {
    .invalid(file: path, key: key, problem: problem, allowed: allowed)
  }

  func unsupported(_ what: String, known: String? = nil) -> ZarrError { .unsupported(path: folder, what: what, known: known) }

  func required(_ key: String) throws(ZarrError) -> PythonValue {
    guard let value = root[key] else { throw invalid(key, "it is missing") }
    return value
  }

  /// The member, unless it is missing or null.
  func optional(_ key: String) -> PythonValue? {
    let value = root[key]
    return value == .null ? nil : value
  }

  /// A list of integers of 1 or more, as many as there are axes.
  func axes(_ value: PythonValue?, _ key: String, rank: Int? = nil) throws(ZarrError) -> [Int] {
    guard let value else { throw invalid(key, "it is missing") }
    guard case .array(let elements) = value else { throw invalid(key, "\(value.brief) is not a list of integers") }
    guard (1...ArrayLimits.rank).contains(elements.count) else { throw invalid(key, "it has \(elements.count) axes", allowed: "1...\(ArrayLimits.rank)") }
    if let rank, elements.count != rank { throw invalid(key, "it has \(elements.count) axes, the array has \(rank)") }
    var axes: [Int] = []
    for (axis, element) in elements.enumerated() {
      guard case .int(let size) = element else { throw invalid("\(key)[\(axis)]", "\(element.brief) is not an integer below 2^63") }
      guard size >= 1 else { throw invalid("\(key)[\(axis)]", "\(size) is less than 1") }
      axes.append(size)
    }
    return axes
  }

  func check(shape: [Int], type: StoredType, key: String) throws(ZarrError) {
    guard ArrayLimits.bytes(shape, type) != nil else {
      throw invalid(key, "\(shape.map(String.init).joined(separator: " x ")) values of \(type.bytes) bytes are too many to be addressed")
    }
  }

  /// A chunk that is packed as a whole.
  func check(chunk: [Int], type: StoredType, key: String) throws(ZarrError) {
    guard let bytes = ArrayLimits.bytes(chunk, type), bytes <= BloscHeader.largestBuffer else {
      throw invalid(
        key, "a chunk of \(chunk.map(String.init).joined(separator: " x ")) values of \(type.bytes) bytes is too large",
        allowed: "\(BloscHeader.largestBuffer) bytes")
    }
  }
}

extension PythonValue {
  /// A member of an object; of a name that is there twice, the last.
  subscript(key: String) -> PythonValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == key }?.value
  }

  var object: [Member]? { if case .object(let members) = self { members } else { nil } }
  var list: [PythonValue]? { if case .array(let elements) = self { elements } else { nil } }
  var string: String? { if case .string(let text) = self { text } else { nil } }
  var integer: Int? { if case .int(let number) = self { number } else { nil } }
  var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  /// As it stands in the file, cut off when it is long.
  var brief: String {
    let text = PythonJSON.text(self)
    return text.count <= 60 ? text : text.prefix(57) + "..."
  }
}
