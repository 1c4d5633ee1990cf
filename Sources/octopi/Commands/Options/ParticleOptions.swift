import ArgumentParser
import Octopi

/// How voxels of an object become picks.
struct ParticleOptions: ParsableArguments {
  enum Method: String, CaseIterable, ExpressibleByArgument {
    case watershed, com

    /// In any case of letters, as upstream.
    init?(argument: String) { self.init(rawValue: argument.lowercased()) }
  }

  @Option(name: [.customShort("m", allowingJoined: true), .customLong("method")], help: "How touching particles are told apart.")
  var method: Method = .watershed

  @Option(
    name: [.customLong("rmin", withSingleDash: true), .customLong("radius-min-scale")], parsing: .unconditional,
    help: ArgumentHelp("Smallest size kept: a ball of this times the object's radius.", valueName: "scale"))
  var radiusMinScale = 0.5

  @Option(
    name: [.customLong("rmax", withSingleDash: true), .customLong("radius-max-scale")], parsing: .unconditional,
    help: ArgumentHelp("Largest size kept: a ball of this times the object's radius.", valueName: "scale"))
  var radiusMaxScale = 1.0

  @Option(
    name: [.customLong("fs", withSingleDash: true), .customLong("filter-size")], parsing: .unconditional,
    help: ArgumentHelp("Edge of the box in which watershed sees one centre; com has no use for it.", valueName: "voxels"))
  var filterSize = 10

  @Option(
    name: [.customLong("lbl", withSingleDash: true), .customLong("label")], parsing: .unconditional,
    help: ArgumentHelp("Take this label for every object, whatever the log of segment says.", valueName: "label"))
  var label: Int?

  /// The method with its filter; scales and filter are checked.
  func localizeMethod() throws(UsageFailure) -> LocalizeMethod {
    for (option, scale) in [("--radius-min-scale", radiusMinScale), ("--radius-max-scale", radiusMaxScale)]
    where !(scale.isFinite && scale >= 0) {
      throw UsageFailure("\(option) \(scale) is not a scale", remedy: "0.5 and 1.0 are the defaults")
    }
    guard radiusMinScale <= radiusMaxScale else {
      throw .contradiction("--radius-min-scale \(radiusMinScale)", "--radius-max-scale \(radiusMaxScale)")
    }
    if let label, label <= 0 { throw UsageFailure("--label \(label) cannot be the label of an object", remedy: "labels are 1 and above") }
    switch method {
    case .com: return .centreOfMass
    case .watershed:
      guard filterSize > 0 else { throw UsageFailure("--filter-size \(filterSize) is not a number of voxels", remedy: "10 is the default") }
      return .watershed(filterSize: filterSize)
    }
  }
}

/// `--voxel-size` of label volumes.
struct LabelSpacingOption: ParsableArguments {
  @Option(
    name: [.customLong("vs", withSingleDash: true), .customLong("voxel-size")], parsing: .unconditional,
    help: ArgumentHelp("Voxel size of the label volumes in angstrom.", valueName: "angstrom"))
  var voxelSize = 10.0

  func spacing() throws(UsageFailure) -> VoxelSpacing {
    try TomogramOptions.check(voxelSize, "--voxel-size \(voxelSize)")
    return VoxelSpacing(voxelSize)
  }
}

/// `--n-procs`, which upstream needs.
struct ProcessesOption: ParsableArguments {
  @Option(
    name: [.customLong("np", withSingleDash: true), .customLong("n-procs")], parsing: .unconditional,
    help: ArgumentHelp("No effect: one process works on all runs, with --threads threads.", valueName: "n"))
  var processes: Int?

  func say(to console: Console) {
    if processes != nil { console.note("--n-procs has no effect here: one process works on all runs, with --threads threads") }
  }
}
