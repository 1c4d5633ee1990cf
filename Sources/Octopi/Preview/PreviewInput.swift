public import Kernels

/// A kind of thing that a preview shows: an object of the project.
public struct PreviewClass: Sendable, Hashable {
  public let name: String
  /// In ångström; nil if nobody says.
  public let radius: Double?
  /// As the project has it; nil for a colour of the built-in palette.
  public let colour: RGB?
  /// Particles have picks, other objects labels only.
  public let isParticle: Bool

  public init(name: String, radius: Double?, colour: RGB? = nil, isParticle: Bool = true) {
    self.name = name
    // A radius that is no length is none.
    self.radius = radius.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    self.colour = colour
    self.isParticle = isParticle
  }

  public init(_ object: CopickConfiguration.Object) {
    // copick's default says nothing about the object.
    let isDefault = object.color == [100, 100, 100, 255]
    let colour = object.color.count < 3 || isDefault ? nil : RGB(object.color[0], object.color[1], object.color[2])
    self.init(name: object.name, radius: object.radius, colour: colour, isParticle: object.isParticle)
  }
}

/// A pick that a preview shows.
public struct PreviewPick: Sendable, Hashable {
  public let centre: ParticleCentre
  public let score: Double?

  public init(_ centre: ParticleCentre, score: Double? = nil) {
    self.centre = centre
    self.score = score
  }
}

/// A label volume and what its labels mean.
public struct PreviewLabels: Sendable {
  public let volume: any VolumeSource & Sendable
  /// May differ from the tomogram's.
  public let spacing: VoxelSpacing
  /// Names of objects by label.
  public let names: [Int: String]

  public init(_ volume: any VolumeSource & Sendable, spacing: VoxelSpacing, names: [Int: String]) {
    self.volume = volume
    self.spacing = spacing
    self.names = names
  }

  /// - pool: threads that chunks are unpacked on.
  public init(_ image: ImageGroup, spacing: VoxelSpacing, names: [Int: String], on pool: ThreadPool) {
    self.init(TomogramSource(image, pool: pool), spacing: spacing, names: names)
  }
}

/// One tomogram with what was found in it.
public struct PreviewRun: Sendable {
  public let name: String
  /// What the tomogram is called: `wbp@10`, or a file's name.
  public let tomogram: String
  public let volume: any VolumeSource & Sendable
  public let spacing: VoxelSpacing
  public var labels: PreviewLabels?
  /// The plane shown first; nil: that of the options, else the one with most picks.
  public var plane: Int?
  /// By name of the class.
  public var predictions: [String: [PreviewPick]] = [:]
  /// By name of the class; not looked at where the preview has no truth.
  public var truths: [String: [ParticleCentre]] = [:]
  /// The command that shows this run alone; nil: that of the options, for this run.
  public var command: String?

  public init(name: String, tomogram: String, volume: any VolumeSource & Sendable, spacing: VoxelSpacing) {
    self.name = name
    self.tomogram = tomogram
    self.volume = volume
    self.spacing = spacing
  }
}

/// How a preview looks and what counts as a hit.
public struct PreviewOptions: Sendable, Hashable {
  /// Thickness over which planes are averaged, in ångström.
  public var slab = 30.0
  /// The plane shown first in every run; nil: the one with most picks.
  public var plane: Int?
  /// Protein bright.
  public var isInverted = false
  /// Row 0 at the bottom, as in 3dmod and ChimeraX.
  public var isYUp = false
  /// Of the fill of labels.
  public var opacity = 0.4
  public var usesSafePalette = false
  /// Most bytes of the page.
  public var budgetBytes = 16 << 20
  public var distanceThresholdScale = 0.8
  public var beta = 4
  /// User and session of the picks: `octopi/1`.
  public var predictionName: String?
  /// User and session of the true picks; nil: there is no truth.
  public var truthName: String?
  /// The program and its version.
  public var program = "octopi"
  /// The command line that makes this preview.
  public var command = "octopi preview"
  /// The command line for one run of it, to which the run's name is added.
  public var commandForRuns: String?
  public var existing = Outputs.Existing.refuse

  public init() {}
}
