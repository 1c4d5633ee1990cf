/// Largest and mean values of neighbourhoods, row by row of blocked voxels.
public struct PoolingKernels: Sendable {
  /// See `maxPoolRow` and `averagePoolRow` in `Source/Pooling/Pooling.swift`.
  public typealias MaxPool = @Sendable (
    _ width: Int, _ shape: PoolingRow, _ rows: Int, _ offsets: UnsafePointer<Int>, _ x: Floats, _ y: MutableFloats
  ) -> Void
  public typealias AveragePool = @Sendable (
    _ width: Int, _ shape: PoolingRow, _ rows: Int, _ offsets: UnsafePointer<Int>, _ countedRows: Int, _ x: Floats, _ y: MutableFloats
  ) -> Void

  public let max: MaxPool
  public let average: AveragePool

  public init(max: @escaping MaxPool, average: @escaping AveragePool) {
    self.max = max
    self.average = average
  }
}

/// How a row of results looks at rows of its source: result o at the source's voxels `o * stride - before + t * dilation`, t below `kernel`.
public struct PoolingRow: Sendable, Hashable {
  /// Results; voxels of a source row.
  public var count: Int, inputs: Int
  public var kernel: Int, stride: Int, dilation: Int, before: Int
  /// Voxels of the source row, padding included or not, that count in a mean: `0 ..< inputs`, or with `count_include_pad`
  /// `-before ..< inputs + after`.
  public var counted: Range<Int>

  public init(count: Int, inputs: Int, kernel: Int, stride: Int, dilation: Int, before: Int, counted: Range<Int>) {
    self.count = count
    self.inputs = inputs
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.counted = counted
  }
}
