import KernelTable
import TestSupport

/// Transposes to blocks and back.
private func checkBlock(_ width: Int, _ channels: Int, _ kernels: KernelTable, _ report: Report) {
  for count in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33] {
    report.place = "\(count) voxels"
    let row = count + 3, plain = GuardedFloats(channels * row), blocked = GuardedFloats(count * width), back = GuardedFloats(channels * row)
    for c in 0..<channels { for v in 0..<count { plain[c * row + v] = Float(c * 1000 + v) } }
    kernels.layout.block(width, channels, count, plain.floats, row, blocked.p)
    for v in 0..<count {
      for c in 0..<width {
        report.expect(blocked[v * width + c], equals: c < channels ? Float(c * 1000 + v) : 0, "voxel \(v), lane \(c)")
        if c >= channels { blocked[v * width + c] = .nan }
      }
    }
    kernels.layout.unblock(width, channels, count, blocked.floats, back.p, row)
    report.expect(back.bits == plain.bits, "there and back: other bits")
    report.expectIntact(blocked)
    report.expectIntact(back)
  }
}

/// Rows of a result of 2 MiB: whole lines at aligned places go another way than the rest.
private func checkLargeUnblock(_ width: Int, _ channels: Int, _ kernels: KernelTable, _ report: Report) {
  let row = ((2 << 20) / 4 / channels + 16) / 16 * 16, plain = GuardedFloats(channels * row)
  for (first, count) in [(0, 15), (16, 16), (32, 40), (80, 33), (121, 40), (row - 32, 32)] {
    report.place = "\(count) voxels from \(first)"
    let blocked = GuardedFloats(count * width) { Float($0 % width * 1000 + $0 / width) }
    kernels.layout.unblock(width, channels, count, blocked.floats, plain.p + first, row)
    for c in 0..<channels { for v in 0..<count { report.expect(plain[c * row + first + v], equals: Float(c * 1000 + v), "voxel \(v), channel \(c)") } }
  }
  for c in 0..<channels { for v in [161, 200, row - 33] { report.expect(plain.isUntouched(c * row + v), "voxel \(v), channel \(c) is touched") } }
  report.expectIntact(plain)
}

private func checkCopyLanes(_ lanes: Int, _ kernels: KernelTable, _ report: Report) {
  for (xStep, yStep) in [(8, 8), (8, 16), (16, 8), (16, 16)] where lanes <= min(xStep, yStep) {
    for count in [1, 2, 7] {
      let from = xStep - lanes, to = (yStep - lanes) / 2, x = GuardedFloats(count * xStep) { Float($0) }, y = GuardedFloats(count * yStep)
      kernels.layout.copyLanes(lanes, count, x.floats + from, xStep, y.p + to, yStep)
      for v in 0..<count {
        for c in 0..<yStep {
          let i = v * yStep + c, isMoved = (to..<to + lanes).contains(c)
          report.expect(isMoved ? y[i] == Float(v * xStep + from + c - to) : y.isUntouched(i), "steps \(xStep), \(yStep): voxel \(v), lane \(c)")
        }
      }
      report.expectIntact(y)
    }
  }
}

private func checkFillRows(_ width: Int, _ kernels: KernelTable, _ report: Report) {
  let row = 4 * width, value = GuardedFloats(width) { Float($0) }
  for given in [true, false] {
    let y = GuardedFloats(3 * row)
    kernels.layout.fillRows(width, 3, 3, given ? value.floats : nil, y.p, row)
    for i in 0..<3 * row { report.expect(i % row < 3 * width ? y[i] == (given ? Float(i % width) : 0) : y.isUntouched(i), "float \(i)") }
    report.expectIntact(y)
  }
}

