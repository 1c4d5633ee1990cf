import ArgumentParser
import Octopi

/// `octopi demo`: the whole way on the built-in example.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Segment, localize and evaluate the built-in example.")
  func run() throws {}
}
