/// The axes of a volume, slowest first.
public enum VolumeAxis: Int, Sendable, Hashable, CaseIterable {
  case z, y, x
}

extension VolumeShape {
  /// Voxels along `axis`.
  public subscript(axis: VolumeAxis) -> Int {
    switch axis {
    case .z: z
    case .y: y
    case .x: x
    }
  }

  /// The same shape with `size` voxels along `axis`.
  func with(_ axis: VolumeAxis, _ size: Int) -> VolumeShape {
    VolumeShape(z: axis == .z ? size : z, y: axis == .y ? size : y, x: axis == .x ? size : x)
  }
}

/// A box of voxels of a volume: half-open ranges along z, y, x.
public struct VolumeBox: Sendable, Hashable {
  public let z: Range<Int>, y: Range<Int>, x: Range<Int>

  public init(z: Range<Int>, y: Range<Int>, x: Range<Int>) {
    self.z = z
    self.y = y
    self.x = x
  }

  /// The slab of `shape` that holds the planes `range` across `axis`.
  public init(_ shape: VolumeShape, _ axis: VolumeAxis, _ range: Range<Int>) {
    self.init(z: axis == .z ? range : 0..<shape.z, y: axis == .y ? range : 0..<shape.y, x: axis == .x ? range : 0..<shape.x)
  }

  /// A whole volume.
  public init(_ shape: VolumeShape) { self.init(z: 0..<shape.z, y: 0..<shape.y, x: 0..<shape.x) }

  public var shape: VolumeShape { VolumeShape(z: z.count, y: y.count, x: x.count) }

  public subscript(axis: VolumeAxis) -> Range<Int> {
    switch axis {
    case .z: z
    case .y: y
    case .x: x
    }
  }

  /// The box cut into boxes of `size`, smaller ones at its end, in the order of the volume.
  func tiles(of size: VolumeShape) -> [VolumeBox] {
    let pieces = { (range: Range<Int>, size: Int) in
      stride(from: range.lowerBound, to: range.upperBound, by: max(1, size)).map { $0..<min(range.upperBound, $0 + max(1, size)) }
    }
    let (ys, xs) = (pieces(y, size.y), pieces(x, size.x))
    return pieces(z, size.z).flatMap { z in ys.flatMap { y in xs.map { x in VolumeBox(z: z, y: y, x: x) } } }
  }
}
