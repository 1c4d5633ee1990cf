/// What checks have found: how much was looked at, and what did not hold.
public final class Report {
  /// Texts that are kept; a kernel that is wrong is wrong everywhere.
  private static let mostTexts = 12

  /// Expectations so far, and those that failed.
  public private(set) var expectations = 0, failures = 0
  /// What the first failures were.
  public private(set) var texts: [String] = []
  /// The case at hand, which stands before the text of a failure.
  public var place = ""

  public init() {}

  public func expect(_ holds: Bool, _ text: @autoclosure () -> String) {
    expectations += 1
    if holds { return }
    failures += 1
    if texts.count < Report.mostTexts { texts.append(place.isEmpty ? text() : place + ": " + text()) }
  }

  /// `got` lies within `bound` of `want`.
  public func expect(_ got: Float, _ want: Double, within bound: Double, _ text: @autoclosure () -> String) {
    let difference = Double(got) - want
    expect(-bound <= difference && difference <= bound, text() + " is \(got), not \(want)")
  }

  /// `got` is `want` bit by bit, or both are NaN.
  public func expect(_ got: Float, equals want: Float, _ text: @autoclosure () -> String) {
    expect(got == want || got.isNaN && want.isNaN, text() + " is \(got), not \(want)")
  }

  public func expectIntact(_ memory: GuardedFloats, _ text: @autoclosure () -> String = "memory") {
    expect(memory.marginIsIntact, "wrote outside of " + text())
  }
}
