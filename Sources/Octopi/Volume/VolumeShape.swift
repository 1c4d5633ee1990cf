/// Voxels along each axis of a volume.
public struct VolumeShape: Sendable, Hashable {
  public let z: Int, y: Int, x: Int
  public init(z: Int, y: Int, x: Int) {
    self.z = z
    self.y = y
    self.x = x
  }

  /// From three numbers in the order z, y, x; nil for any other rank.
  public init?(_ axes: [Int]) {
    guard axes.count == 3 else { return nil }
    self.init(z: axes[0], y: axes[1], x: axes[2])
  }

  public var count: Int { z * y * x }
  /// In the order z, y, x.
  public var axes: [Int] { [z, y, x] }
}

extension VolumeShape: CustomStringConvertible {
  /// `184 x 630 x 630`, in the order z, y, x.
  public var description: String { "\(z) x \(y) x \(x)" }
}
