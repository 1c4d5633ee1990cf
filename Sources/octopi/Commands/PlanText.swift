import Octopi
import OctopiEngine

/// Plans and their steps as text.
enum PlanText {
  /// The end of a long name, which tells layers apart.
  static func short(_ name: String, _ longest: Int = 44) -> String { name.count <= longest ? name : "..." + name.suffix(longest - 3) }

  /// A step without a kernel stands out.
  static func kernel(_ step: StepSummary) -> String { step.isReference ? "REFERENCE \(step.kernel)" : step.kernel }

  /// Of a fast form, see `StepSummary.rounding`.
  private static func rounding(_ growth: Double) -> String { growth < 1e6 ? Units.decimals(growth) + "x" : "unbounded" }

  /// A table of the steps, and below it what they need in all.
  static func text(_ plan: Plan, isa: String, threads: Int) -> String {
    var table = Table([("step", .right), ("layer", .left), ("kernel", .left), ("result", .left), ("moves", .right), ("GFLOP", .right), ("rounding", .right)])
    for (index, step) in plan.steps.enumerated() {
      table.add([
        "\(index + 1)", short(step.name), kernel(step), step.shape, step.bytes > 0 ? binarySize(Int(step.bytes)) : "",
        step.flops > 0 ? Units.decimals(step.flops / 1e9) : "", step.rounding.map(rounding) ?? "",
      ])
    }
    let references = plan.steps.count(where: \.isReference)
    return """
      runs on \(isa) in \(Units.plural(plan.steps.count, "step")):

      \(table.text())
      \(Units.decimals(plan.flops / 1e9)) GFLOP, moving \(binarySize(Int(plan.steps.reduce(0) { $0 + $1.bytes })))
      memory: arena \(binarySize(plan.arenaBytes)), parameters \(binarySize(plan.parameterBytes)), \
      with scratch for \(Units.plural(threads, "thread")) \(binarySize(plan.residentBytes(threads: threads)))
      rounding: of fast convolutions, at most so many times that of direct ones; beyond 16x a layer is computed directly
      \(references == 0 ? "all steps have kernels" : "\(Units.plural(references, "step")) without a kernel, marked REFERENCE: by plain loops, slowly")

      """
  }

  static func document(_ plan: Plan, isa: String, threads: Int) -> PythonValue {
    [
      "isa": .string(isa), "threads": .int(threads), "input_shapes": .array(plan.inputTypes.map { .array($0.shape.map(PythonValue.int)) }),
      "outputs": .array(plan.outputNames.map(PythonValue.string)), "gflop": .float(plan.flops / 1e9), "arena_bytes": .int(plan.arenaBytes), "parameter_bytes": .int(plan.parameterBytes),
      "resident_bytes": .int(plan.residentBytes(threads: threads)), "reference_steps": .int(plan.steps.count(where: \.isReference)),
      "steps": .array(
        plan.steps.map { step in
          [
            "name": .string(step.name), "kernel": .string(step.kernel), "shape": .string(step.shape), "bytes": .float(step.bytes),
            "gflop": .float(step.flops / 1e9), "reference": .bool(step.isReference),
            "rounding": step.rounding.map { $0.isFinite ? .float($0) : .null } ?? .null,
          ]
        }),
    ]
  }
}
