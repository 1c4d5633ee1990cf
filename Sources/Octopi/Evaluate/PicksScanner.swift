/// Reads the centres of a picks file in the form that copick and octopi write, in one pass over the bytes, without building a tree.
///
/// It takes only what it is sure of: known names, each once, values of their plain types. Anything else, damaged or merely unusual, is left to
/// the reader of the whole format, which knows what it means or says what is wrong; so the two never disagree.
public enum PicksScanner {
  /// The centres in ångström in the order of the file; nil if the file must be read in full.
  /// - bytes: a whole file (JSON of copick's `CopickPicksFile`).
  public static func centres(in bytes: [UInt8]) -> [ParticleCentre]? {
    var file = PicksFileScanner(JSONScanner(bytes))
    return file.centres()
  }
}

/// The names of a picks file over the marks of JSON. Every function is false or nil for what it does not know.
private struct PicksFileScanner {
  private var json: JSONScanner
  private var points: [ParticleCentre] = []

  init(_ json: JSONScanner) { self.json = json }

  mutating func centres() -> [ParticleCentre]? {
    let names = ["pickable_object_name", "user_id", "session_id", "run_name", "voxel_spacing", "unit", "points", "trust_orientation"]
    guard let seen = object(names.map { Array($0.utf8) }, value: { $0.fileValue($1) }) else { return nil }
    // The first three must be there.
    return json.isAtEnd && seen & 0b111 == 0b111 ? points : nil
  }

  private mutating func fileValue(_ name: Int) -> Bool {
    switch name {
    case 0...2: json.string() != nil
    case 3: json.string() != nil || json.take("null")
    case 4: json.number() != nil || json.take("null")
    case 5: json.take("\"angstrom\"")
    case 6: list { $0.point() }
    default: json.take("true") || json.take("false") || json.take("null")
    }
  }

  private static let pointNames = ["location", "transformation_", "instance_id", "score"].map { Array($0.utf8) }
  private static let axes = ["x", "y", "z"].map { Array($0.utf8) }

  private mutating func point() -> Bool {
    var location = SIMD3<Double>(), shift = SIMD3<Double>()
    let seen = object(Self.pointNames) { file, name in
      switch name {
      case 0:
        return file.object(Self.axes) { file, axis in
          guard let value = file.json.number() else { return false }
          location[axis] = value
          return true
        } == 0b111
      case 1:
        guard let translation = file.translation() else { return false }
        shift = translation
        return true
      case 2: return file.json.integer() || file.json.take("null")
      default: return file.json.number() != nil || file.json.take("null")
      }
    }
    guard let seen, seen & 1 == 1 else { return false }
    points.append(ParticleCentre(x: location.x + shift.x, y: location.y + shift.y, z: location.z + shift.z))
    return true
  }

  /// The last column of a 4 x 4 matrix whose last row is 0, 0, 0, 1.
  private mutating func translation() -> SIMD3<Double>? {
    var shift = SIMD3<Double>()
    guard json.take("[") else { return nil }
    for row in 0..<4 {
      guard json.take("[") else { return nil }
      for column in 0..<4 {
        guard let value = json.number(), json.take(column < 3 ? "," : "]") else { return nil }
        if row == 3, value != (column == 3 ? 1 : 0) { return nil }
        if row < 3, column == 3 { shift[row] = value }
      }
      guard json.take(row < 3 ? "," : "]") else { return nil }
    }
    return shift
  }

  /// An object whose names are among `names`, each at most once; which they were, one bit each.
  private mutating func object(_ names: [[UInt8]], value: (inout Self, Int) -> Bool) -> Int? {
    var seen = 0
    guard json.take("{") else { return nil }
    if json.take("}") { return seen }
    repeat {
      guard let range = json.string(), let name = names.firstIndex(where: { json.bytes[range].elementsEqual($0) }) else { return nil }
      guard seen & 1 << name == 0, json.take(":"), value(&self, name) else { return nil }
      seen |= 1 << name
    } while json.take(",")
    return json.take("}") ? seen : nil
  }

  private mutating func list(element: (inout Self) -> Bool) -> Bool {
    guard json.take("[") else { return false }
    if json.take("]") { return true }
    repeat {
      guard element(&self) else { return false }
    } while json.take(",")
    return json.take("]")
  }
}
