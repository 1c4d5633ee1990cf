/// Which program reads a STAR file of picks.
public enum StarFlavour: String, Sendable, Hashable, CaseIterable {
  /// One file for all runs, coordinates from the centre in ångström; with a pixel size also in pixels of the tilt series.
  case relion5
  /// What RELION's job *Import coordinates* reads: an index, and one file for each run.
  case `import`
  /// Coordinates in pixels of the tilt series only.
  case relion4
  /// Coordinates in voxels of the tomogram, for WarpTools.
  case warp
}

/// Picks of one object in one run, and where they lie in their tomogram.
public struct PlacedPicks: Sendable, Hashable {
  public let run: String
  public let object: String
  /// Tells objects apart in a file of several.
  public let label: Int
  public let points: [Picks.Point]
  /// Voxels of the tomogram, and their edge; nil where nobody asked for them.
  public let tomogram: TomogramGeometry?

  public init(run: String, object: String, label: Int, points: [Picks.Point], tomogram: TomogramGeometry?) {
    self.run = run
    self.object = object
    self.label = label
    self.points = points
    self.tomogram = tomogram
  }
}

/// Size of a tomogram.
public struct TomogramGeometry: Sendable, Hashable {
  public let shape: VolumeShape
  public let spacing: VoxelSpacing

  public init(shape: VolumeShape, spacing: VoxelSpacing) {
    self.shape = shape
    self.spacing = spacing
  }

  /// Half the size, odd ones too, in ångström: where RELION's centred coordinates start (RELION `jaz/tomography/particle_set.cpp`).
  public var centre: ParticleCentre {
    let half = { (voxels: Int) in Double(voxels) / 2 * spacing.angstrom }
    return ParticleCentre(x: half(shape.x), y: half(shape.y), z: half(shape.z))
  }
}

/// Writes picks as STAR files.
public struct ParticleStar: Sendable {
  public let flavour: StarFlavour
  /// Of the tilt series in ångström, for all runs; goes before that of the file.
  public var pixelSize: Double?
  public var tomograms: RelionTomograms?
  /// What the first lines of each file say.
  public var comments: [String] = []

  public init(_ flavour: StarFlavour) { self.flavour = flavour }

  /// Whether picks need their tomogram: its centre, or its voxel spacing.
  public var needsTomogram: Bool {
    switch flavour {
    case .relion5, .import: tomograms == nil
    case .relion4: false
    case .warp: true
    }
  }

  /// Throws `StarError.noPixelSize` where the flavour cannot do without, `.noUse` where it would pass over what was given.
  public func check() throws(StarError) {
    if flavour == .relion4, pixelSize == nil, tomograms == nil { throw .noPixelSize(flavour: flavour) }
    if flavour == .import || flavour == .warp, pixelSize != nil { throw .noUse(option: "--tilt-series-pixel-size", flavour: flavour) }
    if flavour == .warp, tomograms != nil { throw .noUse(option: "--tomograms-star", flavour: flavour) }
  }

  /// The files of picks: for the flavour `import` the index first, whose name is `path`, then one file a run in a folder beside it.
  ///
  /// - picks: run by run; those without points do not appear. Several objects are told apart by `rlnClassNumber`, their label.
  public func files(_ picks: [PlacedPicks], path: String) throws(StarError) -> [(path: String, text: String, picks: Int)] {
    try check()
    let picks = picks.filter { !$0.points.isEmpty }
    for run in picks.map(\.run) where !StarText.isCell(run) { throw .nameIsNoCell(run: run) }
    let table = ParticleTable(self, picks)
    guard flavour == .import else { return [(path, try table.file(picks).text, picks.pointCount)] }
    let stem = path.hasSuffix(".star") ? String(path.dropLast(".star".count)) : path + ".coordinates"
    let folder = OutputPath(stem).name
    var index = StarBlock("coordinate_files", columns: ["rlnTomoName", "rlnTomoImportParticleFile"]), files: [(path: String, text: String, picks: Int)] = []
    for run in Run.unique(picks.map(\.run)) {
      index.add([.text(run), .text("\(folder)/\(run).star")])
      let ofRun = picks.filter { isSameText($0.run, run) }
      files.append(("\(stem)/\(run).star", try table.file(ofRun).text, ofRun.pointCount))
    }
    return [(path, StarFile(comments: table.comments, blocks: [index]).text, 0)] + files
  }
}

/// One file of particles: which columns there are, and their rows.
private struct ParticleTable {
  private let star: ParticleStar
  private let hasPixels: Bool
  private let isMixed: Bool
  let comments: [String]

