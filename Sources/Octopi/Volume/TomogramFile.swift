import Kernels

/// A tomogram that is not in a project: an MRC file, an OME-Zarr image or a Zarr array, opened; no voxel is read yet.
public struct TomogramFile: Sendable {
  /// As the user gave it.
  public let path: String
  public let spacing: VoxelSpacing
  /// What a person should know.
  public let warnings: [Warning]
  private let content: Content

  private enum Content: Sendable {
    case mrc(MRCFile)
    case zarr(ImageGroup)
  }

  /// Opens what is at `path`: a folder is a Zarr store, a file is MRC, whatever they are called.
  ///
  /// - spacing: of `--voxel-size`; it counts, whatever the file says.
  /// - Throws: `RemoteFileError` for a URL; `MRCError`, `ZarrError`; `VoxelSizeError` if nobody says how large a voxel is, or if voxels are no cubes.
  public init(_ path: String, spacing: VoxelSpacing? = nil) throws {
    if let scheme = ProjectRoot.remoteScheme(path) { throw RemoteFileError(url: path, scheme: scheme) }
    var warnings: [Warning]
    let stored: VoxelSize.Stored
    if try InputFile.isFolder(path) {
      // In a project the folder's number counts, whatever the attributes say.
      let folder = Run.spacing(ofFolder: OutputPath(OutputPath(path).folder).name)
      try TomogramFile.refuseFolderOfFiles(path)
      let image = try ImageGroup(path, .file, expected: folder)
      content = .zarr(image)
      warnings = image.warnings
      stored = folder.map { .init(place: .folder, edges: [$0.angstrom, $0.angstrom, $0.angstrom]) }
        ?? .init(place: .attributes, edges: image.spacing, note: image.unitNote)
    } else {
      let file = try MRCFile(path)
      content = .mrc(file)
      warnings = file.warnings
      stored = .init(place: .header, edges: file.spacing)
    }
    if let warning = TomogramFile.tiltSeriesWarning(path) { warnings.append(warning) }
    self.spacing = try VoxelSize.choose(stored, given: spacing, file: path, &warnings)
    self.path = path
    self.warnings = warnings
  }

  /// A folder of MRC files given as if it were one tomogram.
  private static func refuseFolderOfFiles(_ path: String) throws {
    let names = try InputFile.names(in: path) ?? []
    let metadata = [".zgroup", ".zattrs", ".zarray", ".zmetadata", "zarr.json", "0"]
    guard !names.contains(where: metadata.contains), let ending = mrcEndings.first(where: { ending in names.contains { $0.lowercased().hasSuffix(ending) } })
    else { return }
    throw MRCError.notMRC(file: path, what: "is a folder of files, not a tomogram", remedy: "name the files: \(shellWord(path))/*\(ending)")
  }

  private static let mrcEndings = [".mrc", ".rec", ".map"]

  public var shape: VolumeShape {
    switch content {
    case .mrc(let file): file.shape
    case .zarr(let image): image.shape
    }
  }

  /// - pool: threads that chunks are decoded on; not those of a task that reads.
  public func source(on pool: ThreadPool? = nil) -> any VolumeSource & Sendable {
    switch content {
    case .mrc(let file): file
    case .zarr(let image): TomogramSource(image, pool: pool)
    }
  }

  /// What results of a file are named after: its name without the folders above it and the endings of its format.
  public static func stem(of path: String) -> String {
    let name = OutputPath(path).name
    for ending in [".ome.zarr", ".zarr", ".mrc", ".rec", ".map", ".mrcs"] {
      if name.lowercased().hasSuffix(ending), name.count > ending.count { return String(name.dropLast(ending.count)) }
    }
    return name
  }

  /// IMOD's names of stacks of projections, which are MRC files too.
  private static func tiltSeriesWarning(_ path: String) -> Warning? {
    let name = path.lowercased()
    guard let ending = [".st", ".ali", ".preali", ".mrcs"].first(where: name.hasSuffix) else { return nil }
    return Warning("'\(path)': names in \(ending) mostly belong to stacks of images, not to tomograms", remedy: "networks need the reconstruction")
  }
}

/// A tomogram that is on another machine.
public struct RemoteFileError: Failure, Hashable {
  public let url: String
  let scheme: String

  public var kind: FailureKind { .unsupported }
  public var message: String { "'\(url)': only local files are read" }

  public var remedy: String? {
    let word = shellWord(url), isStore = url.lowercased().hasSuffix(".zarr") || url.hasSuffix("/")
    switch scheme.lowercased() {
    case "s3": return "copy it here: aws s3 cp \(isStore ? "--recursive " : "")\(word) \(isStore ? shellWord(OutputPath(url).name) : ".")"
    case "gs": return "copy it here: gcloud storage cp \(isStore ? "--recursive " : "")\(word) ."
    case "http", "https": return isStore ? "copy it here first" : "copy it here: curl -LO \(word)"
    case "ssh", "sftp", "scp": return "copy it here: scp \(isStore ? "-r " : "")\(word.replacing(scheme + "://", with: "scp://")) ."
    default: return "copy it here first"
    }
  }
}
