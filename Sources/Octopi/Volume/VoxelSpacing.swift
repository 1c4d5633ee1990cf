/// Edge of a cubic voxel in ångström.
public struct VoxelSpacing: Sendable, Hashable {
  public let angstrom: Double
  public init(_ angstrom: Double) { self.angstrom = angstrom }
}
