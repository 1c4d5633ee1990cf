/// A format of exported picks.
public enum PicksFormat: String, Sendable, Hashable, CaseIterable {
  case star, csv, coords
}

/// Which picks of which project are written for other programs, and how.
public struct ExportRequest: Sendable, Hashable {
  /// The project's configuration, as typed.
  public let configuration: String
  public let picks: PicksTarget
  /// nil: all that have picks.
  public var objects: [String]?
  /// nil: all with picks.
  public var runs: [String]?
  /// Picks with a lower score are left out.
  public var minimumScore: Double?
  public var formats: [PicksFormat] = [.star]
  public var flavour = StarFlavour.relion5
  /// Of the tilt series in ångström.
  public var pixelSize: Double?
  /// RELION's `tomograms.star`, as typed.
  public var tomogramsFile: String?
  /// Whose size counts; nil for `wbp@10`, or the one size that a run's tomograms have.
  public var tomogram: TomogramURI?
  /// First lines of STAR files.
  public var comments: [String] = []

  public init(configuration: String, picks: PicksTarget) {
    self.configuration = configuration
    self.picks = picks
  }
}

/// Writes existing picks of a project for other programs: `octopi export`.
///
///     let job = try ExportProject(request)
///     for file in try job.files(at: "particles") { try outputs.write(Array(file.text.utf8), to: file.path, existing: .refuse) }
public struct ExportProject: Sendable {
  /// A file as it will be written.
  public struct File: Sendable {
    public let format: PicksFormat
    public let path: String
    public let text: String
    /// Picks in it; 0 for an index of other files.
    public let picks: Int
  }

  public let request: ExportRequest
  /// Run by run, in it object by object.
  public let picks: [PlacedPicks]
  /// Runs without picks of that user and session.
  public let skipped: [Selection<RunPicks>.Skipped]
  public let warnings: [Warning]
  private let star: ParticleStar

  /// Reads all picks and the sizes of their tomograms; nothing is written.
  public init(_ request: ExportRequest) throws {
    self.request = request
    var star = ParticleStar(request.flavour)
    star.pixelSize = request.pixelSize
    star.tomograms = try request.tomogramsFile.map { file throws(StarError) in try RelionTomograms(file: file) }
    star.comments = request.comments
    if request.formats.contains(.star) { try star.check() }
    let project = try Project(file: request.configuration)
    let selection = try project.picks(request.picks, objects: request.objects, runs: request.runs)
    let needsTomogram = request.formats.contains(.coords) || (request.formats.contains(.star) && star.needsTomogram)
    let labels = project.configuration.labels(of: Run.unique(selection.found.flatMap { $0.entry.files.map(\.object) }))
    var picks: [PlacedPicks] = [], warnings = project.warnings + selection.found.flatMap(\.warnings)
    for (run, found) in zip(try project.runs(named: selection.found.map(\.entry.run)), selection.found.map(\.entry)) {
      let tomogram = try needsTomogram ? run.geometry(request.tomogram) : nil
      warnings += tomogram?.warnings ?? []
      for file in found.files {
        picks.append(
          PlacedPicks(
            run: run.name, object: file.object, label: labels[file.object] ?? 0, points: try Picks(file: file.path).points, tomogram: tomogram?.entry))
      }
    }
    self.picks = try ExportProject.filtered(picks, request)
    self.star = star
    self.warnings = warnings + (request.formats.contains(.star) ? ExportProject.rotationWarnings(self.picks) : [])
    skipped = selection.skipped
  }

  /// The files of all formats.
  ///
  /// - output: one file, if its ending is that of the only format; else the folder of all: `OBJECT.star`, `picks.csv`, `RUN.OBJECT.coords`.
  public func files(at output: String) throws -> [File] {
    let isFile = request.formats.count == 1 && request.formats.allSatisfy { output.lowercased().hasSuffix("." + $0.rawValue) }
    return try request.formats.flatMap { format in
      switch format {
      case .star: try starFiles(output, isFile: isFile)
      case .csv: [File(format: .csv, path: isFile ? output : output + "/picks.csv", text: PicksTables.csv(picks), picks: picks.pointCount)]
      case .coords: try coordsFiles(output, isFile: isFile)
      }
    }
  }

