/// Measures what the machine can do at best; the denominators of every per cent that is printed.
public struct PeakKernels: Sendable {
  /// Register-only multiply-adds of one iteration.
  public let fmaPerIteration: Int
  /// Runs `iterations` and returns a value that keeps the loop alive.
  public let fmaLoop: @Sendable (_ iterations: Int) -> Float
  /// `y[i] = x[i]`: 8 bytes a float that memory must move, 12 where a line is read before it is written.
  public let copy: @Sendable (_ count: Int, _ x: Floats, _ y: MutableFloats) -> Void
  /// `y[i] = a[i] + scale * b[i]` (STREAM's triad): 12 bytes a float, or 16.
  public let triad: @Sendable (_ count: Int, _ a: Floats, _ b: Floats, _ scale: Float, _ y: MutableFloats) -> Void
  /// Sum of `count` floats: 4 bytes a float, nothing written.
  public let read: @Sendable (_ count: Int, _ x: Floats) -> Float

  public init(
    fmaPerIteration: Int, fmaLoop: @escaping @Sendable (Int) -> Float, copy: @escaping @Sendable (Int, Floats, MutableFloats) -> Void,
    triad: @escaping @Sendable (Int, Floats, Floats, Float, MutableFloats) -> Void, read: @escaping @Sendable (Int, Floats) -> Float
  ) {
    self.fmaPerIteration = fmaPerIteration
    self.fmaLoop = fmaLoop
    self.copy = copy
    self.triad = triad
    self.read = read
  }
}
