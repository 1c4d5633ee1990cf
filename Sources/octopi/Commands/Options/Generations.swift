import ArgumentParser
import Octopi

/// `--tomo-uri TYPE@SPACING` and, of the inference guide, `--tomo-alg TYPE` with `--voxel-size SPACING`.
struct TomogramOptions: ParsableArguments {
  @Option(
    name: [.customLong("uri", withSingleDash: true), .customLong("tomo-uri")],
    help: ArgumentHelp("Tomograms as type@voxel-size (default: wbp@10.0).", valueName: "uri"))
  var tomoURI: String?

  @Option(
    name: [.customLong("alg", withSingleDash: true), .customLong("tomo-alg")],
    help: ArgumentHelp("Tomogram type, as in the inference guide (default: wbp).", valueName: "type"))
  var tomoAlg: String?

  @Option(
    name: [.customLong("vs", withSingleDash: true), .customLong("voxel-size")],
    help: ArgumentHelp("Voxel size in angstrom, as in the inference guide (default: 10).", valueName: "angstrom"))
  var voxelSize: Double?
}

/// `--seg-uri name:user/session` and, of the inference guide, `--seg-info name,user,session`.
struct SegmentationOptions: ParsableArguments {
  @Option(
    name: [.customLong("suri", withSingleDash: true), .customLong("seg-uri")],
    help: ArgumentHelp("Label volumes as name:user/session (default: predict:octopi/1).", valueName: "uri"))
  var segURI: String?

  @Option(
    name: [.customLong("seginfo", withSingleDash: true), .customLong("sinfo", withSingleDash: true), .customLong("seg-info")],
    help: ArgumentHelp("The same as name,user,session, as in the inference guide.", valueName: "list"))
  var segInfo: String?
}

extension TomogramOptions {
  /// The tomograms that both generations of options agree on.
  func resolved() throws -> TomogramURI {
    if let voxelSize { try Self.check(voxelSize, "--voxel-size \(voxelSize)") }
    guard let tomoURI else { return try TomogramURI(type: tomoAlg ?? "wbp", spacing: VoxelSpacing(voxelSize ?? 10)) }
    let uri = try TomogramURI(tomoURI)
    if let voxelSize, VoxelSpacing(voxelSize) != uri.spacing {
      throw UsageFailure.contradiction("--voxel-size \(voxelSize)", "--tomo-uri \(tomoURI)")
    }
    if let tomoAlg, tomoAlg != uri.type { throw UsageFailure.contradiction("--tomo-alg \(tomoAlg)", "--tomo-uri \(tomoURI)") }
    return uri
  }

  /// The same, nil where nothing was said.
  func chosen() throws -> TomogramURI? { tomoURI == nil && tomoAlg == nil && voxelSize == nil ? nil : try resolved() }

  static func check(_ angstrom: Double, _ option: String) throws(UsageFailure) {
    guard angstrom.isFinite, angstrom > 0 else {
      throw UsageFailure("\(option): a voxel size is a positive number of angstrom", remedy: "e.g. 10 or 13.48")
    }
  }
}

extension SegmentationOptions {
  /// The label volumes that both generations of options agree on; user and session default to octopi and 1.
  func resolved() throws -> SegmentationTarget {
    let uri = try segURI.map(SegmentationTarget.init), info = try segInfo.map(SegmentationTarget.init)
    if let segURI, let segInfo, let uri, let info, uri.description != info.description {
      throw UsageFailure.contradiction("--seg-uri \(segURI)", "--seg-info \(segInfo)")
    }
    return try uri ?? info ?? SegmentationTarget(name: "predict", user: "octopi", session: "1")
  }
}
