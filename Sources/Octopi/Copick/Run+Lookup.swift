extension Run {
  /// The tomogram that a URI means; nil if there is none.
  ///
  /// - Throws: `CopickError.severalTomograms` if a pattern fits more than one type.
  public func tomogram(_ uri: TomogramURI) throws(CopickError) -> Found<Tomogram>? {
    let all = try tomograms()
    let matches = uri.matches(all.entries)
    guard let first = matches.first else { return nil }
    if matches.contains(where: { !isSameText($0.type, first.type) }) {
      throw .severalTomograms(run: name, uri, matches: Run.unique(matches.map(\.uri)))
    }
    let shadowed = matches.dropFirst().map { Warning.shadowed($0.path, by: first.path) }
    return Found(entry: first, warnings: all.warnings + shadowed)
  }

  /// "Run has no such tomogram", with what it has.
  public func noTomogram(_ uri: TomogramURI) throws(CopickError) -> CopickError {
    .noTomogram(run: name, uri, available: Run.unique(try tomograms().entries.map(\.uri)))
  }

  /// The segmentation with labels that a target means; nil if there is none. A multilabel one goes before a binary one, in either part.
  ///
  /// - Throws: `CopickError.notLabels` if there is only one of instances.
  public func segmentation(_ target: SegmentationTarget, at spacing: VoxelSpacing) throws(CopickError) -> Found<Segmentation>? {
    let near = try segmentations().filter { $0.spacing == spacing }
    let typed = near.filter { target.matches($0).asTyped }
    let matches = typed.isEmpty ? near.filter { target.matches($0).asWritten } : typed
    for type in [SegmentationType.multilabel, .binary] {
      let stores = matches.filter { $0.type == type }
      guard let first = stores.first else { continue }
      let warnings = stores.dropFirst().map { Warning.shadowed($0.path, by: first.path) }
      return Found(entry: first, warnings: (type == .binary ? [.binary(first.path)] : []) + warnings)
    }
    if let other = matches.first { throw .notLabels(path: other.path, other.type) }
    return nil
  }

  /// "Run has no such segmentation", with what it has.
  public func noSegmentation(_ target: SegmentationTarget, at spacing: VoxelSpacing) throws(CopickError) -> CopickError {
    .noSegmentation(run: name, target, spacing, available: Run.unique(try segmentations().map(\.uri)))
  }

  /// The class probabilities that `octopi segment --probabilities` wrote beside labels, in either part; nil if there are none.
  ///
  /// - tomogram: the type of the tomogram that the labels are of, where a log tells: of several it decides.
  func probabilities(of labels: Segmentation, tomogram: String?) throws(CopickError) -> String? {
    let ending = Run.probabilityEnding(name: labels.name, user: labels.user, session: labels.session)
    var found: [String] = []
    for (_, folder) in parts {
      for store in try ProjectFolder("\(folder)/VoxelSpacing\(labels.spacing.threeDecimals)").folders(ending) {
        if store.name == (tomogram ?? "") + ending { return store.path }
        found.append(store.path)
      }
    }
    return found.count == 1 ? found[0] : nil
  }

  /// What the name of a store of probabilities has behind the type of the tomogram.
  static func probabilityEnding(name: String, user: String, session: String) -> String { "_\(name)-\(user)-\(session)-probabilities_features.zarr" }

  /// Files of picks of an object and a user in copick's order, of which it reads the first; with a session only that one's. The ids are
  /// looked for as typed, then as copick writes them.
  public func picks(of object: String, user: String, session: String?) throws(CopickError) -> Listing<PicksFile> {
    let all = try picks()
    func matches(_ file: PicksFile, _ user: String, _ session: String?) -> Bool {
      isSameText(file.object, object) && isSameText(file.user, user) && session.map { isSameText(file.session, $0) } ?? true
    }
    var found = all.entries.filter { matches($0, user, session) }
    if found.isEmpty, let user = CleanName.sanitized(user) {
      let session = session.map { CleanName.sanitized($0) ?? $0 }
      found = all.entries.filter { matches($0, user, session) }
    }
    let shadowed = found.filter { $0.part == .overlay }.compactMap { file in
      found.first { $0.part == .staticRoot && isSameText($0.session, file.session) }.map { Warning.shadowed(file.path, by: $0.path) }
    }
    return Listing(entries: found, warnings: all.warnings + shadowed)
  }

  static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }
}
