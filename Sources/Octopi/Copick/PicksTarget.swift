/// Whose picks are written: a user and a session.
public struct PicksTarget: Sendable, Hashable {
  /// As typed; logs and their names have them like that.
  public let typedUser: String
  public let typedSession: String
  /// As copick writes them into file names.
  public let user: String
  public let session: String

  public init(user: String, session: String) throws(CopickError) {
    typedUser = user
    typedSession = session
    self.user = try SegmentationTarget.clean("user id", user)
    self.session = try SegmentationTarget.clean("session id", session)
  }

  /// What is written in another way than it was typed.
  public var warnings: [Warning] {
    [("user", typedUser, user), ("session", typedSession, session)].filter { !isSameText($0.1, $0.2) }.map { Warning.cleaned($0.0, $0.1, $0.2) }
  }
}
