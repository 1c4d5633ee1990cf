/// Softmax and its logarithm along rows, columns and channels.
public struct SoftmaxKernels: Sendable {
  /// See `softmaxRows` in `Source/Softmax/Softmax.swift`.
  public typealias Rows = @Sendable (_ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ y: MutableFloats, _ yRow: Int) -> Void
  /// See `softmaxColumns` there.
  public typealias Columns = @Sendable (_ count: Int, _ columns: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats, _ yStep: Int) -> Void
  /// See `softmaxVoxels` there.
  public typealias Voxels = @Sendable (
    _ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xBlock: Int, _ y: MutableFloats, _ yBlock: Int
  ) -> Void

  public let rows: Rows, logRows: Rows
  public let columns: Columns, logColumns: Columns
  public let voxels: Voxels, logVoxels: Voxels

  public init(
    rows: @escaping Rows, logRows: @escaping Rows, columns: @escaping Columns, logColumns: @escaping Columns, voxels: @escaping Voxels,
    logVoxels: @escaping Voxels
  ) {
    self.rows = rows
    self.logRows = logRows
    self.columns = columns
    self.logColumns = logColumns
    self.voxels = voxels
    self.logVoxels = logVoxels
  }
}
