/// Measures what the machine can do at best; the denominators of every per cent that is printed.
public struct PeakKernels: Sendable {
  /// Register-only multiply-adds of one iteration.
  public let fmaPerIteration: Int
  /// Runs `iterations` and returns a value that keeps the loop alive.
  public let fmaLoop: @Sendable (_ iterations: Int) -> Float

  public init(fmaPerIteration: Int, fmaLoop: @escaping @Sendable (Int) -> Float) {
    self.fmaPerIteration = fmaPerIteration
    self.fmaLoop = fmaLoop
  }
}
