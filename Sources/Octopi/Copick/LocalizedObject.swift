/// An object that is looked for in a segmentation.
public struct LocalizedObject: Sendable, Hashable {
  public let name: String
  /// Its voxels in this segmentation.
  public let label: Int
  /// In ångström, more than 0.
  public let radius: Double
}

extension Project {
  /// The objects to look for in a segmentation, in the order of the configuration (octopi `workflows.py: localize`).
  ///
  /// All particles take part, with the labels that the log of the segmentation has; those that it does not name are left out. Without a
  /// log the labels of the configuration count.
  ///
  /// - label: given to every object instead, without a look at the log.
  /// - names: only these; those that no particle has are a warning.
  /// - Throws: `CopickError.noParticle` if none of the names is left; `CopickError.incomplete` for an object without a label or a radius.
  public func localizedObjects(
    in target: SegmentationTarget, label: Int?, named names: [String]?
  ) throws(CopickError) -> Listing<LocalizedObject> {
    var warnings: [Warning] = []
    var particles = configuration.particles.map { (object: $0, label: label ?? $0.label) }
    if label == nil {
      if let log = try labels(of: target) {
        let left = particles.filter { particle in !log.labels.contains { isSameText($0.name, particle.object.name) } }.map(\.object.name)
        if !left.isEmpty { warnings.append(.notInLog(left, log.file)) }
        particles = particles.compactMap { particle in
          log.labels.first { isSameText($0.name, particle.object.name) }.map { (particle.object, $0.value) }
        }
      } else {
        warnings.append(.noLog(logPath(target)))
      }
    }
    if let names, !names.isEmpty {
      let unknown = names.filter { name in !particles.contains { isSameText($0.object.name, name) } }
      if unknown.count == names.count { throw .noParticle(names, particles: particles.map(\.object.name)) }
      if !unknown.isEmpty { warnings.append(.noSuchParticle(unknown, among: particles.map(\.object.name))) }
      particles = particles.filter { particle in names.contains { isSameText($0, particle.object.name) } }
    }
    let objects = try particles.map { object, label throws(CopickError) in try self.object(object, label) }
    return Listing(entries: objects, warnings: warnings)
  }

  private func object(_ object: CopickConfiguration.Object, _ label: Int?) throws(CopickError) -> LocalizedObject {
    guard let label else { throw .incomplete(file: configuration.file, object: object.name, what: "label") }
    guard let radius = object.radius, radius > 0 else { throw .incomplete(file: configuration.file, object: object.name, what: "radius above 0") }
    return LocalizedObject(name: object.name, label: label, radius: radius)
  }
}

extension Warning {
  fileprivate static func notInLog(_ names: [String], _ file: String) -> Warning {
    Warning("'\(file)' has no label for " + list(names) + ": not looked for", remedy: "--label gives objects a label regardless of the log")
  }

  fileprivate static func noLog(_ path: String) -> Warning {
    Warning("no log '\(path)': the labels of the configuration are used", remedy: nil)
  }

  fileprivate static func noSuchParticle(_ names: [String], among particles: [String]) -> Warning {
    Warning("no particle " + list(names), remedy: "there are: " + list(particles))
  }

  private static func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}
