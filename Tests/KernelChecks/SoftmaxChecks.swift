import CLibm
import KernelTable
import TestSupport

/// Relative errors of exp, sum, division: 1e-6 with room; of a logarithm, rounding of numbers up to 100.
private func compare(_ got: [Float], _ x: [Float], log isLog: Bool, _ place: String, _ report: Report) {
  var largest = -Double.infinity, sum = 0.0
  for value in x { largest = max(largest, Double(value)) }
  for value in x { sum += clibm_exp(Double(value) - largest) }
  for i in 0..<x.count {
    let relative = Double(x[i]) - largest, want = isLog ? relative - clibm_log(sum) : clibm_exp(relative) / sum
    report.expect(got[i], want, within: isLog ? 2e-5 : 1e-6 * abs(want) + 1e-38, place + ", number \(i)")
  }
}

private func numbers(_ count: Int, _ random: inout SplitMix64) -> GuardedFloats {
  GuardedFloats(count) { $0 % 11 == 5 ? -100 : random.float(8) }
}

private func checkRows(_ count: Int, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(count))
  let rows = 3, row = count + 2, x = numbers(rows * row, &random)
  for isLog in [false, true] {
    let y = GuardedFloats(rows * row), kernel = isLog ? kernels.softmax.logRows : kernels.softmax.rows
    kernel(rows, count, x.floats, row, y.p, row)
    for r in 0..<rows {
      compare((0..<count).map { y[r * row + $0] }, (0..<count).map { x[r * row + $0] }, log: isLog, "row \(r)", report)
      for i in count..<row { report.expect(y.isUntouched(r * row + i), "row \(r): wrote beyond its end") }
    }
    report.expectIntact(y)
    let inPlace = GuardedFloats(x.values)
    kernel(rows, count, inPlace.floats, row, inPlace.p, row)
    for r in 0..<rows { for i in 0..<count { report.expect(inPlace[r * row + i], equals: y[r * row + i], "in place: row \(r), number \(i)") } }
  }
}

private func checkColumns(_ columns: Int, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: UInt64(columns))
  for count in [1, 2, 13] {
    let step = columns + 1, x = numbers(count * step, &random)
    for isLog in [false, true] {
      let y = GuardedFloats(count * step)
      (isLog ? kernels.softmax.logColumns : kernels.softmax.columns)(count, columns, x.floats, step, y.p, step)
      for c in 0..<columns {
        compare((0..<count).map { y[$0 * step + c] }, (0..<count).map { x[$0 * step + c] }, log: isLog, "column \(c) of \(count)", report)
      }
      for i in 0..<count { report.expect(y.isUntouched(i * step + columns), "wrote beyond the columns") }
      report.expectIntact(y)
    }
  }
}

private func checkVoxels(_ width: Int, _ channels: Int, _ kernels: KernelTable, _ report: Report) {
  var random = SplitMix64(seed: 9)
  let count = 5, blocks = (channels + width - 1) / width, block = count * width + 7, x = GuardedFloats(blocks * block)
  func at(_ v: Int, _ c: Int) -> Int { c / width * block + v * width + c % width }
  for v in 0..<count { for c in 0..<channels { x[at(v, c)] = random.float(8) } }
  for isLog in [false, true] {
    let y = GuardedFloats(blocks * block)
    (isLog ? kernels.softmax.logVoxels : kernels.softmax.voxels)(width, channels, count, x.floats, block, y.p, block)
    for v in 0..<count { compare((0..<channels).map { y[at(v, $0)] }, (0..<channels).map { x[at(v, $0)] }, log: isLog, "voxel \(v)", report) }
    for b in 0..<blocks { for i in count * width..<block { report.expect(y.isUntouched(b * block + i), "wrote beyond the voxels") } }
    report.expectIntact(y)
  }
}

private func checkSpecialNumbers(_ kernels: KernelTable, _ report: Report) {
  let cases: [([Float], Bool)] = [
    ([1, .nan, 2], true), ([.infinity, 1, 2], true), ([-.infinity, -.infinity, -.infinity], true), ([-.infinity, 0, 0], false),
  ]
  for (numbers, isNaN) in cases {
    let x = GuardedFloats(numbers), y = GuardedFloats(3)
    kernels.softmax.rows(1, 3, x.floats, 3, y.p, 3)
    let want: [Float] = isNaN ? [.nan, .nan, .nan] : [0, 0.5, 0.5]
    for i in 0..<3 { report.expect(y[i], equals: want[i], "number \(i) of \(numbers[0]), \(numbers[1]), \(numbers[2])") }
  }
}

extension KernelFamily {
  public static let softmax = KernelFamily(
    "softmax",
    [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 343].map { count in KernelCheck("along rows of \(count)") { checkRows(count, $0, $1) } }
      + [1, 3, 4, 8, 9, 16, 17, 40].map { columns in KernelCheck("along \(columns) columns") { checkColumns(columns, $0, $1) } }
      + [(8, 1), (8, 3), (8, 4), (8, 8), (16, 1), (16, 4), (16, 13), (16, 16), (16, 17), (16, 40)].map { width, channels in
        KernelCheck("over \(channels) channels in blocks of \(width)") { checkVoxels(width, channels, $0, $1) }
      } + [KernelCheck("of special numbers", checkSpecialNumbers)])
}
