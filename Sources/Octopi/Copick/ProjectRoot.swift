/// Where a root of a project is, as fsspec's local file system reads it (fsspec `implementations/local.py`).
struct ProjectRoot {
  /// The scheme of a URL that is not local; nil for folders. `file:` and `local:` are local, in lower case only.
  static func remoteScheme(_ text: String) -> String? {
    if text.contains("::") { return text.split(separator: ":").first.map(String.init) ?? text }
    guard let end = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<end.lowerBound]
    let isScheme = scheme.count > 1 && scheme.utf8.allSatisfy { $0 < 0x80 } && scheme.allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    return isScheme && scheme != "file" && scheme != "local" ? String(scheme) : nil
  }

  let key: String
  /// As written in the configuration.
  let text: String
  /// Without the scheme and the slashes at the end, `~` replaced; empty for the current folder.
  private let path: String

  init(key: String, _ text: String) {
    self.key = key
    self.text = text
    var path = text
    if let prefix = ["file://", "file:", "local://", "local:"].first(where: path.hasPrefix) { path.removeFirst(prefix.count) }
    if path == "~" || path.hasPrefix("~/"), let home = FileSystem.homeFolder { path = home + path.dropFirst() }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  var isRelative: Bool { !path.hasPrefix("/") }

  /// The folder, relative to another one if it is relative at all.
  func folder(in base: String?) -> String {
    guard isRelative, let base, base != "." else { return path.isEmpty ? "." : path }
    return path.isEmpty ? base : base == "/" ? base + path : base + "/" + path
  }
}

/// The two folders of a project.
struct ProjectFolders {
  let overlay: String
  /// Nil when everything is overlay.
  let staticFolder: String?
  let warnings: [Warning]

  /// Relative roots start at the current folder, as in copick. Where there is no such folder, but one relative to the configuration,
  /// that is taken; an overlay that does not exist at all follows the static root.
  ///
  /// - currentFolder: nil for that of the process, which paths then do not name.
  init(_ configuration: CopickConfiguration, currentFolder: String?) throws(CopickError) {
    let beside = OutputPath(configuration.file).folder
    var warnings: [Warning] = []
    var isStaticBeside = false
    var staticFolder: String?
    if let text = configuration.staticRoot {
      let root = ProjectRoot(key: "static_root", text)
      isStaticBeside = try root.isOnlyBeside(beside, not: currentFolder)
      let folder = root.folder(in: isStaticBeside ? beside : currentFolder)
      if try !CopickError.reading({ () throws(InputError) in try InputFile.isFolder(folder) }) {
        throw .noRoot(key: root.key, folder, currentFolder: currentFolder ?? FileSystem.currentFolder, isFile: ProjectFolders.isThere(folder))
      }
      if isStaticBeside { warnings.append(.rootBesideConfiguration(root.key, text, folder: folder)) }
      staticFolder = folder
    }

    let root = ProjectRoot(key: "overlay_root", configuration.overlayRoot)
    let here = root.folder(in: currentFolder)
    let isMissing = !ProjectFolders.isThere(here)
    let isOverlayBeside = try root.isOnlyBeside(beside, not: currentFolder) || (isMissing && isStaticBeside && root.isRelative)
    let overlay = isOverlayBeside ? root.folder(in: beside) : here
    if isOverlayBeside { warnings.append(.rootBesideConfiguration(root.key, root.text, folder: overlay)) }
    let isFolder = try CopickError.reading { () throws(InputError) in try InputFile.isFolder(overlay) }
    if !isFolder && (staticFolder == nil || ProjectFolders.isThere(overlay)) {
      throw .noRoot(key: root.key, overlay, currentFolder: currentFolder ?? FileSystem.currentFolder, isFile: ProjectFolders.isThere(overlay))
    }
    self.overlay = overlay
    self.staticFolder = staticFolder.flatMap { FileSystem.isSamePlace($0, overlay) ? nil : $0 }
    self.warnings = warnings
  }

  /// What cannot be looked at is there.
  private static func isThere(_ path: String) -> Bool { (try? FileSystem.hasEntry(path)) ?? true }
}

extension ProjectRoot {
  /// Whether the folder exists relative to the configuration and not relative to the current folder.
  fileprivate func isOnlyBeside(_ configuration: String, not current: String?) throws(CopickError) -> Bool {
    guard isRelative, configuration != "." else { return false }
    return try CopickError.reading { () throws(InputError) in
      if try InputFile.isFolder(folder(in: current)) { return false }
      return try InputFile.isFolder(folder(in: configuration))
    }
  }
}
