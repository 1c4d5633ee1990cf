/// Weights of a Winograd convolution of one block of 16 output channels, some input channels: `G g Gᵀ` along all three axes in double,
/// rounded once.
///
/// Number i of the points in raster order of channel c goes to `u + i * pointStride + 16 c`. Distances are in floats.
public struct WinogradWeightRow {
  public var form = TileForm.cube4
  /// Tap 0 of the first channel, 16 outputs; channels 16 floats apart, taps in raster order of the kernel `tapStride` apart.
  public var weights: Floats
  public var tapStride = 0
  public var channels = 0
  /// The kernel is mirrored along all axes: a transposed convolution of stride 1.
  public var isMirrored = false
  /// Whole lines of 64 bytes, written past the caches.
  public var u: MutableFloats
  public var pointStride = 0
  /// 2,304 floats.
  public var scratch: MutableFloats

  public init(weights: Floats, u: MutableFloats, scratch: MutableFloats) {
    self.weights = weights
    self.u = u
    self.scratch = scratch
  }
}

/// Weights of a convolution of stride 2 by F(4, 2) along each axis; the counterpart of `WinogradWeightRow`.
///
/// Along an axis there are six: points 0...4 of the phase with two taps, then the phase with one, which is the same at all its points.
/// Number 36 z + 6 y + x of channel c goes to `u + offsets[i] + 16 c` for each i from `starts[number]` to before `starts[number + 1]`.
public struct TwoTapWeightRow {
  public var weights: Floats
  public var tapStride = 0
  public var channels = 0
  /// Taps 2 and 0 make the phase with two taps, not 0 and 2.
  public var isTransposed = false
  /// Output channels that are written, 16 or 8.
  public var width = 16
  /// Whole lines of 64 bytes; 16 channels go past the caches.
  public var u: MutableFloats
  public var starts: UnsafePointer<Int>, offsets: UnsafePointer<Int>
  /// 2,304 floats.
  public var scratch: MutableFloats

  public init(weights: Floats, u: MutableFloats, starts: UnsafePointer<Int>, offsets: UnsafePointer<Int>, scratch: MutableFloats) {
    self.weights = weights
    self.u = u
    self.starts = starts
    self.offsets = offsets
    self.scratch = scratch
  }
}
