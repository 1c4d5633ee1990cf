/// Something that a person should know although the work goes on. The library returns warnings; showing them is the caller's.
public struct Warning: Sendable, Hashable {
  /// One line: names in single quotes, paths as the user gave them; no full stop.
  public let message: String
  /// What to do about it, where there is something.
  public let remedy: String?

  public init(_ message: String, remedy: String? = nil) {
    self.message = message
    self.remedy = remedy
  }
}
