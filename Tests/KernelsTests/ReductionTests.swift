import Kernels
import TestSupport
import Testing

@Suite("reductions")
struct ReductionTests {
  private func reference(_ function: ReductionFunction, _ x: [Double]) -> Double {
    switch function {
    case .sum: x.reduce(0, +)
    case .sumOfMagnitudes: x.reduce(0) { $0 + abs($1) }
    case .sumOfSquares: x.reduce(0) { $0 + $1 * $1 }
    case .product: x.reduce(1, *)
    case .max: x.contains(where: \.isNaN) ? .nan : x.max() ?? -.infinity
    case .min: x.contains(where: \.isNaN) ? .nan : x.min() ?? .infinity
    }
  }

  /// Numbers within a factor of 1.03 of 1, so that products stay finite and sums do not cancel: a chain has at most 64 roundings, and as
  /// many chains as the sizes here have.
  @Test(arguments: ISA.available, ReductionFunction.allCases)
  func equalDoubleLoops(isa: ISA, function: ReductionFunction) {
    for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 129, 1100] {
      for other in [1, 3, 16, 17] {
        var random = SplitMix64(seed: UInt64(count))
        let rows = GuardedFloats(other * (count + 1)), columns = GuardedFloats(count * (other + 1))
        for i in 0..<other {
          for j in 0..<count {
            let value = (random.next() % 2 == 0 ? -1 : 1) * random.float(0.03, offset: 1)
            let isNaN = count == 17 && i == 1 && j == 3
            rows[i * (count + 1) + j] = function == .sum ? abs(value) : isNaN ? .nan : value
            columns[j * (other + 1) + i] = rows[i * (count + 1) + j]
          }
        }
        let fromRows = GuardedFloats(other), fromColumns = GuardedFloats(other)
        isa.table.reduction.rows(function)(other, count, rows.floats, count + 1, fromRows.p)
        isa.table.reduction.columns(function)(count, other, columns.floats, other + 1, fromColumns.p)
        for i in 0..<other {
          let want = reference(function, (0..<count).map { Double(rows[i * (count + 1) + $0]) })
          for got in [fromRows[i], fromColumns[i]] {
            let isRight = want.isNaN ? got.isNaN : Double(got) == want || abs(Double(got) - want) <= 6e-8 * 90 * abs(want)
            if !isRight { Issue.record("\(count) numbers: \(got), not \(want)") }
          }
        }
        #expect(fromRows.marginIsIntact && fromColumns.marginIsIntact)
      }
    }
  }
}
