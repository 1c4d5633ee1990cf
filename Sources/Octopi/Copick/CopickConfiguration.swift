/// The configuration of a copick project (`config.json`; copick 1.31 `models.py: CopickConfig, PickableObject`).
public struct CopickConfiguration: Sendable, Hashable {
  /// One kind of thing in the tomograms.
  public struct Object: Sendable, Hashable {
    public let name: String
    /// Only particles are localised and evaluated.
    public let isParticle: Bool
    /// Its voxels in label volumes, unless a model says otherwise. Never 0.
    public let label: Int?
    /// In ångström; what localisation needs is positive, the file may say anything.
    public let radius: Double?
    /// Red, green, blue, opacity.
    public let color: [UInt8]
    public let emdbID: String?
    public let pdbID: String?
    public let identifier: String?
    public let mapThreshold: Double?
    /// Free, an object.
    public let metadata: PythonValue

    /// `metadata.weight`, which weighs the object in evaluation.
    public var weight: PythonValue? {
      guard case .object(let members) = metadata else { return nil }
      return members.first { $0.name == "weight" }?.value
    }
  }

  /// The file as the user named it.
  public let file: String
  public let name: String?
  public let description: String?
  public let version: String?
  public let userID: String?
  public let sessionID: String?
  /// In the order of the file.
  public let objects: [Object]
  /// As written: folders or URLs of folders.
  public let overlayRoot: String
  public let staticRoot: String?
  /// Restricts the project to these runs.
  public let runs: [String]?
  public let warnings: [Warning]

  public var particles: [Object] { objects.filter(\.isParticle) }

  /// Reads the file at a path.
  public init(file: String) throws(CopickError) {
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try InputFile.bytes(of: file, what: "configuration")
    } catch {
      guard case .missing(let what, let path, _) = error else { throw .input(error) }
      throw .input(.missing(what: what, path: path, remedy: CopickConfiguration.suggestion(near: file)))
    }
    try self.init(json: bytes, file: file)
  }

  /// Reads the text of a configuration.
  /// - file: what messages call it.
  public init(json bytes: [UInt8], file: String) throws(CopickError) {
    let document = try LaxValue(file: file, CopickError.json(bytes, file: file))
    try self.init(document)
  }

  /// Objects as `json(_:)` wrote them.
  static func objects(json bytes: [UInt8], file: String) throws(CopickError) -> [Object] {
    let document = try LaxValue(file: file, CopickError.json(bytes, file: file))
    return try document.elements("a list of objects is expected").map { value throws(CopickError) in try Object(value) }
  }

  /// Name, kind, label, radius and colour of objects, under the names of a configuration.
  static func json(_ objects: [Object]) -> PythonValue {
    .array(
      objects.map { object in
        [
          "name": .string(object.name), "is_particle": .bool(object.isParticle), "label": object.label.map(PythonValue.int) ?? .null,
          "radius": object.radius.map(PythonValue.float) ?? .null, "color": .array(object.color.map { .int(Int($0)) }),
        ]
      })
  }

  private init(_ document: LaxValue) throws(CopickError) {
    try document.object("a configuration starts with '{'")
    try CopickConfiguration.checkType(document["config_type"])
    file = document.file
    overlayRoot = try CopickConfiguration.root(document["overlay_root"])
    staticRoot = try document["static_root"].optional { value throws(CopickError) in try CopickConfiguration.root(value) }
    objects = try document["pickable_objects"].elements("a list of objects is expected").map { value throws(CopickError) in try Object(value) }
    name = try document["name"].optionalText()
    description = try document["description"].optionalText()
    version = try document["version"].optionalText()
    userID = try document["user_id"].optionalName()
    sessionID = try document["session_id"].optionalName()
    for key in ["overlay_fs_args", "static_fs_args"] {
      _ = try document[key].optional { value throws(CopickError) in try value.object("options of the file layer, for example {\"auto_mkdir\": true}") }
    }
    runs = try document["runs"].optional { value throws(CopickError) in
      try value.elements("a list of names of runs is expected").map { run throws(CopickError) in try run.text("the name of a run is text") }
    }
    warnings = (document["config_type"].isMissing ? [.noConfigType(file)] : []) + Warning.repeatedLabels(objects, file)
  }

  private static func checkType(_ type: LaxValue) throws(CopickError) {
    if type.isMissing { return }
    guard case .string("filesystem") = type.value else {
      guard case .string(let name) = type.value else { throw type.wrong("text", "\"config_type\": \"filesystem\"") }
      throw .otherType(file: type.file, name)
    }
  }

  private static func root(_ value: LaxValue) throws(CopickError) -> String {
    let text = try value.text("a folder is expected, for example \"local:///data/project\"")
    if ProjectRoot.remoteScheme(text) != nil { throw .remoteRoot(file: value.file, key: value.place, text) }
    return text
  }

  /// Another JSON file in the same folder that looks like a configuration.
  private static func suggestion(near file: String) -> String? {
    let place = OutputPath(file)
    // Where nothing can be read there is nothing to suggest.
    let names = (try? InputFile.names(in: place.folder)) ?? []
    let found = names.filter { $0.hasSuffix(".json") }.prefix(50).map(place.sibling).filter { path in
      guard let bytes = try? InputFile.bytes(of: path, what: "configuration", limit: 1 << 20) else { return false }
      guard case .object(let members)? = try? PythonJSON.value(bytes) else { return false }
      return members.contains { $0.name == "pickable_objects" }
    }
    guard !found.isEmpty else { return "a project's configuration is a JSON file with the key pickable_objects" }
    return "did you mean " + found.prefix(3).map { "'\($0)'" }.joined(separator: " or ") + "?"
  }
}

