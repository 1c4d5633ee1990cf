/// Which voxel size holds for a tomogram that is not in a project: what its file says, or what the user says.
enum VoxelSize {
  /// Edges that differ by less are one spacing that was rounded: 13.2816, 13.28, 13.279.
  private static let relativeRounding = 0.002, absoluteRounding = 0.0101

  /// What a file says.
  struct Stored {
    enum Place {
      case header, attributes, folder
    }

    let place: Place
    /// Edges along z, y, x in ångström; nil when it does not say.
    let edges: [Double]?
    /// What is odd about them.
    var note: String?

    fileprivate var says: String {
      switch place {
      case .header: "its header says"
      case .attributes: "its attributes say"
      case .folder: "its folder says"
      }
    }
  }

  /// - given: of `--voxel-size`; it counts.
  static func choose(_ file: Stored, given: VoxelSpacing?, file path: String, _ warnings: inout [Warning]) throws(VoxelSizeError) -> VoxelSpacing {
    let stored = file.edges.flatMap { $0.count == 3 && $0.allSatisfy { $0.isFinite && $0 > 0 } ? $0 : nil }
    let isUnset = file.place != .folder && stored?.allSatisfy { abs($0 - 1) < 1e-4 } ?? true
    if let given {
      if let stored, !stored.allSatisfy({ abs($0 / given.angstrom - 1) <= 0.01 }) {
        let said = single(stored).map(\.description) ?? text(stored)
        let doubt = isUnset ? ", which mostly means \"not set\"" : ""
        warnings.append(Warning("'\(path)': \(file.says) voxels of \(said)\(doubt); --voxel-size \(VoxelSize.number(given.angstrom)) counts"))
      }
      return given
    }
    guard let stored else { throw .notSaid(file: path) }
    guard let spacing = single(stored) else { throw .unequal(file: path, zyx: stored) }
    if isUnset {
      warnings.append(
        Warning(
          "'\(path)': \(file.says) voxels of 1 A, which mostly means \"not set\"; taken as they are, a radius of 50 A is 50 voxels",
          remedy: "give the size with --voxel-size"))
    } else if let note = file.note {
      warnings.append(Warning("'\(path)': voxels of \(spacing) (\(note))", remedy: "give the size with --voxel-size if that is wrong"))
    }
    return spacing
  }

  /// The spacing that all three edges are roundings of, with as few decimals as lie between them; nil if they differ by more.
  private static func single(_ edges: [Double]) -> VoxelSpacing? {
    guard let least = edges.min(), let most = edges.max() else { return nil }
    let mean = edges.reduce(0, +) / Double(edges.count)
    guard most - least <= max(relativeRounding * mean, absoluteRounding) else { return nil }
    // Cells are float32: good to 6e-8 of their length.
    let between = least * (1 - 2e-7)...most * (1 + 2e-7)
    var power = 1.0
    for _ in 0...6 {
      let rounded = (mean * power).rounded() / power
      if rounded > 0, between.contains(rounded) { return VoxelSpacing(rounded) }
      power *= 10
    }
    return VoxelSpacing(mean)
  }

  private static func text(_ zyx: [Double]) -> String { zyx.reversed().map { number($0) }.joined(separator: ", ") + " A" }

  /// At most four decimals.
  static func number(_ value: Double) -> String {
    let rounded = (value * 10000).rounded() / 10000
    let text = "\(rounded)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// Why a tomogram has no voxel size.
public enum VoxelSizeError: Error, Sendable, Hashable {
  case notSaid(file: String)
  /// Edges along z, y, x in ångström.
  case unequal(file: String, zyx: [Double])
}

extension VoxelSizeError: Failure {
  public var kind: FailureKind { .damaged }

  public var message: String {
    switch self {
    case .notSaid(let file): "'\(file)' does not say how large its voxels are"
    case .unequal(let file, let zyx):
      "'\(file)' has voxels of \(zyx.reversed().map { VoxelSize.number($0) }.joined(separator: " x ")) A (x, y, z), which are no cubes"
    }
  }

  public var remedy: String? {
    switch self {
    case .notSaid: "give it in angstrom, e.g. --voxel-size 10"
    case .unequal: "resample it to cubic voxels; if its header is wrong, give the size with --voxel-size"
    }
  }
}
