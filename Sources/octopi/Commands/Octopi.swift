import ArgumentParser
import Foundation
import Octopi

@main
struct OctopiCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "octopi",
    abstract: "Find particles in cryo-electron tomograms with octopi's 3D networks, on a CPU.",
    usage: "octopi COMMAND [options]",
    discussion: """
      Three steps from a copick project and a trained network to scored picks:

        octopi segment  -c config.json -mw model.onnx -mc model_config.yaml
        octopi localize -c config.json
        octopi evaluate -c config.json -gtuid data-portal -gtsid 0

      'octopi demo' does all three on a small example. Every command explains itself with --help.
      """,
    version: "octopi \(ProgramVersion.text)",
    subcommands: [
      Segment.self, Localize.self, Evaluate.self, Pick.self, Export.self, Extract.self, ShowPreview.self,
      Convert.self, RunNetwork.self, Verify.self,
      Bench.self, Info.self, Doctor.self,
      Demo.self,
    ])

  static func main() { Foundation.exit(Entry.run(Array(CommandLine.arguments.dropFirst()))) }

  func run() throws { throw CleanExit.helpRequest() }
}
