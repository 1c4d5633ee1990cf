import KernelTable

extension KernelFamily {
  public static let peak = KernelFamily(
    "peak",
    [1, 7, 16, 127, 128, 1000].map { count in
      KernelCheck("bandwidth kernels do what they say, \(count) floats") { kernels, report in
        let a = GuardedFloats(count) { Float($0) }, b = GuardedFloats(count) { Float($0 % 5) }, y = GuardedFloats(count)
        kernels.peak.copy(count, a.floats, y.p)
        report.expect(y.values == a.values, "copy")
        kernels.peak.triad(count, a.floats, b.floats, 3, y.p)
        for i in 0..<count { report.expect(y[i], equals: a[i] + 3 * b[i], "triad \(i)") }
        report.expect(kernels.peak.read(count, a.floats), equals: Float(count * (count - 1) / 2), "sum")
        report.expectIntact(y)
        report.expect(kernels.peak.fmaPerIteration == 12 * kernels.lanes && kernels.peak.fmaLoop(10).isFinite, "multiply-adds")
      }
    })
}
