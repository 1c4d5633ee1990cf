import ArgumentParser
import Kernels
import Octopi

/// `localisation`: both methods on a label volume of full size.
struct Localisation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "localisation", abstract: "Pick particles in a label volume of 184 x 630 x 630 with four objects.")
  @OptionGroup var common: Common

  private static let shape = VolumeShape(z: 184, y: 630, x: 630)
  private static let spacing = VoxelSpacing(10)
  private static let radii = [60.0, 80.0, 90.0, 135.0]

  func run() throws {
    let pool = common.pool, volume = Localisation.labels()
    let targets = Localisation.radii.enumerated().map {
      LocalizeTarget(label: $0.offset + 1, radius: $0.element, minimumScale: 0.5, maximumScale: 1, spacing: Localisation.spacing)
    }
    print("| method | picks | best s | median s | memory MiB |\n|---|---|---|---|---|")
    for (name, method) in [("watershed", LocalizeMethod.watershed(filterSize: 10)), ("com", .centreOfMass)] {
      var picks = 0
      let times = try Times(rounds: common.rounds) {
        picks = try Localizer(method: method).picks(in: volume, of: targets, pool: pool).reduce(0) { $0 + $1.count }
      }
      print("| \(name) | \(picks) | \(decimals(times.best, 3)) | \(decimals(times.median, 3)) | \(MemoryBudget.peakResident >> 20) |")
    }
  }

  /// 900 balls of 0.74 to 0.94 of an object's radius, and 3000 specks.
  private static func labels() -> Volume<UInt8> {
    var volume = Volume(shape: shape, voxels: [UInt8](repeating: 0, count: shape.count)), random = SplitMix64(seed: 7)
    for particle in 0..<900 {
      let object = particle % radii.count, radius = radii[object] / spacing.angstrom * (0.74 + 0.2 * Double(random.below(1000)) / 1000)
      fill(&volume, label: UInt8(object + 1), radius: radius, &random)
    }
    for _ in 0..<3000 { fill(&volume, label: UInt8(1 + random.below(4)), radius: Double(random.below(3)) / 2, &random) }
    return volume
  }

  private static func fill(_ volume: inout Volume<UInt8>, label: UInt8, radius: Double, _ random: inout SplitMix64) {
    let edge = Int(radius.rounded(.up)), centre = shape.axes.map { edge + random.below($0 - 2 * edge) }
    for z in -edge...edge {
      for y in -edge...edge {
        for x in -edge...edge where Double(z * z + y * y + x * x) <= radius * radius {
          volume.voxels[((centre[0] + z) * shape.y + centre[1] + y) * shape.x + centre[2] + x] = label
        }
      }
    }
  }
}
