public import Graph

/// How far a tensor may be from what was expected.
public enum Tolerance: Sendable, Hashable {
  /// NumPy's `assert_allclose`: every element within `absolute + relative * |expected|`.
  case elementwise(absolute: Double, relative: Double)
  /// The largest difference within this share of the largest expected magnitude.
  case ofLargest(Double)

  /// What ONNX's own test runner takes where a test does not say.
  public static let standardAbsolute = 1e-7, standardRelative = 1e-3

  /// Without any word on it: 1e-3, of half-precision networks 5e-3.
  public static func standard(isHalf: Bool) -> Tolerance { .ofLargest(isHalf ? 5e-3 : 1e-3) }
}

/// A computed tensor beside the expected one. NaN equals NaN, an infinity the same infinity; types and shapes must be equal.
public struct TensorComparison: Sendable, Hashable {
  /// Infinite where one of the two is not finite and the other is something else.
  public private(set) var largestDifference = 0.0
  /// Of the finite values.
  public private(set) var largestExpected = 0.0
  /// Every element is within the tolerance.
  public private(set) var isWithin = true

  public init(_ computed: Tensor, expected: Tensor, _ tolerance: Tolerance) {
    assert(computed.type == expected.type)
    // 64-bit integers may differ where their doubles do not.
    let integers = computed.integers.flatMap { a in expected.integers.map { (a, $0) } }
    for (index, (a, b)) in zip(computed.doubles, expected.doubles).enumerated() {
      let isSame = integers.map { $0.0[index] == $0.1[index] } ?? (a == b || (a.isNaN && b.isNaN))
      let difference = isSame ? 0 : a.isFinite && b.isFinite ? max(abs(a - b), integers == nil ? 0 : 1) : .infinity
      take(b, difference, tolerance)
    }
    if case .ofLargest(let share) = tolerance, !(largestDifference <= share * largestExpected) { isWithin = false }
  }

  private mutating func take(_ expected: Double, _ difference: Double, _ tolerance: Tolerance) {
    largestDifference = max(largestDifference, difference)
    if expected.isFinite { largestExpected = max(largestExpected, expected.magnitude) }
    guard case .elementwise(let absolute, let relative) = tolerance, difference > 0 else { return }
    if !(difference.isFinite && difference <= absolute + relative * expected.magnitude) { isWithin = false }
  }
}
