/// What happens to results that exist when a job begins.
public enum ExistingResults: Sendable, Hashable {
  /// They are an error, before anything is computed.
  case refuse
  case replace
  /// They stay as they are; only what is missing is computed.
  case keep

  /// For each path, whether what is there stays.
  /// - Throws: `OutputError.exists` for the first that is there, if that is refused.
  func kept(_ paths: [String]) throws(OutputError) -> [Bool] {
    var isKept: [Bool] = []
    for path in paths {
      switch self {
      case .replace: isKept.append(false)
      case .refuse:
        if try Outputs.isThere(path) { throw .exists(path: path, isResumable: true) }
        isKept.append(false)
      case .keep: isKept.append(try Outputs.isThere(path))
      }
    }
    return isKept
  }

  /// How a single output is written once it is decided that it will be.
  var forOutputs: Outputs.Existing { self == .replace ? .replace : .refuse }
}

extension Outputs {
  /// Whether something has this name.
  static func isThere(_ path: String) throws(OutputError) -> Bool {
    do {
      try refuse(path)
      return false
    } catch {
      if case .exists = error { return true }
      throw error
    }
  }
}
