import Octopi
import OctopiEngine

/// Steps of a plan as text.
enum PlanText {
  /// The end of a long name, which tells layers apart.
  static func short(_ name: String, _ longest: Int = 44) -> String { name.count <= longest ? name : "..." + name.suffix(longest - 3) }

  /// A step without a kernel stands out.
  static func kernel(_ step: StepSummary) -> String { step.isReference ? "REFERENCE \(step.kernel)" : step.kernel }
}
