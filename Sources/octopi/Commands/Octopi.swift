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
    groupedSubcommands: [
      CommandGroup(name: "From tomograms to picks", subcommands: [Segment.self, Localize.self, Evaluate.self, Pick.self, Demo.self]),
      CommandGroup(name: "Results", subcommands: [ShowPreview.self, Export.self, Extract.self]),
      CommandGroup(name: "Networks", subcommands: [Convert.self, Info.self, RunNetwork.self, Verify.self, Bench.self]),
      CommandGroup(name: "This machine", subcommands: [Doctor.self]),
    ])

  @Option(
    name: .customLong("generate-manual"), help: ArgumentHelp("Write the man pages into a folder.", valueName: "folder"), completion: .directory)
  var manualFolder: String?

  static func main() { Foundation.exit(Entry.run(Array(CommandLine.arguments.dropFirst()))) }

  func run() throws {
    guard let manualFolder else { throw CleanExit.helpRequest() }
    let outputs = Outputs()
    for page in ManualPage.all {
      let path = manualFolder + "/" + page.file
      try outputs.write(Array(page.text.utf8), to: path, existing: .replace)
      Stream.output.write(path + "\n")
    }
  }
}
