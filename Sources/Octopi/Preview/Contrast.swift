/// The values shown black and white.
struct GreyLimits: Sendable, Hashable {
  let low: Double, high: Double

  /// 0 for `low` and below, 1 for `high` and above; nil for what is no number, and where the limits are equal.
  func share(_ value: Double) -> Double? {
    guard high > low, !value.isNaN else { return nil }
    return min(1, max(0, (value - low) / (high - low)))
  }

  /// One of `levels` steps, halves up; the middle one where there is no share.
  func level(_ value: Double, levels: Int) -> Int {
    guard let share = share(value) else { return levels / 2 }
    return Int((share * Double(levels - 1) + 0.5).rounded(.down))
  }
}

/// Limits of greys from a sample of pixels, one for a run and an output, so that nothing flickers.
struct ContrastSample: Sendable {
  static let limit = 1 << 20

  /// Every m-th of all pixels that would be more than the limit.
  static func stride(pixels: Int) -> Int { max(1, (pixels + limit - 1) / limit) }

  private var values: [Double] = []

  /// - values: any order; what is not finite is left out, and all values that make up more than 30 % (padding).
  init(_ sampled: [Double]) {
    let sorted = sampled.filter(\.isFinite).sorted()
    values.reserveCapacity(sorted.count)
    var start = 0
    while start < sorted.count {
      var end = start
      while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
      if Double(end - start) <= 0.3 * Double(sorted.count) { values += sorted[start..<end] }
      start = end
    }
  }

  /// Where these percentages of the values lie below, between neighbours linearly (numpy's `percentile`); nil without two different values.
  func limits(_ low: Double, _ high: Double) -> GreyLimits? {
    guard let low = percentile(low), let high = percentile(high), low < high else { return nil }
    return GreyLimits(low: low, high: high)
  }

  private func percentile(_ percent: Double) -> Double? {
    guard let last = values.indices.last else { return nil }
    let place = percent / 100 * Double(last), below = Int(place.rounded(.down)), rest = place - Double(below)
    let a = values[below], b = values[min(last, below + 1)]
    // As numpy: from the nearer end.
    return rest >= 0.5 ? b - (b - a) * (1 - rest) : a + (b - a) * rest
  }
}

/// The limits of one run in one output.
struct Contrast: Sendable, Hashable {
  /// 0.5 and 99.5 %: what is shown at first. Nil: all is mid grey.
  let shown: GreyLimits?
  /// 0.1 and 99.9 %: what a page keeps.
  let stored: GreyLimits?

  init(_ sample: ContrastSample) {
    shown = sample.limits(0.5, 99.5)
    stored = sample.limits(0.1, 99.9)
  }
}
