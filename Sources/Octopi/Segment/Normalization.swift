/// `y = (x - mean) / deviation` in float32, one subtraction and one division (MONAI `NormalizeIntensity`).
public struct Normalization: Sendable, Hashable {
  public let mean: Float, deviation: Float

  /// Leaves values as they are.
  public static let none = Normalization(mean: 0, deviation: 1)

  /// - deviation: 0, of a constant volume, counts as 1.
  public init(mean: Float, deviation: Float) {
    self.mean = mean
    self.deviation = deviation == 0 ? 1 : deviation
  }

  /// Mean and population deviation, computed in double and rounded once.
  init(_ moments: Moments) { self.init(mean: Float(moments.mean), deviation: Float(moments.deviation)) }

  public func callAsFunction(_ value: Float) -> Float { (value - mean) / deviation }

  /// What is normalised together.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// The whole volume, as octopi does.
    case volume
    /// Each window by itself: its voxels inside of the volume.
    case window
    /// Nothing: the network sees the stored values.
    case none
  }
}
