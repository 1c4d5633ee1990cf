import KernelChecks
import Kernels
import Testing

/// The shared checks of all kernels, on every instruction set of this machine.
@Suite("kernels")
struct KernelTests {
  @Test(arguments: ISA.available, KernelFamily.peak.checks)
  func peak(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.elementwise.checks)
  func elementwise(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.reduction.checks)
  func reduction(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.softmax.checks)
  func softmax(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.normalization.checks)
  func normalization(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.layout.checks)
  func layout(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.pooling.checks)
  func pooling(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.resize.checks)
  func resize(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.blend.checks)
  func blend(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.matMul.checks)
  func matrixProducts(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.direct.checks)
  func directConvolution(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.winograd.checks)
  func winograd(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  @Test(arguments: ISA.available, KernelFamily.twoTap.checks)
  func twoTap(isa: ISA, check: KernelCheck) { expectPasses(check, isa) }

  /// Every family stands above.
  @Test func noneIsForgotten() {
    #expect(KernelFamily.all.count == 13)
    #expect(KernelFamily.all.allSatisfy { !$0.checks.isEmpty })
  }

  private func expectPasses(_ check: KernelCheck, _ isa: ISA) {
    let report = Report()
    check.run(isa.table, report)
    #expect(report.expectations > 0)
    for text in report.texts { Issue.record("\(text)") }
    #expect(report.failures == 0)
  }
}
