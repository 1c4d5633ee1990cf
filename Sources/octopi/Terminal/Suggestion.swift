import Octopi

/// "Did you mean": the nearest of the names that there are.
enum Suggestion {
  /// The name that `typed` was most likely meant to be: the same but for case and hyphens, else the one with the fewest letters changed.
  static func nearest(to typed: String, among names: [String]) -> String? {
    names.first { plain($0) == plain(typed) } ?? closestNames(to: typed, in: names, limit: 1).first
  }

  private static func plain(_ name: String) -> String { name.lowercased().filter { $0 != "-" && $0 != "_" } }
}
