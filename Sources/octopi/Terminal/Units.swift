import Foundation

/// Numbers as people read them: times in their own units, thousands apart. Sizes: `binarySize`.
enum Units {
  /// `0.42 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "unknown" }
    if seconds < 9.95 { return String(format: seconds < 0.995 ? "%.2f s" : "%.1f s", seconds) }
    guard seconds < 1e9 else { return "years" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min " + padded(whole % 60) + " s" }
    if whole < 86_400 { return "\(whole / 3600) h " + padded(whole % 3600 / 60) + " min" }
    return "\(whole / 86_400) d " + padded(whole % 86_400 / 3600) + " h"
  }

  /// Times below ten seconds in milliseconds, to three digits: `0.042 ms`, `34.7 ms`, `1220 ms`.
  static func duration(milli seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 9.95 else { return duration(seconds) }
    return decimals(seconds * 1e3) + " ms"
  }

  /// A number of at least 0 to three digits, or all digits before the point: `0.042`, `34.7`, `1220`.
  static func decimals(_ number: Double) -> String {
    decimals(number, number < 0.995 ? 3 : number < 9.995 ? 2 : number < 99.95 ? 1 : 0)
  }

  /// A number with so many digits behind the point.
  static func decimals(_ number: Double, _ digits: Int) -> String { number.isFinite ? String(format: "%.\(digits)f", number) : "unknown" }

  /// As few digits as tell the number from others: `10`, `13.48`.
  static func short(_ number: Double) -> String { number.isFinite ? String(format: "%.6g", number) : "\(number)" }

  /// `0.834` as `83 %`, `0.0123` as `1.2 %`.
  static func percent(_ share: Double) -> String { decimals(share * 100, share < 0.0995 ? 1 : 0) + " %" }

  /// `63920025` as `63,920,025`.
  static func count(_ number: Int) -> String {
    var digits = String(number.magnitude), groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = String(digits.dropLast(3))
    }
    return (number < 0 ? "-" : "") + ([Substring(digits)] + groups).joined(separator: ",")
  }

  /// A number with what it counts: `1 run`, `3 runs`.
  static func plural(_ number: Int, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
