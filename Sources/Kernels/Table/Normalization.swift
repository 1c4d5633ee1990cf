/// Statistics of channels, and the affine maps and activations that follow from them.
///
/// Blocked rows: `[voxel][width]` floats, `width` 8 or 16 channels; lanes beyond the last channel may hold anything.
public struct NormalizationKernels: Sendable {
  /// See `moments` in `Source/Normalization/Moments.swift`.
  public typealias Moments = @Sendable (
    _ width: Int, _ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ merged: Int, _ state: UnsafeMutablePointer<Double>
  ) -> Void
  /// See `normalize` in `Source/Normalization/Normalize.swift`.
  public typealias Normalize = @Sendable (
    _ width: Int, _ rows: Int, _ count: Int, _ a: NormalizedOperand, _ b: NormalizedOperand?, _ slope: Floats?, _ y: MutableFloats, _ yRow: Int
  ) -> Void
  /// See `layerNormalize` in `Source/Normalization/LayerNormalize.swift`.
  public typealias LayerNormalize = @Sendable (
    _ rows: Int, _ count: Int, _ x: Floats, _ xRow: Int, _ scale: Floats?, _ shift: Floats?, _ epsilon: Float, _ y: MutableFloats, _ yRow: Int
  ) -> Void

  public let moments: Moments
  public let normalize: Normalize
  public let layerNormalize: LayerNormalize

  public init(moments: @escaping Moments, normalize: @escaping Normalize, layerNormalize: @escaping LayerNormalize) {
    self.moments = moments
    self.normalize = normalize
    self.layerNormalize = layerNormalize
  }
}

/// Coefficients of a normalisation and its activation for one block of channels, `scale[width]`, `shift[width]`, `slope[width]`, `mean[width]`:
/// `t > 0 ? t : slope * t` with `t = scale * (x - mean) + shift`. The mean is subtracted first: multiplied with the scale, a mean of
/// thousands of deviations would take all digits with it.
@frozen
public enum Coefficients {
  /// Vectors of `width` floats.
  @inlinable public static var rows: Int { 4 }
}

/// A blocked tensor as a summand of `NormalizationKernels.normalize`.
public struct NormalizedOperand: @unchecked Sendable {
  /// First voxel of the first row.
  public var x: Floats
  /// Floats from row to row.
  public var row: Int
  /// See `Coefficients`. Nil: `x` itself.
  public var norm: Floats?

  public init(_ x: Floats, row: Int, norm: Floats?) {
    self.x = x
    self.row = row
    self.norm = norm
  }
}
