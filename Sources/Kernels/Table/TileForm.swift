/// The forms of Winograd convolution 3x3x3 of stride 1 that have kernels, named by the outputs of a tile along z, y and x. An axis with m
/// outputs has m + 2 points: F(m, 3), A. Lavin & S. Gray, CVPR 2016.
public enum TileForm: String, Sendable, Hashable, CaseIterable {
  /// 8 products an output, for volumes that larger tiles would mostly exceed.
  case cube2 = "F(2x2x2)"
  /// 3.375 products an output.
  case cube4 = "F(4x4x4)"
  /// 3 products an output, and twice the rounding error of `cube4`.
  case long6 = "F(4x4x6)"

  /// Outputs of a tile along z and y.
  @inlinable public var plane: Int { self == .cube2 ? 2 : 4 }
  /// Outputs of a tile along x.
  @inlinable public var row: Int { self == .long6 ? 6 : plane }
  @inlinable public var outputs: Int { plane * plane * row }
  /// Lines of points along x, and points of each.
  @inlinable public var lines: Int { (plane + 2) * (plane + 2) }
  @inlinable public var pointsOfLine: Int { row + 2 }
  @inlinable public var points: Int { lines * pointsOfLine }
}
