/// Interpolation by tables, separably, row by row of blocked voxels.
public struct ResizeKernels: Sendable {
  /// See `resizeRow` in `Source/Resize/Resize.swift`.
  public typealias Row = @Sendable (
    _ width: Int, _ count: Int, _ rows: Int, _ offsets: UnsafePointer<Int>, _ rowWeights: Floats, _ taps: Int, _ positions: UnsafePointer<Int>,
    _ weights: Floats, _ x: Floats, _ y: MutableFloats
  ) -> Void

  public let row: Row

  public init(row: @escaping Row) {
    self.row = row
  }
}
