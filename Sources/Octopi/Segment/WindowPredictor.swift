/// A network seen by the sliding window: windows in, logits out. The engine's session is one; tests use others.
public protocol WindowPredictor {
  /// Size of a window along z, y, x.
  var roi: VolumeShape { get }
  /// Number of classes C; background is class 0.
  var classes: Int { get }
  /// Windows that may be given in one call.
  var batch: Int { get }

  /// Predicts `count` windows (1...batch). `fill` is asked to write window i, `[z][y][x]` row-major, into the pointer it is given;
  /// `take` then gets the logits of window i, `[C][z][y][x]` row-major, valid during the call only.
  mutating func predict(
    count: Int, fill: (_ window: Int, _ into: UnsafeMutableBufferPointer<Float>) -> Void,
    take: (_ window: Int, _ logits: UnsafeBufferPointer<Float>) -> Void) throws
}
