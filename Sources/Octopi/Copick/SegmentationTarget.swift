/// Which segmentation, without its voxel spacing: `name:user/session` (octopi `utils/parsers.py: parse_target`).
public struct SegmentationTarget: Sendable, Hashable {
  /// As typed; logs and their names have it like that. A missing user or session is nil.
  public let typedName: String
  public let typedUser: String?
  public let typedSession: String?
  /// As copick writes them into file names. A missing user is `octopi`, a missing session `1`.
  public let name: String
  public let user: String
  public let session: String

  /// Reads `name`, `name:user`, `name:user/session`, or `name,user,session` with commas.
  public init(_ text: String) throws(CopickError) {
    let commas = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if commas.count > 1 {
      guard commas.count == 3 else {
        throw .badText(problem: "segmentation '\(text)' has \(commas.count) parts", example: "'predict:octopi/1' or 'predict,octopi,1'")
      }
      try self.init(name: commas[0], user: commas[1], session: commas[2])
      return
    }
    if text.contains("@") {
      throw .badText(problem: "segmentation '\(text)' has a voxel spacing, which belongs to --tomo-uri or --voxel-size", example: "'predict:octopi/1'")
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let ids = parts.count > 1 ? parts[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false) : []
    try self.init(name: String(parts[0]), user: ids.first.map(String.init), session: ids.count > 1 ? String(ids[1]) : nil)
  }

  /// An empty user or session is a missing one.
  public init(name: String, user: String?, session: String?) throws(CopickError) {
    typedName = name
    typedUser = user.flatMap { $0.isEmpty ? nil : $0 }
    typedSession = session.flatMap { $0.isEmpty ? nil : $0 }
    self.name = try SegmentationTarget.clean("segmentation name", name)
    self.user = try SegmentationTarget.clean("user id", typedUser ?? "octopi")
    self.session = try SegmentationTarget.clean("session id", typedSession ?? "1")
  }

  static func clean(_ what: String, _ text: String) throws(CopickError) -> String {
    guard let name = CleanName.sanitized(text) else {
      throw .badText(problem: "\(what) '\(text)' has no character that file names can have", example: "'predict:octopi/1'")
    }
    return name
  }

  /// What is written in another way than it was typed.
  public var warnings: [Warning] {
    [
      ("segmentation", typedName, name), ("user", typedUser ?? user, user), ("session", typedSession ?? session, session),
    ].filter { !isSameText($0.1, $0.2) }.map { Warning.cleaned($0.0, $0.1, $0.2) }
  }

  /// Whether a store is meant: as typed, or as it is written.
  func matches(_ store: Segmentation) -> (asTyped: Bool, asWritten: Bool) {
    let asTyped = isSameText(store.name, typedName) && isSameText(store.user, typedUser ?? user) && isSameText(store.session, typedSession ?? session)
    return (asTyped, isSameText(store.name, name) && isSameText(store.user, user) && isSameText(store.session, session))
  }

  /// The same name and user with another session.
  func with(session: String) -> SegmentationTarget { SegmentationTarget(self, session: session) }

  private init(_ other: SegmentationTarget, session: String) {
    typedName = other.typedName
    typedUser = other.typedUser
    typedSession = session
    name = other.name
    user = other.user
    self.session = session
  }
}

extension SegmentationTarget: CustomStringConvertible {
  public var description: String { "\(name):\(user)/\(session)" }
}

/// A list of names as octopi reads it (`utils/parsers.py: parse_list`): brackets at both ends are dropped, items are trimmed; empty items
/// stay.
public func namesInList(_ text: String) -> [String] {
  var inner = text[...]
  while let first = inner.first, first == "[" || first == "]" { inner.removeFirst() }
  while let last = inner.last, last == "[" || last == "]" { inner.removeLast() }
  return inner.split(separator: ",", omittingEmptySubsequences: false).map { item in
    var item = item
    while item.first?.isWhitespace == true { item.removeFirst() }
    while item.last?.isWhitespace == true { item.removeLast() }
    return String(item)
  }
}

extension SegmentationTarget {
  /// "there are: predict:unet/1@10. Try --seg-uri predict:unet/1", or how to make one.
  ///
  /// - available: as `NAME:USER/SESSION@SPACING`.
  func suggestion(of available: [String], at spacing: VoxelSpacing) -> String {
    guard !available.isEmpty else { return "there is none. Make it with 'octopi segment'" }
    let list = "there are: \(CopickError.list(available)). "
    guard let closest = closestNames(to: "\(self)@\(spacing.shortText)", in: available).first else { return list + "Make it with 'octopi segment'" }
    let parts = closest.split(separator: "@").map(String.init)
    let name = parts.first.flatMap { $0 == "\(self)" ? nil : "--seg-uri \(shellWord($0))" }
    let size = parts.last.flatMap { $0 == spacing.shortText ? nil : "--voxel-size \($0)" }
    return list + "Try " + [name, size].compactMap(\.self).joined(separator: " ")
  }
}
