import Kernels
import TestSupport
import Testing

@Suite("block and unblock")
struct BlockTests {
  static let shapes = [8, 16].flatMap { width in
    [1, 3, 4, 8, 13, 16].filter { $0 <= width }.flatMap { channels in [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33].map { (width, channels, $0) } }
  }

  @Test(arguments: ISA.available)
  func transposeAndBack(isa: ISA) {
    for (width, channels, count) in Self.shapes {
      let row = count + 3, plain = GuardedFloats(channels * row), blocked = GuardedFloats(count * width), back = GuardedFloats(channels * row)
      for c in 0..<channels { for v in 0..<count { plain[c * row + v] = Float(c * 1000 + v) } }
      isa.table.layout.block(width, channels, count, plain.floats, row, blocked.p)
      for v in 0..<count {
        for c in 0..<width {
          #expect(blocked[v * width + c] == (c < channels ? Float(c * 1000 + v) : 0), "\(width), \(channels), \(count): voxel \(v), lane \(c)")
          if c >= channels { blocked[v * width + c] = .nan }
        }
      }
      isa.table.layout.unblock(width, channels, count, blocked.floats, back.p, row)
      #expect(back.bits == plain.bits, "\(width), \(channels), \(count)")
      #expect(blocked.marginIsIntact && back.marginIsIntact)
    }
  }
}

@Suite("copyLanes")
struct CopyLanesTests {
  @Test(arguments: ISA.available, 1...16)
  func movesTheseLanesOnly(isa: ISA, lanes: Int) {
    for (xStep, yStep) in [(8, 8), (8, 16), (16, 8), (16, 16)] where lanes <= min(xStep, yStep) {
      for count in [1, 2, 7] {
        let from = xStep - lanes, to = (yStep - lanes) / 2
        let x = GuardedFloats((0..<count * xStep).map(Float.init)), y = GuardedFloats(count * yStep)
        isa.table.layout.copyLanes(lanes, count, x.floats + from, xStep, y.p + to, yStep)
        for v in 0..<count {
          for c in 0..<yStep {
            let i = v * yStep + c
            #expect((to..<to + lanes).contains(c) ? y[i] == Float(v * xStep + from + c - to) : y.isUntouched(i))
          }
        }
        #expect(y.marginIsIntact)
      }
    }
  }
}

@Suite("fillRows and fillBorder")
struct FillTests {
  @Test(arguments: ISA.available, [8, 16])
  func fillsRows(isa: ISA, width: Int) {
    let row = 4 * width, value = GuardedFloats((0..<width).map(Float.init))
    for given in [true, false] {
      let y = GuardedFloats(3 * row)
      isa.table.layout.fillRows(width, 3, 3, given ? value.floats : nil, y.p, row)
      for i in 0..<3 * row { #expect(i % row < 3 * width ? y[i] == (given ? Float(i % width) : 0) : y.isUntouched(i)) }
      #expect(y.marginIsIntact)
    }
  }

  @Test(arguments: ISA.available, [8, 16])
  func fillsTheBorderOnly(isa: ISA, width: Int) {
    let before = BorderedBox.Margins(z: 1, y: 2, x: 1), after = BorderedBox.Margins(z: 2, y: 0, x: 3), row = (1 + 4 + 3) * width,
      plane = (2 + 3) * row
    let box = BorderedBox(depth: 2, height: 3, count: 4, before: before, after: after, plane: plane, row: row)
    let value = GuardedFloats((0..<width).map { Float($0) + 1 }), y = GuardedFloats(5 * plane), first = plane + 2 * row + width
    // Planes in two calls, as two tasks would.
    isa.table.layout.fillBorder(width, box, -1, 2, value.floats, y.p + first)
    isa.table.layout.fillBorder(width, box, 1, 3, value.floats, y.p + first)
    for i in 0..<5 * plane {
      let z = i / plane - 1, yy = i % plane / row - 2, x = i % row / width - 1
      let inside = (0..<2).contains(z) && (0..<3).contains(yy) && (0..<4).contains(x)
      #expect(inside ? y.isUntouched(i) : y[i] == Float(i % width + 1), "\(z), \(yy), \(x)")
    }
    #expect(y.marginIsIntact)
  }
}

@Suite("copyMatrix, gatherRows, Permutation")
struct PlainLayoutTests {
  /// Strides of x and y: copy, transposition, reversal, repetition, anything.
  @Test(arguments: ISA.available)
  func copiesMatrices(isa: ISA) {
    for (rows, columns) in [(1, 1), (3, 5), (4, 4), (8, 9), (16, 16), (17, 33), (40, 7), (1, 50), (50, 1)] {
      let x = GuardedFloats((0..<rows * columns).map(Float.init))
      let last = columns - 1
      for (xRow, xColumn, start) in [(columns, 1, 0), (1, rows, 0), (columns, -1, last), (0, 1, 0), (1, 0, 0)] {
        for (yRow, yColumn) in [(columns, 1), (1, rows)] {
          let y = GuardedFloats(rows * columns)
          isa.table.layout.copyMatrix(rows, columns, x.floats + start, xRow, xColumn, y.p, yRow, yColumn)
          let isRight = (0..<rows).allSatisfy { r in
            (0..<columns).allSatisfy { c in y[r * yRow + c * yColumn] == Float(start + r * xRow + c * xColumn) }
          }
          #expect(isRight && y.marginIsIntact, "\(rows) x \(columns), strides \(xRow), \(xColumn) to \(yRow), \(yColumn)")
        }
      }
    }
  }

