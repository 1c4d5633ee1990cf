/// The files of picks of one user and session in one run, one an object.
public struct RunPicks: Sendable, Hashable {
  public let run: String
  /// In the order of their names.
  public let files: [PicksFile]
}

extension Project {
  /// The picks of a user and a session in each run, as `tomograms(_:runs:)`.
  ///
  /// - names: only these objects; those that have no picks are a warning of the first run, or an error if none has.
  public func picks(_ target: PicksTarget, objects names: [String]?, runs: [String]?) throws(CopickError) -> Selection<RunPicks> {
    let all = try select(runs: runs) { run throws(CopickError) in try run.picks(target) } missing: { run throws(CopickError) in
      .noPicks(run: run.name, target.description, available: Run.unique(try run.picks().entries.map(\.owner)))
    }
    guard !all.found.isEmpty else {
      let available = try self.runs().map { run throws(CopickError) in try run.picks().entries.map(\.owner) }
      throw .noPicks(run: nil, target.description, available: Run.unique(available.flatMap(\.self)))
    }
    guard let names else { return all }
    let there = Run.unique(all.found.flatMap { $0.entry.files.map(\.object) })
    let unknown = names.filter { name in !there.contains { isSameText($0, name) } }
    if unknown.count == names.count { throw .noParticle(names, particles: there) }
    var found = all.found.map { run in
      Found(
        entry: RunPicks(run: run.entry.run, files: run.entry.files.filter { file in names.contains { isSameText($0, file.object) } }),
        warnings: run.warnings)
    }
    if let first = found.first, !unknown.isEmpty {
      let warning = Warning("no picks of " + unknown.map { "'\($0)'" }.joined(separator: ", "), remedy: "there are: " + CopickError.list(there))
      found[0] = Found(entry: first.entry, warnings: first.warnings + [warning])
    }
    return Selection(found: found, skipped: all.skipped)
  }
}

extension Project {
  /// Throws `CopickError.noParticle` if none of the names is a particle of the project: before anything is computed.
  public func checkParticles(_ names: [String]?) throws(CopickError) {
    let particles = configuration.particles.map(\.name)
    guard let names, !names.isEmpty, !names.contains(where: { name in particles.contains { isSameText($0, name) } }) else { return }
    throw .noParticle(names, particles: particles)
  }

  /// Throws `OutputError.exists` if one of the runs has picks of a user and a session already.
  public func refusePicks(_ target: PicksTarget, runs names: [String]?) throws {
    for run in try names.map({ names throws(CopickError) in try runs(named: names) }) ?? runs() {
      if let file = try run.picks(target)?.entry.files.first { throw OutputError.exists(path: file.path) }
    }
  }
}

extension Run {
  /// All picks of a user and a session, one file an object; nil if there are none. The ids are looked for as typed, then as copick writes
  /// them.
  func picks(_ target: PicksTarget) throws(CopickError) -> Found<RunPicks>? {
    let all = try picks()
    var matches = all.entries.filter { isSameText($0.user, target.typedUser) && isSameText($0.session, target.typedSession) }
    if matches.isEmpty { matches = all.entries.filter { isSameText($0.user, target.user) && isSameText($0.session, target.session) } }
    guard !matches.isEmpty else { return nil }
    var files: [PicksFile] = [], warnings = all.warnings
    for file in matches {
      if let first = files.first(where: { isSameText($0.object, file.object) }) {
        warnings.append(.shadowed(file.path, by: first.path))
      } else {
        files.append(file)
      }
    }
    return Found(entry: RunPicks(run: name, files: files.sorted { precedesByCodePoints($0.object, $1.object) }), warnings: warnings)
  }
}

extension PicksFile {
  /// `octopi/1`.
  var owner: String { "\(user)/\(session)" }
}

extension PicksTarget: CustomStringConvertible {
  /// `octopi/1`, as typed.
  public var description: String { "\(typedUser)/\(typedSession)" }
}
