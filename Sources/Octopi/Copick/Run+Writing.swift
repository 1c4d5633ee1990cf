/// What became of the picks of one object in one run.
public enum PicksOutcome: Sendable, Hashable {
  case written(path: String)
  /// There are no picks; a file of an earlier run was replaced by an empty list.
  case emptied(path: String)
  /// There are no picks, and there was no file.
  case none
}

extension Run {
  /// Where the labels of this run are written: a multilabel store in the overlay. The static root must not have it.
  public func labelStore(_ target: SegmentationTarget, at spacing: VoxelSpacing) throws(CopickError) -> String {
    let name = SegmentationStoreName.multilabel(target, spacing)
    return try store(name, .multilabel, target, at: spacing) { session in "--seg-uri \(target.with(session: session))" }
  }

  /// Where the voxels of one object are written: a binary store in the overlay. The static root must not have it.
  /// - target: its name is the object's.
  func binaryStore(_ target: SegmentationTarget, at spacing: VoxelSpacing) throws(CopickError) -> String {
    try store(SegmentationStoreName.binary(target, spacing), .binary, target, at: spacing) { session in "--session-id \(session)" }
  }

  private func store(
    _ store: String, _ type: SegmentationType, _ target: SegmentationTarget, at spacing: VoxelSpacing, suggestion: (String) -> String
  ) throws(CopickError) -> String {
    let stores = try segmentations().filter { $0.type == type && $0.spacing == spacing && isSameText($0.name, target.name) && isSameText($0.user, target.user) }
    if let taken = stores.first(where: { $0.part == .staticRoot && isSameText($0.session, target.session) }) {
      throw .staticHas(taken.path, suggestion: suggestion(Run.freeSession(stores.map(\.session))))
    }
    return overlay + "/Segmentations/" + store
  }

  /// Where class probabilities that belong to labels are written: as features of the tomogram, which copick reads with four axes.
  public func probabilityStore(_ target: SegmentationTarget, of tomogram: Tomogram) -> String {
    let ending = Run.probabilityEnding(name: target.name, user: target.user, session: target.session)
    return "\(overlay)/VoxelSpacing\(tomogram.spacing.threeDecimals)/\(tomogram.type)\(ending)"
  }

  /// The set of files that localisation writes in this run; its lock keeps others from all of them.
  public func picksSet(_ target: PicksTarget) -> String { overlay + "/Picks/\(target.user)_\(target.session)" }

  /// Where the picks of an object are written. The static root must not have them.
  public func picksPath(of object: String, _ target: PicksTarget) throws(CopickError) -> String {
    let files = try picks().entries.filter { isSameText($0.object, object) && isSameText($0.user, target.user) }
    if let taken = files.first(where: { $0.part == .staticRoot && isSameText($0.session, target.session) }) {
      throw .staticHas(taken.path, suggestion: "--pick-session-id \(Run.freeSession(files.map(\.session)))")
    }
    return picksSet(target) + "_\(object).json"
  }

  /// Writes the picks of an object.
  ///
  /// - existing: with `.replace` no points replace an older file by an empty list, so that results of two runs never mix.
  public func write(
    _ points: [Picks.Point], of object: String, _ target: PicksTarget, existing: Outputs.Existing, to outputs: Outputs
  ) throws -> PicksOutcome {
    let path = try picksPath(of: object, target)
    if points.isEmpty {
      do throws(OutputError) {
        try Outputs.refuse(path)
        return .none
      } catch .exists where existing == .replace {}
    }
    let picks = Picks(object: object, user: target.user, session: target.session, run: name, points: points)
    try outputs.write(Array(picks.json.utf8), to: path, existing: existing)
    return points.isEmpty ? .emptied(path: path) : .written(path: path)
  }

  /// The lowest number from 2 on that is none of these.
  private static func freeSession(_ taken: [String]) -> String {
    var number = 2
    while taken.contains(String(number)) { number += 1 }
    return String(number)
  }
}
