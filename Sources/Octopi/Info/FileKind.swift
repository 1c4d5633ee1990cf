/// What a file or folder that a user names is, as far as its name and its first bytes tell.
public enum FileKind: String, Sendable, Hashable {
  case network, project
  /// A tomogram or a label volume, as Zarr or MRC.
  case volume

  /// Looks at what is at `path`: folders are Zarr stores; of files, JSON is a project, MRC is known by its header, the rest are networks.
  ///
  /// - Throws: `InputError` if nothing is there.
  public init(of path: String) throws(InputError) {
    if try InputFile.isFolder(path) {
      self = .volume
      return
    }
    guard try InputFile.isFile(path) else {
      throw .missing(what: "file", path: path, remedy: "give a network, a project's config.json, or a tomogram (Zarr, MRC)")
    }
    let name = path.lowercased()
    if name.hasSuffix(".json") {
      self = .project
    } else if [".onnx", ".octopi", ".pth", ".pt", ".ckpt"].contains(where: { name.hasSuffix($0) }) {
      self = .network
    } else if [".mrc", ".rec", ".map", ".mrcs", ".st", ".ali"].contains(where: { name.hasSuffix($0) }) || FileKind.isMRC(path) {
      self = .volume
    } else {
      self = .network
    }
  }

  /// The mark that MRC files have had since 2000.
  private static func isMRC(_ path: String) -> Bool {
    guard let file = try? PositionedFile(path), file.count >= MRCHeader.size else { return false }  // why it is none is said when it is opened
    return (try? MRCFile(path)) != nil
  }
}
