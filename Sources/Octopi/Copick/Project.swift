/// A copick project on local disks: runs with tomograms, segmentations and picks, in a read-only part and one that is written.
///
///     let project = try Project(file: "config.json")
///     for run in try project.runs() { print(run.name, try run.tomograms().entries.map(\.uri)) }
///
/// Folders are listed when they are asked for and nothing is kept: what others write meanwhile is seen. Paths keep the form that the
/// configuration has. Names are compared to the byte and sorted by code points.
public struct Project: Sendable {
  public let configuration: CopickConfiguration
  /// The folder where everything is written; it need not exist.
  public let overlay: String
  /// The read-only folder; nil when everything is overlay.
  public let staticFolder: String?
  /// What a person should know about the configuration and the roots.
  public let warnings: [Warning]

  /// Opens the project of a configuration.
  /// - currentFolder: where relative roots start; nil for that of the process.
  public init(file: String, currentFolder: String? = nil) throws(CopickError) {
    let configuration = try CopickConfiguration(file: file)
    let folders = try ProjectFolders(configuration, currentFolder: currentFolder)
    self.configuration = configuration
    overlay = folders.overlay
    staticFolder = folders.staticFolder
    warnings = configuration.warnings + folders.warnings
  }

  /// Both parts, the static one first, as copick lists them.
  var parts: [(part: ProjectPart, folder: String)] {
    (staticFolder.map { [(.staticRoot, $0)] } ?? []) + [(.overlay, overlay)]
  }

  /// All runs, or those that the configuration restricts the project to.
  public func runs() throws(CopickError) -> [Run] {
    let names = try allRuns()
    guard let wanted = configuration.runs else { return names.map { Run($0, of: self) } }
    return try unique(wanted).map { name throws(CopickError) in
      guard names.contains(where: { isSameText($0, name) }) else { throw .noRun(name, runs: names) }
      return Run(name, of: self)
    }
  }

  /// Runs by name, in the order of the names.
  public func runs(named wanted: [String]) throws(CopickError) -> [Run] {
    let runs = try runs()
    return try wanted.map { name throws(CopickError) in
      guard let run = runs.first(where: { isSameText($0.name, name) }) else { throw .noRun(name, runs: runs.map(\.name)) }
      return run
    }
  }

  /// Folders in `ExperimentRuns`, and links to folders, that are not hidden.
  private func allRuns() throws(CopickError) -> [String] {
    var found: [String] = []
    for (_, root) in parts { found += try ProjectFolder(root + "/ExperimentRuns").folders().map(\.name) }
    return unique(found)
  }

  private func unique(_ names: [String]) -> [String] {
    var result: [String] = []
    for name in names.sorted(by: precedesByCodePoints) where !(result.last.map { isSameText($0, name) } ?? false) { result.append(name) }
    return result
  }
}

/// A folder of a project whose entries have meaning by their names.
struct ProjectFolder {
  let path: String
  init(_ path: String) { self.path = path }

  struct Entry {
    let name: String
    let path: String
  }

  /// Folders, and links to folders, with this ending, that are not hidden; in the order of code points. None if this folder is not there.
  func folders(_ ending: String = "") throws(CopickError) -> [Entry] {
    try entries(ending) { path throws(InputError) in try InputFile.isFolder(path) }
  }

  func files(_ ending: String) throws(CopickError) -> [Entry] {
    try entries(ending) { path throws(InputError) in try InputFile.isFile(path) }
  }

  private func entries(_ ending: String, where isWanted: (String) throws(InputError) -> Bool) throws(CopickError) -> [Entry] {
    try CopickError.reading { () throws(InputError) in
      var found: [Entry] = []
      for name in try InputFile.names(in: path) ?? [] where !name.hasPrefix(".") && name.hasSuffix(ending) {
        let entry = Entry(name: name, path: path + "/" + name)
        if try isWanted(entry.path) { found.append(entry) }
      }
      return found
    }
  }
}