extension CopickConfiguration.Object {
  fileprivate init(_ value: LaxValue) throws(CopickError) {
    try value.object("an object is expected, for example {\"name\": \"ribosome\", \"is_particle\": true, \"label\": 1, \"radius\": 150}")
    name = try value["name"].name(of: "object")
    isParticle = try value["is_particle"].flag("true for particles, false for membranes and the like")
    label = try value["label"].optionalInteger("a number from 1 on is expected, for example \"label\": 3", default: 1)
    if label == 0 { throw .labelZero(file: value.file, object: name) }
    radius = try value["radius"].optionalNumber("a radius in ångström is expected, for example \"radius\": 60")
    color = try CopickConfiguration.Object.color(value["color"])
    emdbID = try value["emdb_id"].optionalText()
    pdbID = try value["pdb_id"].optionalText()
    // The older name wins when both are there.
    identifier = try value["go_id"].isMissing ? value["identifier"].optionalText() : value["go_id"].optionalText()
    mapThreshold = try value["map_threshold"].optionalNumber("a number is expected")
    let metadata = value["metadata"]
    if !metadata.isMissing && !metadata.isNull { try metadata.object("an object is expected, for example \"metadata\": {\"weight\": 1}") }
    self.metadata = metadata.isNull ? .object([]) : metadata.value ?? .object([])
  }

  private static func color(_ value: LaxValue) throws(CopickError) -> [UInt8] {
    if value.isMissing { return [100, 100, 100, 255] }
    let expected = "four numbers from 0 to 255 are expected, for example \"color\": [0, 117, 220, 255]"
    let parts = try value.elements(expected)
    if parts.count != 4 { throw value.problem(" has \(parts.count) numbers", expected) }
    return try parts.map { part throws(CopickError) in
      guard let byte = UInt8(exactly: try part.integer(expected)) else { throw part.wrong("between 0 and 255", expected) }
      return byte
    }
  }
}

extension LaxValue {
  /// Nil for what is missing or null.
  fileprivate func optional<Value>(_ read: (LaxValue) throws(CopickError) -> Value) throws(CopickError) -> Value? {
    isMissing || isNull ? nil : try read(self)
  }

  fileprivate func optionalText() throws(CopickError) -> String? {
    isMissing || isNull ? nil : try text("text in double quotes is expected, for example \"1\"")
  }

  fileprivate func optionalInteger(_ expected: String, default value: Int) throws(CopickError) -> Int? {
    isMissing ? value : isNull ? nil : try integer(expected)
  }

  fileprivate func optionalNumber(_ expected: String) throws(CopickError) -> Double? {
    isMissing || isNull ? nil : try number(expected)
  }

  fileprivate func optionalName() throws(CopickError) -> String? {
    isMissing || isNull ? nil : try name(of: place)
  }

  /// Text that file names can have.
  fileprivate func name(of what: String) throws(CopickError) -> String {
    let name = try text("a name is expected, for example \"ribosome\"")
    if !CleanName.isClean(name) { throw .nameNotClean(file: file, what: what, name) }
    return name
  }
}
