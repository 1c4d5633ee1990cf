public import Kernels

/// Which runs of a project are shown, with whose picks and labels.
public struct PreviewRequest: Sendable, Hashable {
  /// The project's configuration, as typed.
  public let configuration: String
  public var tomogram: TomogramURI
  /// nil: all that have the tomogram.
  public var runs: [String]?
  /// nil: no labels are shown.
  public var segmentation: SegmentationTarget?
  /// Spacing of the labels; nil: that of the tomogram.
  public var labelSpacing: VoxelSpacing?
  /// nil: no picks are shown.
  public var picks: PicksOwner?
  public var truth: PicksOwner?
  public var options = PreviewOptions()

  public init(configuration: String, tomogram: TomogramURI) {
    self.configuration = configuration
    self.tomogram = tomogram
  }
}

/// Whose picks: `octopi/1`.
public struct PicksOwner: Sendable, Hashable, CustomStringConvertible {
  public let user: String
  /// nil: any.
  public let session: String?

  public init(user: String, session: String?) {
    self.user = user
    self.session = session
  }

  /// Reads `USER/SESSION`, or `USER` for any session.
  public init(_ text: String) throws(CopickError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let user = parts.first, !user.isEmpty, parts.count < 2 || !parts[1].isEmpty else {
      throw .badText(problem: "picks '\(text)' have no user or no session", example: "'octopi/1' or 'data-portal/0'")
    }
    self.init(user: user, session: parts.count > 1 ? parts[1] : nil)
  }

  public var description: String { user + (session.map { "/\($0)" } ?? "") }
}

/// Shows runs of a project: `octopi preview`.
public struct PreviewProject: Sendable {
  public let preview: Preview
  /// Runs without the tomogram.
  public let skipped: [Selection<Tomogram>.Skipped]
  public let warnings: [Warning]

  /// Opens everything that is shown; no voxels are read.
  /// - pool: threads that the tomograms are unpacked on.
  public init(_ request: PreviewRequest, on pool: ThreadPool) throws {
    let project = try Project(file: request.configuration)
    let selection = try project.tomograms(request.tomogram, runs: request.runs)
    let names = try request.segmentation.map { try PreviewProject.labelNames(project, $0) } ?? [:]
    var warnings = project.warnings + selection.found.flatMap(\.warnings)
    let objects = project.configuration.objects.reversed().reduce(into: [CopickConfiguration.Object]()) { kept, object in
      if !kept.contains(where: { isSameText($0.name, object.name) }) { kept.append(object) }
    }
    let classes = objects.reversed().map(PreviewClass.init)
    let runs = try selection.found.map { found in
      try PreviewProject.run(found.entry, in: project, request, classes, names, on: pool, &warnings)
    }
    if let picks = request.picks, runs.allSatisfy({ $0.predictions.values.allSatisfy(\.isEmpty) }) {
      warnings.append(try PreviewProject.noPicks(of: picks, in: project))
    }
    if let truth = request.truth, runs.allSatisfy({ $0.truths.values.allSatisfy(\.isEmpty) }) {
      warnings.append(try PreviewProject.noPicks(of: truth, in: project))
    }
    var options = request.options
    options.predictionName = request.picks?.description
    options.truthName = request.truth?.description
    preview = try Preview(classes: classes, runs: runs, options: options)
    skipped = selection.skipped
    self.warnings = Set(warnings).sorted { precedesByCodePoints($0.message, $1.message) }
  }

  private static func noPicks(of owner: PicksOwner, in project: Project) throws -> Warning {
    let there = Run.unique(try project.runs().flatMap { try $0.picks().entries.map(\.owner) })
    let closest = closestNames(to: "\(owner)", in: there).first.map { ". Did you mean \($0)?" } ?? ""
    return Warning("no run has picks of '\(owner)'", remedy: there.isEmpty ? "there are none" : "there are: \(CopickError.list(there))\(closest)")
  }

  /// Objects by label, as the log of the segmentation has it, else the configuration.
  private static func labelNames(_ project: Project, _ target: SegmentationTarget) throws -> [Int: String] {
    if let log = try project.labels(of: target) {
      return Dictionary(log.labels.map { ($0.value, $0.name) }) { first, _ in first }
    }
    return Dictionary(project.configuration.objects.compactMap { object in object.label.map { ($0, object.name) } }) { first, _ in first }
  }

  private static func run(
    _ tomogram: Tomogram, in project: Project, _ request: PreviewRequest, _ classes: [PreviewClass], _ names: [Int: String],
    on pool: ThreadPool, _ warnings: inout [Warning]
  ) throws -> PreviewRun {
    let image = try ImageGroup(tomogram.path, .tomogram, expected: tomogram.spacing)
    warnings += image.warnings
    var shown = PreviewRun(
      name: tomogram.run, tomogram: tomogram.uri, volume: TomogramSource(image, pool: pool), spacing: tomogram.spacing)
    guard let run = try project.runs(named: [tomogram.run]).first else { return shown }
    if let target = request.segmentation {
      let spacing = request.labelSpacing ?? tomogram.spacing
      if let found = try run.segmentation(target, at: spacing) {
        let labels = try ImageGroup(found.entry.path, .segmentation, expected: spacing)
        warnings += found.warnings + labels.warnings
        shown.labels = PreviewLabels(labels, spacing: spacing, names: names, on: pool)
      } else if request.runs != nil {
        throw try run.noSegmentation(target, at: spacing)
      } else {
        warnings.append(Warning("run '\(run.name)' has no segmentation \(target) at \(spacing): shown without labels"))
      }
    }
    for particle in classes where particle.isParticle {
      if let owner = request.picks {
        shown.predictions[particle.name] = try points(of: particle.name, in: run, owner, &warnings).map { PreviewPick($0.centre, score: $0.score) }
      }
      if let owner = request.truth { shown.truths[particle.name] = try points(of: particle.name, in: run, owner, &warnings).map(\.centre) }
    }
    return shown
  }

  /// The picks that evaluation would take.
  private static func points(of object: String, in run: Run, _ owner: PicksOwner, _ warnings: inout [Warning]) throws -> [Picks.Point] {
    let listing = try run.picks(of: object, user: owner.user, session: owner.session)
    warnings += listing.warnings
    guard let first = listing.entries.first else { return [] }
    if Set(listing.entries.map(\.session)).count > 1 {
      warnings.append(
        Warning("picks of '\(owner.user)' have several sessions; '\(first.session)' was taken", remedy: "say which: \(owner.user)/\(first.session)"))
    }
    return try Picks(file: first.path).points
  }
}
