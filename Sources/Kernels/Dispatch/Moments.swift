public import KernelTable

/// Statistics of channels that kernels gathered in parts, joined in Double. The states are those of `NormalizationKernels.moments`:
/// `mean[width]`, then `M2[width]`.
///
/// The parts must be joined in an order that does not depend on who gathered them: then the bits do not either.
public enum Moments {
  /// `state`, which stands for `merged` voxels, takes in `other`, which stands for `count` (Chan, Golub, LeVeque 1983).
  public static func merge(
    width: Int, _ other: UnsafePointer<Double>, count: Int, into state: UnsafeMutablePointer<Double>, merged: Int
  ) {
    guard count > 0 else { return }
    let share = Double(count) / Double(merged + count)
    for lane in 0..<width {
      if merged == 0 {
        state[lane] = other[lane]
        state[width + lane] = other[width + lane]
      } else {
        let delta = other[lane] - state[lane]
        state[lane] += delta * share
        state[width + lane] += other[width + lane] + delta * delta * Double(merged) * share
      }
    }
  }

  /// The affine map of a normalisation over `count` voxels as `Coefficients`, all but the slope: `scale = gamma / sqrt(M2 / count + epsilon)`,
  /// the rounded mean, and `shift = beta` less what the rounding of the mean has left (ONNX InstanceNormalization 6).
  /// `gamma`, `beta`: `[width]`, or nil for 1 and 0.
  public static func affine(
    width: Int, _ state: UnsafePointer<Double>, count: Int, epsilon: Double, gamma: Floats?, beta: Floats?, into norm: MutableFloats
  ) {
    for lane in 0..<width {
      let scale = (gamma.map { Double($0[lane]) } ?? 1) / (state[width + lane] / Double(count) + epsilon).squareRoot()
      norm[lane] = Float(scale)
      let mean = Float(state[lane])
      norm[width + lane] = Float((beta.map { Double($0[lane]) } ?? 0) - (state[lane] - Double(mean)) * scale)
      norm[3 * width + lane] = mean
    }
  }
}
