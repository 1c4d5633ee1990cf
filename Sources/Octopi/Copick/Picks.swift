/// The content of a file of picks (copick `models.py: CopickPicksFile, CopickPoint`).
public struct Picks: Sendable, Hashable {
  /// One particle. All lengths are in ångström, axes (x, y, z).
  public struct Point: Sendable, Hashable {
    public let x: Double, y: Double, z: Double
    /// From the object's own frame to the tomogram's, 4x4, row by row; its last column moves the location.
    public let transformation: [Double]
    public let instance: Int?
    public let score: Double?

    public init(x: Double, y: Double, z: Double, transformation: [Double] = Point.identity, instance: Int? = 0, score: Double? = 1) {
      assert(transformation.count == 16)
      self.x = x
      self.y = y
      self.z = z
      self.transformation = transformation
      self.instance = instance
      self.score = score
    }

    public static let identity: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

    /// Location plus translation (copick-utils `util/picks.py: pick_centres`).
    public var centre: ParticleCentre {
      ParticleCentre(x: x + transformation[3], y: y + transformation[7], z: z + transformation[11])
    }
  }

  public let object: String
  public let user: String
  public let session: String
  public let run: String?
  public let voxelSpacing: Double?
  public let points: [Point]
  public let trustOrientation: Bool?

  public init(
    object: String, user: String, session: String, run: String?, points: [Point], voxelSpacing: Double? = nil, trustOrientation: Bool? = true
  ) {
    self.object = object
    self.user = user
    self.session = session
    self.run = run
    self.voxelSpacing = voxelSpacing
    self.points = points
    self.trustOrientation = trustOrientation
  }
}

extension Picks {
  /// The file as copick writes it, byte by byte (`CopickPicksFSSpec._store`).
  public var json: String { PythonJSON.text(document, indent: 4) }

  private var document: PythonValue {
    [
      "pickable_object_name": .string(object), "user_id": .string(user), "session_id": .string(session), "run_name": .optional(run),
      "voxel_spacing": voxelSpacing.map(PythonValue.float) ?? .null, "unit": "angstrom", "points": .array(points.map(Picks.document)),
      "trust_orientation": trustOrientation.map(PythonValue.bool) ?? .null,
    ]
  }

  private static func document(_ point: Point) -> PythonValue {
    let rows = (0..<4).map { row in PythonValue.array(point.transformation[(row * 4)..<(row * 4 + 4)].map(PythonValue.float)) }
    return [
      "location": ["x": .float(point.x), "y": .float(point.y), "z": .float(point.z)], "transformation_": .array(rows),
      "instance_id": point.instance.map(PythonValue.int) ?? .null, "score": point.score.map(PythonValue.float) ?? .null,
    ]
  }
}

extension Picks {
  /// Reads a file of picks.
  public init(file: String) throws(CopickError) {
    let bytes = try CopickError.reading { () throws(InputError) in try InputFile.bytes(of: file, what: "picks") }
    try self.init(json: bytes, file: file)
  }

  /// Reads the text of such a file: types are lax and unknown names ignored as in copick, but coordinates must be finite and the unit
  /// must be ångström. `points: null` is no points.
  /// - file: what messages call it.
  public init(json bytes: [UInt8], file: String) throws(CopickError) {
    let document = try LaxValue(file: file, CopickError.json(bytes, file: file))
    try document.object("a file of picks starts with '{'")
    object = try document["pickable_object_name"].text("the name of an object is expected")
    user = try document["user_id"].text("text is expected, for example \"user_id\": \"octopi\"")
    session = try document["session_id"].text("text is expected, for example \"session_id\": \"1\"")
    run = try document["run_name"].isEmpty ? nil : document["run_name"].text("the name of a run is expected")
    voxelSpacing = try document["voxel_spacing"].isEmpty ? nil : document["voxel_spacing"].number("a spacing in ångström is expected")
    trustOrientation = try document["trust_orientation"].flag(default: true)
    try Picks.checkUnit(document["unit"])
    let points = document["points"]
    self.points = try points.isEmpty ? [] : points.elements("a list of points is expected").map { value throws(CopickError) in try Point(value) }
  }

  private static func checkUnit(_ unit: LaxValue) throws(CopickError) {
    if unit.isMissing { return }
    let text = try unit.text("\"unit\": \"angstrom\"")
    if text != "angstrom" { throw unit.problem(" is '\(text)', only angstrom is supported", "convert the coordinates to ångström") }
  }
}

extension PicksFile {
  /// The centres of all particles in the order of the file.
  public func centres() throws(CopickError) -> [ParticleCentre] {
    let bytes = try CopickError.reading { () throws(InputError) in try InputFile.bytes(of: path, what: "picks") }
    if let centres = PicksScanner.centres(in: bytes) { return centres }
    return try Picks(json: bytes, file: path).points.map(\.centre)
  }
}

extension Picks.Point {
  fileprivate init(_ value: LaxValue) throws(CopickError) {
    try value.object("a point is {\"location\": {\"x\": 1, \"y\": 2, \"z\": 3}}")
    let location = value["location"]
    try location.object("a location is {\"x\": 1, \"y\": 2, \"z\": 3}")
    x = try location["x"].number("a length in ångström is expected")
    y = try location["y"].number("a length in ångström is expected")
    z = try location["z"].number("a length in ångström is expected")
    transformation = try Self.transformation(value["transformation_"])
    instance = try value["instance_id"].isNull ? nil : value["instance_id"].isMissing ? 0 : value["instance_id"].integer("a number is expected")
    score = try value["score"].isNull ? nil : value["score"].isMissing ? 1 : value["score"].number("a number is expected")
  }

  private static func transformation(_ value: LaxValue) throws(CopickError) -> [Double] {
    if value.isMissing { return identity }
    let expected = "four rows of four numbers are expected, the last 0, 0, 0, 1"
    let rows = try value.elements(expected)
    var numbers: [Double] = []
    for row in rows {
      let columns = try row.elements(expected)
      if columns.count != 4 { throw row.problem(" has \(columns.count) numbers", expected) }
      for column in columns { numbers.append(try column.number(expected)) }
    }
    if rows.count != 4 { throw value.problem(" has \(rows.count) rows", expected) }
    // As copick: the last number exactly, the others to numpy's 1e-8.
    if numbers[15] != 1 || numbers[12...14].contains(where: { $0.magnitude > 1e-8 }) {
      throw value.problem(": the last row is not 0, 0, 0, 1", expected)
    }
    return numbers
  }
}

extension LaxValue {
  fileprivate var isEmpty: Bool { isMissing || isNull }

  fileprivate func flag(default value: Bool) throws(CopickError) -> Bool? {
    isMissing ? value : isNull ? nil : try flag("true or false is expected")
  }
}
