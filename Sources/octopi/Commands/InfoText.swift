import Octopi

/// What `info` says of projects.
struct ProjectText {
  private let info: ProjectInfo

  init(_ info: ProjectInfo) { self.info = info }

  func show(_ console: Console) {
    for warning in info.warnings { console.warning(warning) }
    console.result(text)
    console.document(document)
  }

  private var text: String {
    let project = info.project, configuration = project.configuration
    var text = "\(configuration.file): a copick project\(configuration.name.map { " '\($0)'" } ?? ""), \(Units.plural(info.runs.count, "run"))\n"
    if let folder = project.staticFolder { text += "  read from '\(folder)'\n" }
    text += "  written to '\(project.overlay)'\n\n"
    var objects = Table([("object", .left), ("kind", .left), ("label", .right), ("radius", .right)])
    for object in configuration.objects {
      objects.add([
        object.name, object.isParticle ? "particle" : "segmented", object.label.map { "\($0)" } ?? "",
        object.radius.map { Units.decimals($0) + " A" } ?? "",
      ])
    }
    text += objects.text()
    for (head, shares) in [("tomogram", info.tomograms), ("segmentation", info.segmentations), ("picks", info.picks)] where !shares.isEmpty {
      var table = Table([(head, .left), ("runs", .right)])
      for share in shares { table.add([share.name, Units.count(share.runs)]) }
      text += "\n" + table.text()
    }
    return text
  }

  private var document: PythonValue {
    let configuration = info.project.configuration
    func shares(_ shares: [ProjectInfo.Share]) -> PythonValue { .object(shares.map { .init($0.name, .int($0.runs)) }) }
    return [
      "command": "info", "kind": "project", "path": .string(configuration.file), "name": .optional(configuration.name),
      "static": .optional(info.project.staticFolder), "overlay": .string(info.project.overlay),
      "objects": .array(
        configuration.objects.map { object in
          [
            "name": .string(object.name), "is_particle": .bool(object.isParticle), "label": object.label.map(PythonValue.int) ?? .null,
            "radius": object.radius.map(PythonValue.float) ?? .null,
          ]
        }),
      "runs": .array(
        info.runs.map { ["name": .string($0.name), "tomograms": .int($0.tomograms), "segmentations": .int($0.segmentations), "picks": .int($0.picks)] }),
      "tomograms": shares(info.tomograms), "segmentations": shares(info.segmentations), "picks": shares(info.picks),
    ]
  }
}

/// What `info` says of tomograms and label volumes.
struct VolumeText {
  let path: String
  let info: VolumeInfo

  func show(_ console: Console) {
    for warning in info.warnings { console.warning(warning) }
    console.result(text)
    console.document(document)
  }

  private var spacing: String {
    guard let edges = info.spacing, let first = edges.first else { return "voxel size not said" }
    let isCubic = edges.allSatisfy { $0 == first }
    return "voxels of " + (isCubic ? Units.short(first) : edges.map(Units.short).joined(separator: " x ")) + " A"
  }

  private var text: String {
    var text = "\(path): \(info.channels != nil ? "class probabilities" : info.labels == nil ? "a tomogram" : "a label volume"), \(info.format)\n"
    text += "  \(info.shape) voxels (z, y, x) of \(info.type), \(spacing)\n"
    if let channels = info.channels { text += "  of labels \(channels.map(String.init).joined(separator: ", "))\n" }
    if let chunk = info.chunk { text += "  in chunks of \(chunk.map(String.init).joined(separator: " x "))\n" }
    guard let labels = info.labels else { return text }
    var table = Table([("label", .right), ("voxels", .right)])
    for (label, voxels) in labels { table.add(["\(label)", Units.count(voxels)]) }
    return text + "\n" + table.text()
  }

  private var document: PythonValue {
    var members: [PythonValue.Member] = [
      .init("command", "info"), .init("kind", info.channels != nil ? "probabilities" : info.labels == nil ? "tomogram" : "labels"),
      .init("path", .string(path)),
      .init("format", .string(info.format)), .init("shape", .array(info.shape.axes.map(PythonValue.int))), .init("type", .string(info.type)),
      .init("spacing", info.spacing.map { .array($0.map(PythonValue.float)) } ?? .null),
      .init("chunk", info.chunk.map { .array($0.map(PythonValue.int)) } ?? .null),
    ]
    if let channels = info.channels { members.append(.init("labels", .array(channels.map(PythonValue.int)))) }
    if let labels = info.labels { members.append(.init("voxels_per_label", .object(labels.map { .init("\($0.label)", .int($0.voxels)) }))) }
    return .object(members)
  }
}
