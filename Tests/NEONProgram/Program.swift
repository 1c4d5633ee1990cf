import KernelChecks
import KernelsNEON

/// The shared checks of all kernels on the NEON kernels, without Foundation: see `Scripts/test_neon.sh`. 1 if something did not hold.
@_cdecl("check_neon_kernels")
public func checkKernels() -> Int32 {
  let report = Report()
  for family in KernelFamily.all {
    let expectations = report.expectations, failures = report.failures
    for check in family.checks {
      let texts = report.texts.count
      report.place = ""
      check.run(kernels, report)
      for text in report.texts[texts...] { print("  \(check.description): \(text)") }
    }
    let failed = report.failures - failures
    print("neon, \(family.description): \(family.checks.count) checks, \(report.expectations - expectations) comparisons" + (failed == 0 ? "" : ", \(failed) failed"))
  }
  return report.failures == 0 ? 0 : 1
}
