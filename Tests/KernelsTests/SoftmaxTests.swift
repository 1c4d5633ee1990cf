import Foundation
import Kernels
import TestSupport
import Testing

@Suite("softmax")
struct SoftmaxTests {
  /// Softmax of Double numbers and its logarithm.
  private func reference(_ x: [Double], log isLog: Bool) -> [Double] {
    let largest = x.max() ?? 0, sum = x.reduce(0) { $0 + exp($1 - largest) }
    return x.map { isLog ? $0 - largest - log(sum) : exp($0 - largest) / sum }
  }

  /// Relative errors of exp, sum, division: 1e-6 with room; of a logarithm, rounding of numbers up to 100.
  private func check(_ got: [Float], _ x: [Float], log isLog: Bool, _ place: String) {
    for (i, (got, want)) in zip(got, reference(x.map(Double.init), log: isLog)).enumerated() {
      if !(abs(Double(got) - want) <= (isLog ? 2e-5 : 1e-6 * abs(want) + 1e-38)) { Issue.record("\(place), \(i): \(got), not \(want)") }
    }
  }

  private func numbers(_ count: Int, _ random: inout SplitMix64) -> GuardedFloats {
    GuardedFloats((0..<count).map { $0 % 11 == 5 ? -100 : random.float(8) })
  }

  @Test(arguments: ISA.available, [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 343])
  func alongRows(isa: ISA, count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let rows = 3, row = count + 2, x = numbers(rows * row, &random)
    for isLog in [false, true] {
      let y = GuardedFloats(rows * row), kernel = isLog ? isa.table.softmax.logRows : isa.table.softmax.rows
      kernel(rows, count, x.floats, row, y.p, row)
      for r in 0..<rows {
        check(Array(y.values[r * row..<r * row + count]), Array(x.values[r * row..<r * row + count]), log: isLog, "row \(r)")
        for i in count..<row { #expect(y.isUntouched(r * row + i)) }
      }
      #expect(y.marginIsIntact)
      let inPlace = GuardedFloats(x.values)
      kernel(rows, count, inPlace.floats, row, inPlace.p, row)
      for r in 0..<rows { for i in 0..<count { #expect(inPlace[r * row + i] == y[r * row + i]) } }
    }
  }

  @Test(arguments: ISA.available, [1, 3, 4, 8, 9, 16, 17, 40])
  func alongAnotherAxis(isa: ISA, columns: Int) {
    var random = SplitMix64(seed: UInt64(columns))
    for count in [1, 2, 13] {
      let step = columns + 1, x = numbers(count * step, &random)
      for isLog in [false, true] {
        let y = GuardedFloats(count * step)
        (isLog ? isa.table.softmax.logColumns : isa.table.softmax.columns)(count, columns, x.floats, step, y.p, step)
        for c in 0..<columns { check((0..<count).map { y[$0 * step + c] }, (0..<count).map { x[$0 * step + c] }, log: isLog, "column \(c)") }
        for i in 0..<count { #expect(y.isUntouched(i * step + columns)) }
        #expect(y.marginIsIntact)
      }
    }
  }

  @Test(arguments: ISA.available, [(8, 1), (8, 3), (8, 4), (8, 8), (16, 1), (16, 4), (16, 13), (16, 16), (16, 17), (16, 40)])
  func overChannels(isa: ISA, shape: (width: Int, channels: Int)) {
    var random = SplitMix64(seed: 9)
    let (width, channels) = shape, count = 5, blocks = (channels + width - 1) / width, block = count * width + 7
    let x = GuardedFloats(blocks * block)
    func at(_ v: Int, _ c: Int) -> Int { c / width * block + v * width + c % width }
    for v in 0..<count { for c in 0..<channels { x[at(v, c)] = random.float(8) } }
    for isLog in [false, true] {
      let y = GuardedFloats(blocks * block)
      (isLog ? isa.table.softmax.logVoxels : isa.table.softmax.voxels)(width, channels, count, x.floats, block, y.p, block)
      for v in 0..<count { check((0..<channels).map { y[at(v, $0)] }, (0..<channels).map { x[at(v, $0)] }, log: isLog, "voxel \(v)") }
      for b in 0..<blocks { for i in count * width..<block { #expect(y.isUntouched(b * block + i)) } }
      #expect(y.marginIsIntact)
    }
  }

  @Test(arguments: ISA.available)
  func specialNumbers(isa: ISA) {
    for (x, isNaN) in [
      ([1, .nan, 2], true), ([.infinity, 1, 2], true), ([-.infinity, -.infinity, -.infinity], true), ([-.infinity, 0, 0], false),
    ] as [([Float], Bool)] {
      let y = GuardedFloats(3)
      isa.table.softmax.rows(1, 3, x, 3, y.p, 3)
      #expect(isNaN ? y.values.allSatisfy(\.isNaN) : y.values == [0, 0.5, 0.5], "\(x)")
    }
  }
}
