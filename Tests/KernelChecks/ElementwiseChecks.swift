import CLibm
import KernelTable
import TestSupport

private func reference(_ function: BinaryFunction, _ a: Float, _ b: Float) -> Float {
  switch function {
  case .add: a + b
  case .sub: a - b
  case .mul: a * b
  case .div: a / b
  case .pow: clibm_powf(a, b)
  case .max: a.isNaN || b.isNaN ? .nan : a > b ? a : b
  case .min: a.isNaN || b.isNaN ? .nan : a < b ? a : b
  case .prelu: a > 0 ? a : a * b
  }
}

/// Single operations: the same bits as scalar code. Periods: 0 a row, 1 a number, 8 and 16 a number a channel.
private func checkBinary(_ function: BinaryFunction, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: 11)
  let kernel = kernels.elementwise.binary(function)
  for (aPeriod, bPeriod) in [(0, 0), (0, 1), (1, 0), (0, 8), (8, 0), (0, 16), (16, 0)] {
    for count in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 48, 112, 131] {
      report.place = "\(count) floats, periods \(aPeriod), \(bPeriod)"
      let a = GuardedFloats(aPeriod == 0 ? count : aPeriod) { _ in random.float(3) }
      let b = GuardedFloats(bPeriod == 0 ? count : bPeriod) { _ in random.float(3) }
      if count > 4 { a[0] = .nan }
      if count > 7 { b[b.count - 1] = .nan }
      let y = GuardedFloats(count)
      kernel(count, a.floats, aPeriod, b.floats, bPeriod, y.p)
      for i in 0..<count {
        let want = reference(function, a[aPeriod == 0 ? i : i % aPeriod], b[bPeriod == 0 ? i : i % bPeriod])
        report.expect(y[i], equals: want, "float \(i)")
      }
      report.expectIntact(y)
      if aPeriod == 0 {
        kernel(count, a.floats, aPeriod, b.floats, bPeriod, a.p)
        for i in 0..<count { report.expect(a[i].bitPattern == y[i].bitPattern || a[i].isNaN, "in place: float \(i)") }
      }
    }
  }
}

private func checkAdd(_ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: 12)
  for count in [1, 3, 4, 7, 8, 9, 15, 16, 17, 33, 131] {
    let a = GuardedFloats(count) { _ in random.float(3) }, b = GuardedFloats(count) { _ in random.float(3) }, y = GuardedFloats(count)
    kernels.elementwise.add(count, a.floats, b.floats, y.p)
    for i in 0..<count { report.expect(y[i], equals: a[i] + b[i], "float \(i) of \(count)") }
    report.expectIntact(y)
  }
}

extension KernelFamily {
  public static let elementwise = KernelFamily(
    "elementwise",
    unaryChecks + BinaryFunction.allCases.map { function in KernelCheck("\(function.rawValue)") { checkBinary(function, $0, $1) } }
      + [KernelCheck("sum of two rows", checkAdd)])
}
