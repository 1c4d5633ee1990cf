/// Sums and extremes along an axis of plain tensors.
public struct ReductionKernels: Sendable {
  /// See `reduceRows` in `Source/Reduction/Reduction.swift`.
  public typealias Rows = @Sendable (_ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ y: MutableFloats) -> Void
  /// See `reduceColumns` there.
  public typealias Columns = @Sendable (_ count: Int, _ columns: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats) -> Void

  /// The kernels of a function; asked for once, when a plan is made.
  public let rows: @Sendable (ReductionFunction) -> Rows
  public let columns: @Sendable (ReductionFunction) -> Columns

  public init(rows: @escaping @Sendable (ReductionFunction) -> Rows, columns: @escaping @Sendable (ReductionFunction) -> Columns) {
    self.rows = rows
    self.columns = columns
  }
}

/// What becomes of numbers along an axis. Means, norms and logarithms are these and a function of the few results.
public enum ReductionFunction: String, Sendable, CaseIterable {
  case sum, sumOfMagnitudes, sumOfSquares, product
  /// NaN if there is one.
  case max, min
}