  private func starFiles(_ output: String, isFile: Bool) throws(StarError) -> [File] {
    let objects = Run.unique(picks.map(\.object))
    let groups = isFile ? [(output, picks)] : objects.map { object in ("\(output)/\(object).star", picks.filter { isSameText($0.object, object) }) }
    var files: [File] = []
    for (path, picks) in groups where picks.pointCount > 0 {
      files += try star.files(picks, path: path).map { File(format: .star, path: $0.path, text: $0.text, picks: $0.picks) }
    }
    return files
  }

  private func coordsFiles(_ output: String, isFile: Bool) throws -> [File] {
    let lists = picks.filter { !$0.points.isEmpty }
    if isFile, lists.count != 1 { throw ExportError.severalLists(path: output, lists: lists.count) }
    return try lists.map { list in
      guard let spacing = list.tomogram?.spacing else { throw StarError.noSize(run: list.run) }
      let path = isFile ? output : "\(output)/\(list.run).\(list.object).coords"
      return File(format: .coords, path: path, text: PicksTables.coords(list.points, spacing), picks: list.points.count)
    }
  }

  private static func filtered(_ picks: [PlacedPicks], _ request: ExportRequest) throws(ExportError) -> [PlacedPicks] {
    var picks = picks
    if let least = request.minimumScore {
      if picks.allSatisfy({ $0.points.allSatisfy { ($0.score ?? 1) == 1 } }) { throw .noScores(picks: request.picks.description) }
      picks = picks.map { part in
        PlacedPicks(
          run: part.run, object: part.object, label: part.label, points: part.points.filter { ($0.score ?? 1) >= least }, tomogram: part.tomogram)
      }
    }
    if picks.allSatisfy(\.points.isEmpty) { throw .nothing(picks: request.picks.description) }
    return picks
  }

  private static func rotationWarnings(_ picks: [PlacedPicks]) -> [Warning] {
    picks.filter { $0.pointsWithoutRotation > 0 }.map {
      Warning("run '\($0.run)': the transformations of \($0.pointsWithoutRotation) picks of '\($0.object)' are no rotations: their angles are written as 0")
    }
  }
}

extension Run {
  /// The size of this run's tomogram.
  ///
  /// - uri: nil for `wbp@10` if it is there, else the one size that the tomograms have.
  func geometry(_ uri: TomogramURI?) throws -> Found<TomogramGeometry> {
    if let uri {
      guard let found = try tomogram(uri) else { throw try noTomogram(uri) }
      return Found(entry: try geometry(of: found.entry), warnings: found.warnings)
    }
    let usual = try TomogramURI(type: "wbp", spacing: VoxelSpacing(10))
    if let found = try tomogram(usual) { return Found(entry: try geometry(of: found.entry), warnings: found.warnings) }
    let all = try tomograms().entries
    guard let first = all.first else { throw try noTomogram(usual) }
    let size = try geometry(of: first)
    for other in all.dropFirst() where try geometry(of: other) != size {
      throw ExportError.severalSizes(run: name, Run.unique(all.map(\.uri)))
    }
    return Found(entry: size, warnings: [])
  }

  private func geometry(of tomogram: Tomogram) throws -> TomogramGeometry {
    TomogramGeometry(shape: try ImageGroup(tomogram.path, .tomogram).shape, spacing: tomogram.spacing)
  }
}

extension CopickConfiguration {
  /// The labels of objects; numbers behind all labels for those that the project does not have, or that have none.
  fileprivate func labels(of names: [String]) -> [String: Int] {
    var labels: [String: Int] = [:], free = (objects.compactMap(\.label).max() ?? 0) + 1
    for name in names {
      if let label = objects.first(where: { isSameText($0.name, name) })?.label {
        labels[name] = label
      } else {
        labels[name] = free
        free += 1
      }
    }
    return labels
  }
}
