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
  /// Type and voxel size that both generations of options agree on.
  func resolved() throws(UsageFailure) -> (type: String, spacing: VoxelSpacing) {
    if let voxelSize { try Self.check(voxelSize, "--voxel-size \(voxelSize)") }
    guard let tomoURI else { return (tomoAlg ?? "wbp", VoxelSpacing(voxelSize ?? 10)) }
    let parts = tomoURI.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let spacing = Double(parts[1]) else {
      throw UsageFailure("--tomo-uri '\(tomoURI)' is not of the form type@voxel-size", remedy: "e.g. --tomo-uri wbp@10.0")
    }
    try Self.check(spacing, "--tomo-uri '\(tomoURI)'")
    if let voxelSize, voxelSize != spacing { throw .contradiction("--voxel-size \(voxelSize)", "--tomo-uri \(tomoURI)") }
    if let tomoAlg, tomoAlg != parts[0] { throw .contradiction("--tomo-alg \(tomoAlg)", "--tomo-uri \(tomoURI)") }
    return (String(parts[0]), VoxelSpacing(spacing))
  }

  static func check(_ angstrom: Double, _ option: String) throws(UsageFailure) {
    guard angstrom.isFinite, angstrom > 0 else {
      throw UsageFailure("\(option): a voxel size is a positive number of angstrom", remedy: "e.g. 10 or 13.48")
    }
  }
}

/// Name, user and session of label volumes.
struct SegmentationName: Equatable {
  var name: String, user: String, session: String
}

extension SegmentationOptions {
  /// The label volumes that both generations of options agree on; user and session default to octopi and 1.
  func resolved() throws(UsageFailure) -> SegmentationName {
    let uri = try segURI.map { text throws(UsageFailure) in try Self.parse(text, option: "--seg-uri") }
    let info = try segInfo.map { text throws(UsageFailure) in try Self.parse(text, option: "--seg-info") }
    if let segURI, let segInfo, let uri, let info, uri != info {
      throw .contradiction("--seg-uri \(segURI)", "--seg-info \(segInfo)")
    }
    return uri ?? info ?? SegmentationName(name: "predict", user: "octopi", session: "1")
  }

  /// `name`, `name:user`, `name:user/session`, or `name,user,session`.
  static func parse(_ text: String, option: String) throws(UsageFailure) -> SegmentationName {
    let wrong = UsageFailure("\(option) '\(text)' is not of the form name:user/session", remedy: "e.g. predict:unet/1 or predict,unet,1")
    if text.contains("@") {
      throw UsageFailure(
        "\(option) '\(text)' has an '@'", remedy: "label volumes have the voxel size of their tomograms: --tomo-uri or --voxel-size")
    }
    if text.contains(",") {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, !parts.contains("") else { throw wrong }
      return SegmentationName(name: parts[0], user: parts[1], session: parts[2])
    }
    let colon = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let owner = colon.count == 2 ? colon[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false) : []
    guard let name = colon.first, !name.isEmpty, !(owner.first?.contains(":") ?? false) else { throw wrong }
    func part(_ index: Int, default fallback: String) -> String {
      owner.indices.contains(index) && !owner[index].isEmpty ? String(owner[index]) : fallback
    }
    return SegmentationName(name: String(name), user: part(0, default: "octopi"), session: part(1, default: "1"))
  }
}
