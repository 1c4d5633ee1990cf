import ArgumentParser
import Octopi

@main
struct OctopiCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "octopi", abstract: "Find particles in cryo-electron tomograms.")
}
