public import Kernels

/// Reads every file of a project as a job would and says of each whether it can be read.
public struct ProjectCheck: Sendable {
  /// One tomogram, store of features, segmentation or file of picks.
  public struct Entry: Sendable {
    public let path: String
    /// What it holds; nil if it cannot be read.
    public let contents: String?
    public let error: (any Failure)?
    /// What a person should know although it can be read.
    public let warnings: [Warning]
  }

  public let warnings: [Warning]
  private let items: [Item]

  private enum Item: Sendable {
    case tomogram(Tomogram)
    case features(String)
    case segmentation(Segmentation)
    case picks(PicksFile)
    /// A run's folder that cannot be listed.
    case unlisted(run: String, any Failure)

    var path: String {
      switch self {
      case .tomogram(let tomogram): tomogram.path
      case .features(let path): path
      case .segmentation(let segmentation): segmentation.path
      case .picks(let file): file.path
      case .unlisted(let run, _): run
      }
    }
  }

  /// Lists what there is; nothing is read yet.
  ///
  /// - runs: names of those that count; nil for all.
  public init(_ project: Project, runs names: [String]? = nil) throws(CopickError) {
    var items: [Item] = [], warnings = project.warnings
    let runs: [Run]
    if let names { runs = try project.runs(named: names) } else { runs = try project.runs() }
    if runs.isEmpty { throw .noRuns(project: project.configuration.file) }
    for run in runs {
      do throws(CopickError) {
        let tomograms = try run.tomograms(), picks = try run.picks()
        warnings += tomograms.warnings + picks.warnings
        items += tomograms.entries.map(Item.tomogram)
        items += try run.features().map(Item.features)
        items += try run.segmentations().map(Item.segmentation)
        items += picks.entries.map(Item.picks)
      } catch {
        items.append(.unlisted(run: run.name, error))
      }
    }
    self.items = items
    self.warnings = warnings
  }

  public var count: Int { items.count }

  /// Reads entry `index`, decoding all chunks of a volume.
  public func check(_ index: Int, on pool: ThreadPool) -> Entry {
    let item = items[index]
    var warnings: [Warning] = []
    do {
      switch item {
      case .tomogram(let tomogram):
        let contents = try ProjectCheck.volume(tomogram.path, .tomogram, tomogram.spacing, pool, &warnings)
        return Entry(path: tomogram.path, contents: contents, error: nil, warnings: warnings)
      case .features(let path):
        return Entry(path: path, contents: try ProjectCheck.decode(ZarrArray(path + "/0"), pool), error: nil, warnings: warnings)
      case .segmentation(let labels):
        let contents = labels.type == .panoptic
          ? try ProjectCheck.decode(ZarrArray(labels.path + "/0"), pool)
          : try ProjectCheck.volume(labels.path, .segmentation, labels.spacing, pool, &warnings)
        return Entry(path: labels.path, contents: contents, error: nil, warnings: warnings)
      case .picks(let file):
        let picks = try Picks(file: file.path)
        for (what, name, said) in [("object", file.object, picks.object), ("user", file.user, picks.user), ("session", file.session, picks.session)]
        where !isSameText(name, said) {
          warnings.append(Warning("'\(file.path)' says \(what) '\(said)'; its name, which counts, says '\(name)'"))
        }
        return Entry(path: file.path, contents: picks.points.count == 1 ? "1 pick" : "\(picks.points.count) picks", error: nil, warnings: warnings)
      case .unlisted(let run, let error):
        return Entry(path: run, contents: nil, error: error, warnings: [])
      }
    } catch let error as any Failure {
      return Entry(path: item.path, contents: nil, error: error, warnings: warnings)
    } catch {
      return Entry(path: item.path, contents: nil, error: InputError.unreadable(path: item.path, reason: "\(error)"), warnings: warnings)
    }
  }

  private static func volume(
    _ path: String, _ role: ImageGroup.Role, _ spacing: VoxelSpacing, _ pool: ThreadPool, _ warnings: inout [Warning]
  ) throws -> String {
    let image = try ImageGroup(path, role, expected: spacing)
    warnings += image.warnings
    return try decode(image.array, pool)
  }

  /// All values, some at a time; a note where numbers are not finite.
  private static func decode(_ array: ZarrArray, _ pool: ThreadPool) throws(ZarrError) -> String {
    let chunk = zip(array.chunkShape, array.shape).map { min($0, $1) }
    var notFinite = 0, box = chunk.map { 0..<$0 }
    let isEmpty = array.shape.contains(0)
    while !isEmpty {
      let values = try array.read(box, on: pool)
      if array.type.isFloatingPoint { notFinite += values.floats.count { !$0.isFinite } }
      guard let axis = box.indices.last(where: { box[$0].upperBound < array.shape[$0] }) else { break }
      box[axis] = box[axis].upperBound..<min(box[axis].upperBound + chunk[axis], array.shape[axis])
      for inner in box.indices where inner > axis { box[inner] = 0..<chunk[inner] }
    }
    let shape = array.shape.map(String.init).joined(separator: " x ")
    return "\(shape) \(array.type.rawValue)" + (notFinite > 0 ? ", \(notFinite) of them not finite" : "")
  }
}