  @Test(arguments: ISA.available)
  func gathersRows(isa: ISA) {
    let x = GuardedFloats((0..<200).map(Float.init)), y = GuardedFloats(5 * 24), rows = [4, 0, -1, 0, 2]
    isa.table.layout.gatherRows(5, 23, rows, x.floats, 40, y.p, 24)
    for (i, row) in rows.enumerated() {
      for c in 0..<24 { #expect(c < 23 ? y[i * 24 + c] == (row < 0 ? 0 : Float(row * 40 + c)) : y.isUntouched(i * 24 + c)) }
    }
  }

  static let permutations: [([Int], [Int])] = [
    ([7], [0]), ([], []), ([3, 5], [0, 1]), ([3, 5], [1, 0]), ([33, 40], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [1, 2, 0]),
    ([2, 3, 4], [0, 2, 1]),
    ([1, 5, 1, 7], [3, 2, 1, 0]), ([2, 3, 4, 5, 6], [0, 2, 1, 3, 4]), ([2, 3, 4, 5, 6], [4, 3, 2, 1, 0]),
    ([2, 2, 3, 2, 2, 3, 2, 3], [0, 3, 1, 4, 2, 6, 5, 7]),
    ([2, 2, 3, 2, 2, 3, 2, 3], [7, 0, 6, 1, 5, 2, 4, 3]), ([1, 1], [1, 0]), ([0, 3], [1, 0]), ([3, 0, 2], [2, 0, 1]), ([300, 200], [1, 0]),
  ]

  @Test(arguments: ISA.available, permutations)
  func permutes(isa: ISA, test: (shape: [Int], order: [Int])) {
    let count = test.shape.reduce(1, *), x = GuardedFloats((0..<count).map(Float.init)), y = GuardedFloats(count)
    let permutation = Permutation(shape: test.shape, order: test.order)
    for task in (0..<permutation.tasks).reversed() { permutation.run(task, isa.table.layout, x.floats, y.p) }
    var index = [Int](repeating: 0, count: test.shape.count)
    for i in 0..<count {
      // index: position in the result; the source's axis order[k] has index[k].
      var from = 0
      for axis in test.shape.indices { from = from * test.shape[axis] + (test.order.firstIndex(of: axis).map { index[$0] } ?? 0) }
      if y[i] != Float(from) {
        Issue.record("\(test): float \(i) is \(y[i]), not \(from)")
        return
      }
      for k in index.indices.reversed() {
        index[k] += 1
        if index[k] < test.shape[test.order[k]] { break }
        index[k] = 0
      }
    }
    #expect(y.marginIsIntact)
  }
}
