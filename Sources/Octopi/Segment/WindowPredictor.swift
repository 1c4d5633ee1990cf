public import OctopiEngine

/// A network seen by the sliding window: windows in, logits out. The engine's session is one; tests use others.
///
/// Threads are the predictor's business: `fill` and `take` start none and may be called by several threads at once for disjoint parts of
/// one window, so that cutting and blending run beside or inside the predictor's own tasks.
public protocol WindowPredictor {
  /// Size of a window along z, y, x.
  var roi: VolumeShape { get }
  /// Number of channels of the logits.
  var classes: Int { get }
  /// Windows that may be given in one call.
  var batch: Int { get }
  /// Memory that it holds while it predicts: weights, arena, windows and logits.
  var residentBytes: Int { get }

  /// Predicts `count` windows (1...batch). The logits of a window must not depend on `count` or on its place in the batch.
  ///
  /// - fill: writes planes `planes` (along z) of window `window` into a span of `planes.count * roi.y * roi.x` floats, row-major. Asked for
  ///   every plane of every window once, in any order.
  /// - take: gets a part of the logits of window `window`, valid during the call; every logit once, and all of window i before any of
  ///   window i + 1.
  mutating func predict(
    count: Int, fill: (_ window: Int, _ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void,
    take: (_ window: Int, _ part: LogitPart, _ logits: Span<Float>) -> Void) throws
}
