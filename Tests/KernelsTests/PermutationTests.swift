import KernelChecks
import Kernels
import Testing

@Suite("Permutation")
struct PermutationTests {
  static let permutations: [([Int], [Int])] = [
    ([7], [0]), ([], []), ([3, 5], [0, 1]), ([3, 5], [1, 0]), ([33, 40], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [1, 2, 0]),
    ([2, 3, 4], [0, 2, 1]),
    ([1, 5, 1, 7], [3, 2, 1, 0]), ([2, 3, 4, 5, 6], [0, 2, 1, 3, 4]), ([2, 3, 4, 5, 6], [4, 3, 2, 1, 0]),
    ([2, 2, 3, 2, 2, 3, 2, 3], [0, 3, 1, 4, 2, 6, 5, 7]),
    ([2, 2, 3, 2, 2, 3, 2, 3], [7, 0, 6, 1, 5, 2, 4, 3]), ([1, 1], [1, 0]), ([0, 3], [1, 0]), ([3, 0, 2], [2, 0, 1]), ([300, 200], [1, 0]),
  ]

  @Test(arguments: ISA.available, permutations)
  func permutes(isa: ISA, test: (shape: [Int], order: [Int])) {
    let count = test.shape.reduce(1, *), x = GuardedFloats(count) { Float($0) }, y = GuardedFloats(count)
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
