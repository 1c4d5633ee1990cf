import ArgumentParser
import Octopi

/// `--objects`.
struct ObjectsFileOption: ParsableArguments {
  @Option(
    name: .customLong("objects"),
    help: ArgumentHelp("For files: a copick configuration with names and radii (default: what the model carries).", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var file: String?
}

/// Windows, where `-o` is the output.
struct PickWindowOptions: ParsableArguments {
  @Option(
    name: .customLong("overlap"), parsing: .unconditional,
    help: ArgumentHelp("Overlap of neighbouring windows, 0 to below 1.", valueName: "fraction"))
  var overlap = 0.5

  @Option(
    name: [.customLong("ntta", withSingleDash: true), .customLong("ntta")], parsing: .unconditional,
    help: ArgumentHelp("Orientations that are averaged, 1 to 8.", valueName: "n"))
  var ntta = 4

  /// As `segment` has them.
  func all() throws -> WindowOptions {
    var all = try WindowOptions.parse([])
    (all.overlap, all.ntta) = (overlap, ntta)
    return all
  }
}

/// `--mrc`.
struct LabelMRCOption: ParsableArguments {
  @Flag(name: .customLong("mrc"), help: "For files: also write labels as MRC.")
  var mrc = false
}

/// `--truth`, where the picks that are compared with it are known.
struct TruthOption: ParsableArguments {
  @Option(
    name: .customLong("truth"), help: ArgumentHelp("For a project: compare with these picks in the preview.", valueName: "user/session"))
  var truth: String?
}

extension LookOptions {
  /// The first of the options that says something else than its default.
  var given: String? {
    let options: [(name: String, isGiven: Bool)] = [
      ("--slab", slab != 30), ("--z", plane != nil), ("--invert", invert), ("--y-up", yUp), ("--opacity", opacity != 0.4),
      ("--palette", palette != .config), ("--budget", budget != nil),
    ]
    return options.first(where: \.isGiven)?.name
  }
}
