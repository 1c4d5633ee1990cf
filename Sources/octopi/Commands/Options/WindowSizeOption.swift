import ArgumentParser
import Octopi

/// `--size`: the window of a network whose size is open.
struct WindowSizeOption: ParsableArguments {
  @Option(
    name: .customLong("size"), parsing: .unconditional,
    help: ArgumentHelp("Edge of the window, or Z,Y,X, for a network whose size is open (default: 96).", valueName: "n"))
  var size: String?

  /// One edge or three; nil where nothing was asked for.
  func requested() throws(UsageFailure) -> [Int]? {
    guard let size else { return nil }
    let numbers = size.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let edges = numbers.compactMap { $0 }
    guard edges.count == numbers.count, edges.count == 1 || edges.count == 3, edges.allSatisfy((1...65536).contains) else {
      throw UsageFailure("--size '\(size)' is not the size of a window", remedy: "give one edge or three, e.g. --size 96 or --size 64,96,96")
    }
    return edges
  }
}