/// Planes in two calls, as two tasks would.
private func checkFillBorder(_ width: Int, _ kernels: KernelTable, _ report: Report) {
  let before = BorderedBox.Margins(z: 1, y: 2, x: 1), after = BorderedBox.Margins(z: 2, y: 0, x: 3), row = (1 + 4 + 3) * width, plane = (2 + 3) * row
  let box = BorderedBox(depth: 2, height: 3, count: 4, before: before, after: after, plane: plane, row: row)
  let value = GuardedFloats(width) { Float($0) + 1 }, y = GuardedFloats(5 * plane), first = plane + 2 * row + width
  kernels.layout.fillBorder(width, box, -1, 2, value.floats, y.p + first)
  kernels.layout.fillBorder(width, box, 1, 3, value.floats, y.p + first)
  for i in 0..<5 * plane {
    let z = i / plane - 1, yy = i % plane / row - 2, x = i % row / width - 1
    let isInside = (0..<2).contains(z) && (0..<3).contains(yy) && (0..<4).contains(x)
    report.expect(isInside ? y.isUntouched(i) : y[i] == Float(i % width + 1), "voxel \(z), \(yy), \(x)")
  }
  report.expectIntact(y)
}

/// Strides of x and y: copy, transposition, reversal, repetition, anything.
private func checkCopyMatrix(_ rows: Int, _ columns: Int, _ kernels: KernelTable, _ report: Report) {
  let x = GuardedFloats(rows * columns) { Float($0) }, last = columns - 1
  for (xRow, xColumn, start) in [(columns, 1, 0), (1, rows, 0), (columns, -1, last), (0, 1, 0), (1, 0, 0)] {
    for (yRow, yColumn) in [(columns, 1), (1, rows)] {
      report.place = "strides \(xRow), \(xColumn) to \(yRow), \(yColumn)"
      let y = GuardedFloats(rows * columns)
      kernels.layout.copyMatrix(rows, columns, x.floats + start, xRow, xColumn, y.p, yRow, yColumn)
      for r in 0..<rows {
        for c in 0..<columns { report.expect(y[r * yRow + c * yColumn], equals: Float(start + r * xRow + c * xColumn), "row \(r), column \(c)") }
      }
      report.expectIntact(y)
    }
  }
}

private func checkGatherRows(_ kernels: KernelTable, _ report: Report) {
  let x = GuardedFloats(200) { Float($0) }, y = GuardedFloats(5 * 24), rows = [4, 0, -1, 0, 2]
  kernels.layout.gatherRows(5, 23, rows, x.floats, 40, y.p, 24)
  for i in 0..<5 {
    for c in 0..<24 {
      report.expect(c < 23 ? y[i * 24 + c] == (rows[i] < 0 ? 0 : Float(rows[i] * 40 + c)) : y.isUntouched(i * 24 + c), "row \(i), column \(c)")
    }
  }
}

extension KernelFamily {
  public static let layout = KernelFamily(
    "layout",
    [(8, 1), (8, 3), (8, 4), (8, 8), (16, 1), (16, 3), (16, 4), (16, 8), (16, 13), (16, 16)].map { width, channels in
      KernelCheck("\(channels) channels to blocks of \(width) and back") { checkBlock(width, channels, $0, $1) }
    } + [(8, 1), (8, 5), (8, 8), (16, 9), (16, 16)].map { width, channels in
      KernelCheck("\(channels) channels of blocks of \(width) to large planes") { checkLargeUnblock(width, channels, $0, $1) }
    } + (1...16).map { lanes in KernelCheck("copy of \(lanes) lanes") { checkCopyLanes(lanes, $0, $1) } }
      + [8, 16].flatMap { width in
        [
          KernelCheck("rows filled in blocks of \(width)") { checkFillRows(width, $0, $1) },
          KernelCheck("border filled in blocks of \(width)") { checkFillBorder(width, $0, $1) },
        ]
      }
      + [(1, 1), (3, 5), (4, 4), (8, 9), (16, 16), (17, 33), (40, 7), (1, 50), (50, 1)].map { rows, columns in
        KernelCheck("matrix of \(rows) rows and \(columns) columns copied") { checkCopyMatrix(rows, columns, $0, $1) }
      } + [KernelCheck("rows gathered", checkGatherRows)])
}
