/// Which tomogram of a run: `wbp@10.0`, a type and a voxel spacing (copick `util/uri.py`; octopi `workflows.py: segment`).
public struct TomogramURI: Sendable, Hashable {
  /// The type as typed: a name, a pattern of the shell (`w*`, `[dw]*`), or `re:` and a regular expression.
  public let type: String
  public let spacing: VoxelSpacing
  private let pattern: NamePattern

  /// Reads `TYPE@SPACING`: one `@`, a positive number behind it. What follows a `?` is ignored.
  public init(_ text: String) throws(CopickError) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw .badText(problem: "tomogram '\(text)' must have one '@' before the voxel spacing", example: "'wbp@10.0'")
    }
    let number = parts[1].prefix { $0 != "?" }
    guard let spacing = pythonFloat(number), spacing.isFinite, spacing > 0 else {
      throw .badText(problem: "tomogram '\(text)': '\(number)' is not a voxel spacing in ångström", example: "'wbp@10.0'")
    }
    try self.init(type: String(parts[0]), spacing: VoxelSpacing(spacing))
  }

  public init(type: String, spacing: VoxelSpacing) throws(CopickError) {
    self.type = type
    self.spacing = spacing
    let name = type.drop { $0.isWhitespace }.prefix { $0 != "?" }
    if name.hasPrefix("re:") {
      guard let pattern = NamePattern(regularExpression: String(name.dropFirst(3))) else {
        throw .badText(problem: "tomogram type '\(type)' is not a regular expression", example: "'re:wbp.*@10.0'")
      }
      self.pattern = pattern
    } else {
      pattern = NamePattern(String(name))
    }
  }

  /// Those of several tomograms that are meant. A name that no tomogram has is looked for as copick would have written it.
  func matches(_ tomograms: [Tomogram]) -> [Tomogram] {
    let near = tomograms.filter { $0.spacing == spacing }
    let found = near.filter { pattern.matches($0.type) }
    guard found.isEmpty, let name = pattern.exactName, let clean = CleanName.sanitized(name) else { return found }
    return near.filter { isSameText($0.type, clean) }
  }

  /// "it has: denoised@10, wbp@13.48. Try --tomo-uri denoised@10".
  func suggestion(of available: [String]) -> String {
    guard !available.isEmpty else { return "it has none" }
    let closest = closestNames(to: description, in: available).first ?? (available.count == 1 ? available.first : nil)
    return "it has: \(CopickError.list(available))" + (closest.map { ". Try --tomo-uri \($0)" } ?? "")
  }
}

extension TomogramURI: CustomStringConvertible {
  public var description: String { "\(type)@\(spacing.shortText)" }
}

extension VoxelSpacing {
  /// `10`, `13.48`.
  public var shortText: String {
    let text = pythonText(ofFinite: angstrom)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
