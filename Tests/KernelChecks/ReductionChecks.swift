import KernelTable
import TestSupport

private func reference(_ function: ReductionFunction, _ x: [Double]) -> Double {
  var result: Double
  switch function {
  case .sum, .sumOfMagnitudes, .sumOfSquares: result = 0
  case .product: result = 1
  case .max: result = -.infinity
  case .min: result = .infinity
  }
  for value in x {
    switch function {
    case .sum: result += value
    case .sumOfMagnitudes: result += abs(value)
    case .sumOfSquares: result += value * value
    case .product: result *= value
    case .max: result = value.isNaN || value > result ? value : result
    case .min: result = value.isNaN || value < result ? value : result
    }
  }
  return result
}

/// Numbers within a factor of 1.03 of 1, so that products stay finite and sums do not cancel: a chain has at most 64 roundings, and as
/// many chains as the sizes here have.
private func check(_ function: ReductionFunction, _ kernels: KernelTable, _ report: Report) {
  for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 129, 1100] {
    for other in [1, 3, 16, 17] {
      report.place = "\(other) times \(count) numbers"
      var random = SplitMix64(seed: UInt64(count))
      let rows = GuardedFloats(other * (count + 1)), columns = GuardedFloats(count * (other + 1))
      for i in 0..<other {
        for j in 0..<count {
          let value = (random.next() % 2 == 0 ? -1 : 1) * random.float(0.03, offset: 1), isNaN = count == 17 && i == 1 && j == 3
          rows[i * (count + 1) + j] = function == .sum ? abs(value) : isNaN ? .nan : value
          columns[j * (other + 1) + i] = rows[i * (count + 1) + j]
        }
      }
      let fromRows = GuardedFloats(other), fromColumns = GuardedFloats(other)
      kernels.reduction.rows(function)(other, count, rows.floats, count + 1, fromRows.p)
      kernels.reduction.columns(function)(count, other, columns.floats, other + 1, fromColumns.p)
      for i in 0..<other {
        let want = reference(function, (0..<count).map { Double(rows[i * (count + 1) + $0]) })
        for got in [fromRows[i], fromColumns[i]] {
          let isRight = want.isNaN ? got.isNaN : Double(got) == want || abs(Double(got) - want) <= 6e-8 * 90 * abs(want)
          report.expect(isRight, "result \(i) is \(got), not \(want)")
        }
      }
      report.expectIntact(fromRows)
      report.expectIntact(fromColumns)
    }
  }
}

extension KernelFamily {
  public static let reduction = KernelFamily(
    "reduction", ReductionFunction.allCases.map { function in KernelCheck("\(function.rawValue)") { check(function, $0, $1) } })
}
