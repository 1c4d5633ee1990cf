import ArgumentParser
import Octopi

extension StarFlavour: ExpressibleByArgument {}

/// What kind of STAR files are written.
struct StarOptions: ParsableArguments {
  @Option(name: .customLong("star-flavour"), help: ArgumentHelp("Which program reads the STAR files.", valueName: "program"))
  var flavour: StarFlavour = .relion5

  @Option(
    name: .customLong("tilt-series-pixel-size"), parsing: .unconditional,
    help: ArgumentHelp("Also write coordinates in unbinned pixels of this size in angstrom.", valueName: "angstrom"))
  var pixelSize: Double?

  @Option(
    name: .customLong("tomograms-star"),
    help: ArgumentHelp("RELION's tomograms.star: its sizes and pixel sizes count, not the project's.", valueName: "file"),
    completion: .file(extensions: ["star"]))
  var tomogramsFile: String?

  func check() throws(UsageFailure) {
    guard let pixelSize else { return }
    guard pixelSize.isFinite, pixelSize > 0 else {
      throw UsageFailure("--tilt-series-pixel-size \(pixelSize) is not a positive number of angstrom", remedy: "e.g. 1.54")
    }
    if let tomogramsFile { throw .contradiction("--tilt-series-pixel-size \(pixelSize)", "--tomograms-star \(tomogramsFile)") }
  }
}
