import Foundation

/// Picks as lines of text for programs that read no STAR files.
enum PicksTables {
  /// `run,object,x,y,z,score`: lengths in ångström with all digits, names in quotes where they need them (RFC 4180). A pick without a score
  /// has an empty last cell.
  static func csv(_ picks: [PlacedPicks]) -> String {
    var text = "run,object,x,y,z,score\n"
    for part in picks {
      let names = quoted(part.run) + "," + quoted(part.object)
      for point in part.points {
        let at = point.centre
        text += "\(names),\(number(at.x)),\(number(at.y)),\(number(at.z)),\(point.score.map(number) ?? "")\n"
      }
    }
    return text
  }

  /// What TomoTwin and crYOLO read: x, y, z in voxels, a pick a line.
  static func coords(_ points: [Picks.Point], _ spacing: VoxelSpacing) -> String {
    points.map { point in
      let at = point.centre
      return [at.x, at.y, at.z].map { String(format: "%.6f", $0 / spacing.angstrom) }.joined(separator: " ") + "\n"
    }.joined()
  }

  private static func number(_ value: Double) -> String { PythonJSON.text(.float(value)) }

  private static func quoted(_ name: String) -> String {
    let needsQuotes = name.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13 }
    return needsQuotes ? "\"" + name.replacing("\"", with: "\"\"") + "\"" : name
  }
}
