/// An object that is looked for in label volumes.
public struct LocalizedObject: Sendable, Hashable {
  public let name: String
  /// Its value in the label volumes.
  public let label: Int
  /// In ångström.
  public let radius: Double

  /// The particles of a project with the labels that a segmentation was made with (octopi `workflows.py: localize`).
  ///
  /// The labels come from the request, else from the log of the segmentation, which also decides which particles there are, else from the
  /// project's configuration.
  static func all(of project: Project, for request: LocalizeRequest) throws -> (objects: [LocalizedObject], warnings: [Warning]) {
    let particles = project.configuration.particles, file = project.configuration.file
    var warnings: [Warning] = []
    var labelled: [(object: CopickConfiguration.Object, label: Int?)]
    if let label = request.label {
      labelled = particles.map { ($0, label) }
    } else if let log = try project.labels(of: request.segmentation) {
      labelled = particles.compactMap { object in
        log.labels.last { isSameText($0.name, object.name) }.map { (object, $0.value) }
      }
    } else {
      labelled = particles.map { ($0, $0.label) }
      warnings.append(
        Warning(
          "there is no log of segmentation \(request.segmentation): labels are those of '\(file)'",
          remedy: "if its labels are others, give them one by one: --pick-objects NAME --label LABEL"))
    }
    if let wanted = request.objects {
      let known = labelled.map(\.object.name)
      warnings += wanted.filter { name in !known.contains { isSameText($0, name) } }.map { name in
        let nearest = closestNames(to: name, in: known, limit: 1).first
        return Warning("no object to be found is called '\(name)'", remedy: nearest.map { "did you mean '\($0)'?" })
      }
      labelled = labelled.filter { entry in wanted.contains { isSameText($0, entry.object.name) } }
    }
    guard !labelled.isEmpty else { throw LocalizeProjectError.noObjects(wanted: request.objects, particles: particles.map(\.name), file: file) }
    return (try labelled.map { object, label throws(LocalizeProjectError) in try LocalizedObject(object, label: label, file: file) }, warnings)
  }

  private init(_ object: CopickConfiguration.Object, label: Int?, file: String) throws(LocalizeProjectError) {
    guard let label else { throw .labelMissing(object: object.name, file: file) }
    guard let radius = object.radius, radius > 0, radius.isFinite else { throw .radiusMissing(object: object.name, file: file) }
    name = object.name
    self.label = label
    self.radius = radius
  }
}

/// Why a project's label volumes cannot be localised.
public enum LocalizeProjectError: Error, Sendable, Hashable {
  case labelMissing(object: String, file: String)
  case radiusMissing(object: String, file: String)
  /// `particles` are those of the project.
  case noObjects(wanted: [String]?, particles: [String], file: String)
}

extension LocalizeProjectError: Failure {
  public var kind: FailureKind {
    switch self {
    case .labelMissing, .radiusMissing: .damaged
    case .noObjects: .missing
    }
  }

  public var message: String {
    switch self {
    case .labelMissing(let object, let file): "'\(file)': object '\(object)' has no label"
    case .radiusMissing(let object, let file): "'\(file)': object '\(object)' has no radius above 0"
    case .noObjects(nil, let particles, let file) where particles.isEmpty: "'\(file)' has no particles to be found"
    case .noObjects(nil, _, let file): "none of the particles of '\(file)' is in the label volumes"
    case .noObjects(let wanted?, _, _): "none of the objects \(wanted.map { "'\($0)'" }.joined(separator: ", ")) can be found"
    }
  }

  public var remedy: String? {
    switch self {
    case .labelMissing(let object, _): "add \"label\" to it, or leave it out: --pick-objects with all others, or --label for '\(object)' alone"
    case .radiusMissing: "add its \"radius\" in ångström, e.g. 60, or leave it out: --pick-objects with all others"
    case .noObjects(_, let particles, _) where particles.isEmpty: "give an object \"is_particle\": true, a label and a radius"
    case .noObjects(_, let particles, _): "the project's particles: \(particles.joined(separator: ", "))"
    }
  }
}