  init(_ star: ParticleStar, _ picks: [PlacedPicks]) {
    self.star = star
    hasPixels = star.flavour == .relion4 || (star.flavour == .relion5 && (star.pixelSize != nil || star.tomograms != nil))
    let objects = Run.unique(picks.map(\.object))
    isMixed = objects.count > 1
    let labels = objects.compactMap { object in picks.first { isSameText($0.object, object) }.map { "\($0.label) \(object)" } }
    comments = star.comments + (isMixed ? ["rlnClassNumber: " + labels.joined(separator: ", ")] : ["object: \(objects.first ?? "none")"])
  }

  func file(_ picks: [PlacedPicks]) throws(StarError) -> StarFile {
    let runs = Run.unique(picks.map(\.run))
    var particles = StarBlock("particles", columns: columns)
    for part in picks {
      let group = (runs.firstIndex { isSameText($0, part.run) } ?? 0) + 1
      let place = try placement(of: part)
      for point in part.points { particles.add(row(point, part, place, group: group)) }
    }
    return StarFile(comments: comments, blocks: (hasPixels ? [try optics(runs)] : []) + [particles])
  }

  private var columns: [String] {
    let name = star.flavour == .warp ? "rlnMicrographName" : "rlnTomoName"
    let pixels = hasPixels || star.flavour == .warp ? ["rlnCoordinateX", "rlnCoordinateY", "rlnCoordinateZ"] : []
    let centred = isCentred ? ["rlnCenteredCoordinateXAngst", "rlnCenteredCoordinateYAngst", "rlnCenteredCoordinateZAngst"] : []
    return [name] + pixels + ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"] + centred + ["rlnAutopickFigureOfMerit"]
      + (isMixed ? ["rlnClassNumber"] : []) + (hasPixels ? ["rlnOpticsGroup"] : [])
  }

  private var isCentred: Bool { star.flavour == .relion5 || star.flavour == .import }

  /// Where coordinates start, and what they are divided by; in ångström.
  private struct Placement {
    var centre = ParticleCentre(x: 0, y: 0, z: 0)
    var pixel = 1.0
  }

  private func placement(of part: PlacedPicks) throws(StarError) -> Placement {
    var place = Placement()
    let relion = try star.tomograms.map { tomograms throws(StarError) in try tomograms.tomogram(of: part.run) }
    if isCentred {
      guard let centre = relion?.centre ?? part.tomogram?.centre else { throw .noSize(run: part.run) }
      place.centre = centre
    }
    if hasPixels || star.flavour == .warp {
      guard let size = star.flavour == .warp ? part.tomogram?.spacing.angstrom : star.pixelSize ?? relion?.pixelSize else {
        throw .noSize(run: part.run)
      }
      place.pixel = size
    }
    return place
  }

  private func row(_ point: Picks.Point, _ part: PlacedPicks, _ place: Placement, group: Int) -> [StarBlock.Cell] {
    let at = point.centre, angles = ParticleAngles(transformation: point.transformation) ?? .zero
    let name = star.flavour == .warp ? part.run + ".tomostar" : part.run
    var row: [StarBlock.Cell] = [.text(name)]
    if hasPixels || star.flavour == .warp { row += [at.x, at.y, at.z].map { .number($0 / place.pixel) } }
    row += [angles.rot, angles.tilt, angles.psi].map { .number($0) }
    if isCentred { row += [at.x - place.centre.x, at.y - place.centre.y, at.z - place.centre.z].map { .number($0) } }
    row.append(.number(point.score ?? 1))
    if isMixed { row.append(.integer(part.label)) }
    if hasPixels { row.append(.integer(group)) }
    return row
  }

  /// One group a run; what describes the microscope, where all runs have it.
  private func optics(_ runs: [String]) throws(StarError) -> StarBlock {
    var tomograms: [RelionTomograms.Tomogram] = []
    if let file = star.tomograms { for run in runs { tomograms.append(try file.tomogram(of: run)) } }
    let extras = star.tomograms == nil ? [] : RelionTomograms.opticsColumns.filter { column in tomograms.allSatisfy { $0.optics[column] != nil } }
    var block = StarBlock("optics", columns: ["rlnOpticsGroup", "rlnOpticsGroupName", "rlnTomoTiltSeriesPixelSize"] + extras)
    for (index, run) in runs.enumerated() {
      let tomogram = tomograms.indices.contains(index) ? tomograms[index] : nil
      let size = star.pixelSize ?? tomogram?.pixelSize ?? 1
      block.add([.integer(index + 1), .text(run), .number(size)] + extras.map { .number(tomogram?.optics[$0] ?? 0) })
    }
    return block
  }
}

extension [PlacedPicks] {
  var pointCount: Int { reduce(0) { $0 + $1.points.count } }
}

extension PlacedPicks {
  /// How many of the points carry a transformation that is no rotation: their angles are written as 0.
  var pointsWithoutRotation: Int { points.count { ParticleAngles(transformation: $0.transformation) == nil } }
}
