/// An object whose picks are scored.
public struct EvaluatedObject: Sendable, Hashable {
  public let name: String
  /// In ångström; nil if the project does not say.
  public let radius: Double?
  /// What the object counts in the final score: `.int` or `.float`, as the project says it.
  public let weight: PythonValue

  /// - weight: `metadata.weight` of the object in the project configuration; nil if it is not there, which counts as 1.
  public init(name: String, radius: Double?, weight: PythonValue? = nil) throws(EvaluateError) {
    switch weight ?? .int(1) {
    case .int: break
    case .float(let number) where number.isFinite: break
    default: throw .weightNotANumber(object: name)
    }
    self.name = name
    self.radius = radius
    self.weight = weight ?? .int(1)
  }

  var weightValue: Double {
    switch weight {
    case .int(let number): Double(number)
    case .float(let number): number
    default: 1
    }
  }
}

/// Which of a project's particles are scored.
public struct EvaluatedObjects: Sendable, Hashable {
  /// All particles of the project, in its order.
  public let available: [EvaluatedObject]
  /// The names as asked for; nil for all.
  public let requested: [String]?
  /// In the order asked for, else in the project's.
  public let selected: [EvaluatedObject]

  /// An empty list of names asks for all, as in octopi. Names that the project does not have as particles are left out.
  /// - Throws: ``EvaluateError/noValidObjects(_:available:)`` if none is left.
  public init(available: [EvaluatedObject], requested: [String]?) throws(EvaluateError) {
    self.available = available
    guard let names = requested, !names.isEmpty else {
      self.requested = nil
      selected = available
      return
    }
    self.requested = names
    // Of particles with the same name the last counts.
    selected = names.compactMap { name in available.last { $0.name == name } }
    if selected.isEmpty { throw .noValidObjects(names, available: available.map(\.name)) }
  }

  /// The names asked for that are no particle of the project.
  public var unknown: [String] { requested?.filter { name in !available.contains { $0.name == name } } ?? [] }
}
