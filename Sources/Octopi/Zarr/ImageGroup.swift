/// An OME-Zarr image of three axes on disk, Zarr v2 or v3: a tomogram or a volume of labels.
///
/// The array at full resolution is the first of `multiscales` in the attributes if it exists, else `0`. What the attributes say beyond
/// that is never needed: the voxel spacing is that of the folder, which copick goes by.
public struct ImageGroup: Sendable {
  /// What the image is for: its rules and messages differ.
  public enum Role: Sendable {
    case tomogram, segmentation
    /// A tomogram outside of a project, which may be a plain array.
    case file
  }

  /// The store, as the user gave it.
  public let path: String
  /// The array at full resolution.
  public let array: ZarrArray
  /// Voxels along z, y, x.
  public let shape: VolumeShape
  /// Edges of a voxel along z, y, x in ångström as the attributes have it; nil when they do not say.
  public let spacing: [Double]?
  /// What is odd about the units that `spacing` was made with.
  let unitNote: String?
  /// What a person should know.
  public let warnings: [Warning]

  /// Opens the store at `path`.
  /// - expected: the spacing that the folder's name says; attributes that are off it by more than 1 % are a warning.
  /// - Throws: `.noArray` when there is no image; `.unsuitable` when it is not of three axes, or no group.
  public init(_ path: String, _ role: Role, expected: VoxelSpacing? = nil) throws(ZarrError) {
    var warnings: [Warning] = []
    let v3 = try Self.attributes("zarr.json", in: path, &warnings)
    let v2 = try Self.attributes(".zattrs", in: path, &warnings)
    let images = [Multiscales(v3?["attributes"]), Multiscales(v2)].compactMap(\.self)
    if role == .segmentation, v3 == nil, v2 == nil {
      warnings.append(Warning("'\(path)' has no .zattrs: its writing may have been interrupted", remedy: "write it again if labels are missing"))
    }

    let isPlain = role == .file && images.isEmpty ? try ZarrArray.isArray(path) : false
    let folder = isPlain ? nil : try Self.arrayFolder(images.compactMap(\.path) + ["0"], in: path)
    let place = folder.map { path + "/" + $0 } ?? path
    array = try ZarrArray(place)
    guard let shape = VolumeShape(array.shape) else { throw Self.wrongRank(array, at: place) }
    if role == .segmentation, array.type.isFloatingPoint {
      throw .unsuitable(path: array.path, what: "has values of type \(array.type), labels are integers", remedy: "is it a tomogram?")
    }
    let image = images.first { $0.path == folder } ?? images.first
    if let names = image?.axes, names.count == 3, names.map({ $0.lowercased() }) != ["z", "y", "x"] {
      warnings.append(Warning("'\(path)': its attributes call the axes \(names.joined(separator: ", ")); they are read as z, y, x"))
    }
    if let image, let expected, let warning = Self.spacingWarning(path, image, expected) { warnings.append(warning) }
    self.path = path
    self.shape = shape
    self.spacing = image?.spacing
    unitNote = image?.unitNote
    self.warnings = warnings
  }

  /// A metadata file of the group. One that is no JSON is as good as missing, but for a warning.
  private static func attributes(_ name: String, in path: String, _ warnings: inout [Warning]) throws(ZarrError) -> PythonValue? {
    do throws(ZarrError) {
      return try MetadataFile(name, in: path)?.root
    } catch {
      guard case .notJSON = error else { throw error }
      warnings.append(Warning(error.message + "; it is ignored"))
      return .null
    }
  }

  /// The first of the folders that holds an array.
  private static func arrayFolder(_ folders: [String], in path: String) throws(ZarrError) -> String {
    for folder in folders where try ZarrArray.isArray(path + "/" + folder) { return folder }
    if try ZarrArray.isArray(path) {
      throw .unsuitable(
        path: path, what: "is an array, not an image group", remedy: "move what is in it into a folder '0' and put a .zgroup beside that")
    }
    // One folder deeper: where converters of microscopes' formats put the first of several images.
    if try ZarrArray.isArray(path + "/0/0") {
      let shape = try ZarrArray(path + "/0/0").shape
      throw .unsuitable(
        path: path, what: "holds its image one folder deeper: '0/0' has \(shape.count) axes \(tuple(shape))",
        remedy: shape.count == 3 ? "move what is in '\(path)/0' into '\(path)'" : remedy(rank: shape.count))
    }
    throw .noArray(path: path + "/" + folders[0], because: try reason(path, folders))
  }

  private static func reason(_ path: String, _ folders: [String]) throws(ZarrError) -> String? {
    do throws(InputError) {
      if try !InputFile.isFolder(path) { return "there is no such store" }
      if try InputFile.isFile(path + "/.zmetadata") { return "there is only a copy of its metadata in .zmetadata" }
    } catch {
      throw .unreadable(file: path, reason: error.message)
    }
    return folders.count > 1 ? "nor is there an array '0'" : nil
  }

  private static func wrongRank(_ array: ZarrArray, at path: String) -> ZarrError {
    .unsuitable(path: path, what: "has \(array.shape.count) axes \(tuple(array.shape))", remedy: remedy(rank: array.shape.count))
  }

  private static func remedy(rank: Int) -> String {
    let first = rank > 3 ? ": array[\([String](repeating: "0", count: rank - 3).joined(separator: ", "))] in zarr-python" : ""
    return "write a volume of the three axes z, y, x as array '0' of its own store" + first
  }

  private static func tuple(_ shape: [Int]) -> String { "(" + shape.map(String.init).joined(separator: ", ") + ")" }

  private static func spacingWarning(_ path: String, _ image: Multiscales, _ expected: VoxelSpacing) -> Warning? {
    guard let spacing = image.spacing, let off = spacing.first(where: { !($0 / expected.angstrom > 0.99 && $0 / expected.angstrom < 1.01) })
    else { return nil }
    let said = Set(spacing).count == 1 ? "\(off)" : spacing.map { "\($0)" }.joined(separator: ", ")
    return Warning(
      "'\(path)': its attributes say voxels of \(said) A" + (image.unitNote.map { " (\($0))" } ?? "")
        + ", its folder says \(expected); the folder counts")
  }
}
