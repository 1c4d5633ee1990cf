/// A dense volume, axes (z, y, x), x fastest.
public struct Volume<Element: Sendable>: Sendable {
  /// Voxels along z, y, x.
  public let shape: VolumeShape
  public var voxels: [Element]

  public init(shape: VolumeShape, voxels: [Element]) {
    assert(voxels.count == shape.count)
    self.shape = shape
    self.voxels = voxels
  }

  public subscript(z: Int, y: Int, x: Int) -> Element {
    get { voxels[(z * shape.y + y) * shape.x + x] }
    set { voxels[(z * shape.y + y) * shape.x + x] = newValue }
  }
}
